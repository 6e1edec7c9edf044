// Puts the use cases together over one environment.

import { type Access, fullAccess, isUnlimited } from "../accounts/access.ts";
import type { Environment } from "../ports.ts";
import { acceptSync } from "./accept-sync.ts";
import { openUsagePorts } from "./accept-usage-report.ts";
import { addPurchase, importLicenses } from "./add-purchase.ts";
import { type Administration, openAdministration } from "./administer.ts";
import {
  type AuthorizationPorts,
  generateAuthorization,
  importAuthorizationRequest,
  listAuthorizations,
  returnAuthorization,
  withdrawAuthorization,
} from "./administer-authorizations.ts";
import {
  allowConversion,
  listConversions,
  setConversion,
  showConversion,
  showConversionSetting,
} from "./administer-conversions.ts";
import {
  addOperator,
  findOperator,
  grantAccess,
  listOperators,
  removeOperator,
  revokeAccess,
  takeOverOperators,
} from "./administer-operators.ts";
import { establishPremises, setAdmission, showPremises } from "./administer-premises.ts";
import { answerLargeUsage, answerRequest, type DevicePorts } from "./answer-request.ts";
import { createSmartAccount, createVirtualAccount } from "./create-account.ts";
import { createToken } from "./create-token.ts";
import {
  addSubstitution,
  declareSubstitutions,
  listSubstitutions,
  removeSubstitution,
} from "./declare-substitutions.ts";
import { enrolByFile } from "./enrol-by-file.ts";
import { handleAlert } from "./handle-alert.ts";
import { importUsageFile } from "./import-usage-file.ts";
import { keepClassic } from "./keep-classic.ts";
import { listAccounts } from "./list-accounts.ts";
import { listAlerts } from "./list-alerts.ts";
import { listAuditEntries, showAuditEntry } from "./list-audit-entries.ts";
import { listEvents } from "./list-events.ts";
import { listLicenses, listLicenseUsers, listPurchases } from "./list-licenses.ts";
import { listProductInstances, showProductInstance } from "./list-product-instances.ts";
import { listAcknowledgements, listEvidence, listReports, showAcknowledgement, showReport } from "./list-reports.ts";
import { listTokens } from "./list-tokens.ts";
import { addLowerManager, listLowerManagers, registerLowerManager, removeLowerManager } from "./lower-managers.ts";
import { removeProductInstance, transferProductInstance } from "./move-product-instance.ts";
import { noteStandings } from "./note-standings.ts";
import { purgeReportBodies, weighOldReportBodies } from "./purge-report-bodies.ts";
import { revokeToken } from "./revoke-token.ts";
import { searchAccount } from "./search-account.ts";
import { getPolicy, setPolicy } from "./set-policy.ts";
import {
  type LedgerPorts,
  proveAct,
  proveReport,
  showConsistency,
  showInclusion,
  showTreeHead,
} from "./show-ledger.ts";
import { showLicenseHistory } from "./show-license-history.ts";
import { signInUseCases } from "./sign-in.ts";
import { ObjectSigner } from "./sign-objects.ts";
import {
  listLicenseTransfers,
  previewLicenseTransfer,
  transferLicenses,
  undoLicenseTransfer,
} from "./transfer-licenses.ts";
import {
  connectUpstream,
  exportSync,
  importSync,
  requestRegistration,
  showUpstream,
  syncUpstream,
  type UpstreamPorts,
} from "./upstream-sync.ts";
import type {
  AccountUseCases,
  AdministrationUseCases,
  AlertUseCases,
  AuthorizationUseCases,
  ConversionUseCases,
  FileUseCases,
  FloorUseCases,
  InstanceUseCases,
  LedgerUseCases,
  LicenseUseCases,
  OperatorUseCases,
  PremisesUseCases,
  RecordUseCases,
  UseCases,
} from "./use-cases.ts";

