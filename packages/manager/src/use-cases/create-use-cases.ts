// Puts the use cases together over one environment.

import type { Environment } from "../ports.ts";
import { openUsagePorts } from "./accept-usage-report.ts";
import { addPurchase, importLicenses } from "./add-purchase.ts";
import { answerRequest, type DevicePorts } from "./answer-request.ts";
import { createSmartAccount, createVirtualAccount } from "./create-account.ts";
import { createToken } from "./create-token.ts";
import { enrolByFile } from "./enrol-by-file.ts";
import { importUsageFile } from "./import-usage-file.ts";
import { listAccounts } from "./list-accounts.ts";
import { listEvents } from "./list-events.ts";
import { listLicenses, listPurchases } from "./list-licenses.ts";
import { listProductInstances, showProductInstance } from "./list-product-instances.ts";
import { listAcknowledgements, listEvidence, listReports, showAcknowledgement, showReport } from "./list-reports.ts";
import { listTokens } from "./list-tokens.ts";
import { removeProductInstance, transferProductInstance } from "./move-product-instance.ts";
import { revokeToken } from "./revoke-token.ts";
import { getPolicy, setPolicy } from "./set-policy.ts";
import { type LedgerPorts, proveReport, showConsistency, showInclusion, showTreeHead } from "./show-ledger.ts";
import { ObjectSigner } from "./sign-objects.ts";
import type {
  AccountUseCases,
  FileUseCases,
  InstanceUseCases,
  LedgerUseCases,
  LicenseUseCases,
  RecordUseCases,
  UseCases,
} from "./use-cases.ts";

export function createUseCases(environment: Environment): UseCases {
  const { storage, signing } = environment;
  const signer = new ObjectSigner(signing, storage.read.policies);
  const { usageThread } = environment;
  const ports: DevicePorts = {
    ...openUsagePorts(environment, signer),
    environment,
    ...(usageThread === undefined ? {} : { usageThread }),
  };
  return {
    answerRequest: (request, limits) => answerRequest(request, ports, limits),
    reportsWaiting: () => ports.commits.waitingRows + (usageThread?.reportsWaiting ?? 0),
    ...accountUseCases(environment),
    ...licenseUseCases(environment),
    ...instanceUseCases(environment),
    ...fileUseCases(ports),
    ...recordUseCases(environment, signer),
    ...ledgerUseCases({ environment, signer }),
  };
}

function accountUseCases(environment: Environment): AccountUseCases {
  return {
    createSmartAccount: (wish) => createSmartAccount(wish, environment),
    createVirtualAccount: (wish) => createVirtualAccount(wish, environment),
    listAccounts: () => listAccounts(environment.storage),
    createToken: (wish) => createToken(wish, environment),
    listTokens: (query) => listTokens(query, environment),
    revokeToken: (wish) => revokeToken(wish, environment),
  };
}

function licenseUseCases(environment: Environment): LicenseUseCases {
  return {
    addPurchase: (wish) => addPurchase(wish, environment),
    importLicenses: (wish) => importLicenses(wish, environment),
    listLicenses: (query) => listLicenses(query, environment),
    listPurchases: (query) => listPurchases(query, environment),
    setPolicy: (wish) => setPolicy(wish, environment),
    getPolicy: (query) => getPolicy(query, environment),
  };
}

function instanceUseCases(environment: Environment): InstanceUseCases {
  return {
    listProductInstances: (query) => listProductInstances(query, environment),
    showProductInstance: (query) => showProductInstance(query, environment),
    transferProductInstance: (wish) => transferProductInstance(wish, environment),
    removeProductInstance: (wish) => removeProductInstance(wish, environment),
  };
}

function fileUseCases(ports: DevicePorts): FileUseCases {
  return {
    importUsageFile: (wish) => importUsageFile(wish, ports),
    enrolByFile: (wish) => enrolByFile(wish, ports),
  };
}

function recordUseCases(environment: Environment, signer: ObjectSigner): RecordUseCases {
  return {
    listReports: (query) => listReports(query, environment),
    showReport: (query) => showReport(query, environment),
    listEvidence: (query) => listEvidence(query, environment),
    listAcknowledgements: (query) => listAcknowledgements(query, environment),
    showAcknowledgement: (query) => showAcknowledgement(query, environment, signer),
    listEvents: (query) => listEvents(query, environment),
  };
}

function ledgerUseCases(ports: LedgerPorts): LedgerUseCases {
  return {
    showTreeHead: (query) => showTreeHead(query, ports),
    showConsistency: (query) => showConsistency(query, ports),
    showInclusion: (query) => showInclusion(query, ports),
    proveReport: (query) => proveReport(query, ports),
  };
}
