// Fills the database of a stopped manager with product instances that are trusted and have reported once. What is left out is
// only what a database does not show: keys, certificates and signatures are those of a few real devices, repeated. The rows
// are written by the manager's own storage and by its own transaction for reports, so they are the rows that its use cases
// write; reports have a short text in the place of their signed payload. No use for anything but measuring.
// Parameters: database file, number of instances, file with the templates (`TemplateDevice`).

import { readFileSync } from "node:fs";
import {
  openSqliteStorage,
  type ProductInstance,
  recordUsage,
  type SmartAccount,
  type Transaction,
  type UsageMessage,
  type VirtualAccount,
} from "@countersign/manager";
import { sha256Hex } from "@countersign/protocol";
import { entitlementTag, productTag } from "../load/wire-constants.ts";
import { filledIdentity } from "./filled-identity.ts";
import type { TemplateDevice } from "./fleet.ts";

const instancesPerTransaction = 2_000;
const validForMs = 8 * 365 * 86_400_000;
const cause = { kind: "system", reason: "bench fill" } as const;

const [databaseFile = "", countText = "0", templateFile = ""] = process.argv.slice(2);
const count = Number(countText);
const templates = (JSON.parse(readFileSync(templateFile, "utf8")) as readonly TemplateDevice[]).map(decodeTemplate);
const now = Date.now();
const storage = await openSqliteStorage(databaseFile);
const account = (await storage.read.accounts.listSmartAccounts())[0] as SmartAccount;
const { smartAccountId } = account;
const virtualAccount = (await storage.read.accounts.listVirtualAccounts(smartAccountId))[0] as VirtualAccount;

for (let start = 0; start < count; start += instancesPerTransaction) {
  const end = Math.min(count, start + instancesPerTransaction);
  await storage.inTransaction((transaction) => fill(transaction, start, end));
}
await storage.close();
process.stdout.write("{}\n");

type Template = ReturnType<typeof decodeTemplate>;

function decodeTemplate({ publicKey, certificate, tokenId }: TemplateDevice) {
  const key = Buffer.from(publicKey, "base64");
  return { publicKey: key, publicKeySha256: sha256Hex(key), certificate: Buffer.from(certificate, "base64"), tokenId };
}

async function fill(transaction: Transaction, start: number, end: number): Promise<void> {
  const instances: ProductInstance[] = [];
  for (let index = start; index < end; index += 1) instances.push(await addTrusted(transaction, index));
  await transaction.events.addEvents(instances.map(addedEvent));
  const messages = instances.map((instance, at) => firstMessage(instance, start + at));
  await transaction.trust.changeInstanceCount(smartAccountId, virtualAccount.virtualAccountId, end - start);
  await recordUsage(transaction, messages, now);
}

/** Installation, instance, certificate and enrolment. */
async function addTrusted(transaction: Transaction, index: number): Promise<ProductInstance> {
  const instance = await addInstance(transaction, index);
  const { publicKey, publicKeySha256, certificate, tokenId } = templates[index % templates.length] as Template;
  const { instanceId, certificateSerial, udi } = instance;
  await transaction.trust.addCertificate({
    smartAccountId,
    serialNumber: certificateSerial,
    instanceId,
    publicKey,
    publicKeySha256,
    certificate,
    issuedAtMs: now,
    validUntilMs: now + validForMs,
    state: "valid",
  });
  const enrolment = { smartAccountId, tokenId, udi, productTag, publicKeySha256, instanceId, certificateSerial };
  await transaction.trust.putEnrolment(enrolment);
  return instance;
}

function addedEvent({ installationId, productInstanceIdentifier, certificateSerial }: ProductInstance) {
  return {
    smartAccountId,
    atMs: now,
    kind: "device_added",
    virtualAccountId: virtualAccount.virtualAccountId,
    installationId,
    cause,
    before: null,
    after: { productInstanceIdentifier, certificateSerial },
  } as const;
}

async function addInstance(transaction: Transaction, index: number): Promise<ProductInstance> {
  const { sudi, productInstanceIdentifier, installationIdentifier, certificateSerial } = filledIdentity(index);
  const { virtualAccountId } = virtualAccount;
  const installation = await transaction.trust.addInstallation({
    smartAccountId,
    identifier: installationIdentifier,
    virtualAccountId,
    nextSequence: 0,
    policyVersionSent: 0,
    policyVersionFloor: 0,
    trustEpoch: 1,
    reportIdMin: null,
    reportIdMax: null,
    firstTrustAtMs: now,
    lastContactAtMs: null,
  });
  return transaction.trust.addInstance({
    smartAccountId,
    productInstanceIdentifier,
    udi: { pid: sudi.udi_pid, serialNumber: sudi.udi_serial_number },
    productTag,
    installationId: installation.installationId,
    virtualAccountId,
    role: "Active",
    trustId: 1,
    hostname: "bench",
    softwareVersion: "17.12.1",
    exportControlAllowed: false,
    certificateSerial,
    trustedSinceMs: now,
    removedAtMs: null,
    lastListedAtMs: null,
  });
}

/** Report 1; the load goes on with 2. */
function firstMessage(instance: ProductInstance, index: number): UsageMessage {
  const payload = `bench fill ${index}`;
  const report = {
    outcome: "sound",
    reportId: 1,
    payloadSha256: sha256Hex(payload),
    payload,
    signature: "{}",
    tag: entitlementTag,
    count: 1,
    startsAtSeconds: Math.floor(now / 1000) - 330 * 86_400,
    endsAtSeconds: Math.floor(now / 1000) - 329 * 86_400,
    measurements: 1,
    isVerified: true,
    mergedIds: [],
  } as const;
  return { instance, trustEpoch: 1, reports: [report], receivedAtMs: now, cause };
}