export function createUseCases(environment: Environment): UseCases {
  const { storage, signing } = environment;
  const signer = new ObjectSigner(signing, storage.read.policies);
  const { usageThread } = environment;
  const ports: DevicePorts = {
    ...openUsagePorts(environment),
    environment,
    signer,
    ...(usageThread === undefined ? {} : { usageThread }),
  };
  const all = administrationUseCases(fullAccess, ports, signer);
  return {
    answerRequest: (request, limits) => answerRequest(request, ports, limits),
    answerLargeUsage: (body, limits) => answerLargeUsage(body, ports, limits),
    keepClassic: (signal) => keepClassic(environment, signal),
    noteStandings: (signal) => noteStandings(environment, signal),
    reportsWaiting: () => ports.commits.waitingRows + (usageThread?.reportsWaiting ?? 0),
    ...all,
    floorDoor: {
      register: (bytes) => registerLowerManager(bytes, environment),
      sync: (bytes) => acceptSync(bytes, ports),
    },
    signIns: signInUseCases({ ...environment, findOperator: all.findOperator }),
    administrationWith: (access) => (isUnlimited(access) ? all : administrationUseCases(access, ports, signer)),
  };
}

function administrationUseCases(access: Access, ports: DevicePorts, signer: ObjectSigner): AdministrationUseCases {
  const administration = openAdministration(ports.environment, access);
  const { clock, issuer } = ports.environment;
  return {
    ...accountUseCases(administration),
    ...licenseUseCases(administration),
    ...instanceUseCases(administration),
    ...fileUseCases({ ...ports, administration }),
    ...authorizationUseCases({ administration, signer }),
    ...conversionUseCases(administration),
    ...recordUseCases(administration, signer),
    ...alertUseCases(administration),
    ...premisesUseCases(administration),
    ...floorUseCases({ environment: ports.environment, administration }),
    ...operatorUseCases(administration),
    ...ledgerUseCases({ access, clock, issuer, signer, read: administration.storage.read }),
  };
}

function accountUseCases(administration: Administration): AccountUseCases {
  return {
    createSmartAccount: (wish) => createSmartAccount(wish, administration),
    createVirtualAccount: (wish) => createVirtualAccount(wish, administration),
    listAccounts: () => listAccounts(administration.storage),
    createToken: (wish) => createToken(wish, administration),
    listTokens: (query) => listTokens(query, administration),
    revokeToken: (wish) => revokeToken(wish, administration),
  };
}

function licenseUseCases(administration: Administration): LicenseUseCases {
  return {
    addPurchase: (wish) => addPurchase(wish, administration),
    importLicenses: (wish) => importLicenses(wish, administration),
    listLicenses: (query) => listLicenses(query, administration),
    listPurchases: (query) => listPurchases(query, administration),
    listLicenseUsers: (query) => listLicenseUsers(query, administration),
    showLicenseHistory: (query) => showLicenseHistory(query, administration),
    previewLicenseTransfer: (wish) => previewLicenseTransfer(wish, administration),
    transferLicenses: (wish) => transferLicenses(wish, administration),
    undoLicenseTransfer: (wish) => undoLicenseTransfer(wish, administration),
    listLicenseTransfers: (query) => listLicenseTransfers(query, administration),
    listSubstitutions: (query) => listSubstitutions(query, administration),
    declareSubstitutions: (wish) => declareSubstitutions(wish, administration),
    addSubstitution: (wish) => addSubstitution(wish, administration),
    removeSubstitution: (wish) => removeSubstitution(wish, administration),
    setPolicy: (wish) => setPolicy(wish, administration),
    getPolicy: (query) => getPolicy(query, administration),
  };
}

function instanceUseCases(administration: Administration): InstanceUseCases {
  return {
    searchAccount: (wish) => searchAccount(wish, administration),
    listProductInstances: (query) => listProductInstances(query, administration),
    showProductInstance: (query) => showProductInstance(query, administration),
    transferProductInstance: (wish) => transferProductInstance(wish, administration),
    removeProductInstance: (wish) => removeProductInstance(wish, administration),
  };
}

function authorizationUseCases(ports: AuthorizationPorts): AuthorizationUseCases {
  return {
    listAuthorizations: (query) => listAuthorizations(query, ports.administration),
    generateAuthorization: (wish) => generateAuthorization(wish, ports),
    returnAuthorization: (wish) => returnAuthorization(wish, ports),
    withdrawAuthorization: (wish) => withdrawAuthorization(wish, ports),
    importAuthorizationRequest: (wish) => importAuthorizationRequest(wish, ports),
  };
}

function conversionUseCases(administration: Administration): ConversionUseCases {
  return {
    listConversions: (query) => listConversions(query, administration),
    showConversion: (query) => showConversion(query, administration),
    allowConversion: (wish) => allowConversion(wish, administration),
    showConversionSetting: (query) => showConversionSetting(query, administration),
    setConversion: (wish) => setConversion(wish, administration),
  };
}

function fileUseCases(ports: DevicePorts & { readonly administration: Administration }): FileUseCases {
  return {
    importUsageFile: (wish) => importUsageFile(wish, ports),
    enrolByFile: (wish) => enrolByFile(wish, ports),
  };
}

function recordUseCases(administration: Administration, signer: ObjectSigner): RecordUseCases {
  return {
    listReports: (query) => listReports(query, administration),
    showReport: (query) => showReport(query, administration),
    listEvidence: (query) => listEvidence(query, administration),
    listAcknowledgements: (query) => listAcknowledgements(query, administration),
    showAcknowledgement: (query) => showAcknowledgement(query, administration, signer),
    listAuditEntries: (query) => listAuditEntries(query, administration),
    showAuditEntry: (query) => showAuditEntry(query, administration),
    purgeReportBodies: (wish) => purgeReportBodies(wish, administration),
    weighOldReportBodies: (query) => weighOldReportBodies(query, administration),
    listEvents: (query) => listEvents(query, administration),
  };
}

function alertUseCases(administration: Administration): AlertUseCases {
  return {
    listAlerts: (query) => listAlerts(query, administration),
    handleAlert: (wish) => handleAlert(wish, administration),
  };
}

function premisesUseCases(administration: Administration): PremisesUseCases {
  return {
    establishPremises: (wish) => establishPremises(wish, administration),
    setAdmission: (wish) => setAdmission(wish, administration),
    showPremises: (query) => showPremises(query, administration),
  };
}

function floorUseCases(ports: UpstreamPorts): FloorUseCases {
  const { administration } = ports;
  return {
    addLowerManager: (wish) => addLowerManager(wish, administration),
    listLowerManagers: (query) => listLowerManagers(query, administration),
    removeLowerManager: (wish) => removeLowerManager(wish, administration),
    connectUpstream: (wish) => connectUpstream(wish, ports),
    syncUpstream: (wish) => syncUpstream(wish, ports),
    requestRegistration: (query) => requestRegistration(query, ports),
    exportSync: (query) => exportSync(query, ports),
    importSync: (wish) => importSync(wish, ports),
    showUpstream: (query) => showUpstream(query, administration),
  };
}

function operatorUseCases(administration: Administration): OperatorUseCases {
  return {
    listOperators: () => listOperators(administration),
    addOperator: (wish) => addOperator(wish, administration),
    grantAccess: (wish) => grantAccess(wish, administration),
    revokeAccess: (wish) => revokeAccess(wish, administration),
    removeOperator: (wish) => removeOperator(wish, administration),
    findOperator: (bearer) => findOperator(bearer, administration),
    takeOverOperators: (wish) => takeOverOperators(wish, administration),
  };
}

function ledgerUseCases(ports: LedgerPorts): LedgerUseCases {
  return {
    showTreeHead: (query) => showTreeHead(query, ports),
    showConsistency: (query) => showConsistency(query, ports),
    showInclusion: (query) => showInclusion(query, ports),
    proveReport: (query) => proveReport(query, ports),
    proveAct: (query) => proveAct(query, ports),
  };
}
