// A document from a manager on premises: its devices become known here with the certificates that it gave them, and its reports
// go the way of every report, by their own signatures, through the same queue and the same transaction. So what was sent before,
// by whatever way, is known and counted once; and nothing is acknowledged that is not durable here.

import { X509Certificate } from "node:crypto";
import {
  assert,
  decodeBase64,
  encodeCertificate,
  formatUdi,
  type ManagerObject,
  namesDevice,
  ProtocolError,
  purchasesPerSyncMax,
  reportHash,
  type SignedReport,
  type SyncAnswer,
  type SyncedInstallation,
  type SyncedMember,
  type SyncRequest,
  serialNumberOf,
  sha256Hex,
  signSyncAnswer,
  syncDocumentHash,
  udiOf,
  verifyChain,
  verifySyncRequest,
} from "@countersign/protocol";
import { DeviceRefusal, FloorRefusal } from "../errors.ts";
import type { Cause } from "../events/event.ts";
import type { Environment } from "../ports.ts";
import type { LowerManager } from "../premises/lower-manager.ts";
import type { Transaction } from "../storage-ports.ts";
import type { CertificateState, DeviceCertificate, ProductInstance } from "../trust/product-instance.ts";
import type { UsagePorts } from "./accept-usage-report.ts";
import { acknowledgementObjects } from "./acknowledgement-answer.ts";
import { checkReports } from "./check-reports.ts";
import { authorizedBelow, authorizedByTag, sumByTag } from "./codes-on-other-floors.ts";
import { enrolDevices } from "./enrol-devices.ts";
import { newUuid } from "./identifiers.ts";
import { reportsPerFileAcknowledgementMax } from "./import-usage-file.ts";
import { certificateOf, namesOf, renewLowerAuthority } from "./lower-managers.ts";
import type { RecordedUsage } from "./record-usage.ts";
import { requireReporting, type Sender } from "./sender.ts";
import type { ObjectSigner } from "./sign-objects.ts";
import type { RequestedDevice } from "./wanted-devices.ts";

export type SyncPorts = UsagePorts & { readonly environment: Environment; readonly signer: ObjectSigner };

/** Throws `FloorRefusal`, protocol errors, and what the storage throws; the same document always has the same effect. */
export async function acceptSync(bytes: Uint8Array, ports: SyncPorts): Promise<string> {
  const { environment } = ports;
  const { clock, issuer, storage, floors } = environment;
  const question = { bytes, anchors: [issuer.root()], now: clock.now() };
  const { content, issuing } = await verifySyncRequest(question);
  const manager = await storage.read.premises.findLowerManager(content.manager_identifier);
  if (manager === undefined || manager.facts.removedAtMs !== null || !manager.facts.issuing.includes(issuing))
    throw new FloorRefusal("manager_unknown");
  await floors?.rememberLower(manager.facts.issuing.map(certificateOf));
  const cause: Cause = {
    kind: "message",
    requestType: "SYNC",
    nonce: String(content.created_at),
    productInstanceIdentifier: manager.identifier,
  };
  const taken = await takeReports(content, { manager, cause }, ports);
  const renewed = await renew(content, manager, environment);
  const noted = await noteSync({ manager, cause }, { renewed, content }, environment);
  const answer = await answerOf({ bytes, content, manager, taken, renewed, noted }, ports);
  return signSyncAnswer(answer, environment.signing.current());
}

type From = { readonly manager: LowerManager; readonly cause: Cause };
type Taken = { readonly recorded: readonly Recorded[]; readonly refused: SyncAnswer["refused"] };
type Recorded = Extract<RecordedUsage, { readonly outcome: "acknowledged" }>;

async function takeReports(content: SyncRequest, from: From, ports: SyncPorts): Promise<Taken> {
  const recorded: Recorded[] = [];
  const refused: SyncAnswer["refused"][number][] = [];
  const refuse = (reports: readonly SignedReport[], code: string) =>
    refused.push(...reports.map((report) => ({ payload_sha256: reportHash(report), code })));
  const installationOf = indexSigners(content.installations);
  const byInstallation = Map.groupBy(content.reports, ({ signature }) => installationOf.get(signerKeyOf(signature)));
  for (const synced of content.installations) {
    const own = byInstallation.get(synced) ?? [];
    const outcome = await takeInstallation(synced, own, from, ports);
    if (typeof outcome !== "string") recorded.push(...outcome);
    else refuse(own, outcome);
  }
  refuse(byInstallation.get(undefined) ?? [], "sender_unknown");
  return { recorded, refused };
}

/** By the certificate that signed a report, or by the device that it names where there was none yet; the first one that has it. */
function indexSigners(installations: readonly SyncedInstallation[]): ReadonlyMap<string, SyncedInstallation> {
  const index = new Map<string, SyncedInstallation>();
  const put = (key: string, synced: SyncedInstallation) => void (index.has(key) || index.set(key, synced));
  for (const synced of installations)
    for (const member of synced.members) {
      const { sudi, software_tag_identifier: key } = member;
      put(signerKeyOf({ signing_type: "builtin", sudi, key }), synced);
      for (const { serialNumber } of readMember(member))
        put(signerKeyOf({ signing_type: "trust", sudi, key: serialNumber }), synced);
    }
  return index;
}

function signerKeyOf({ signing_type, sudi, key }: Pick<SignedReport["signature"], "signing_type" | "sudi" | "key">) {
  return signing_type === "trust" ? key : `${formatUdi(udiOf(sudi))} ${key}`;
}

type MemberCertificate = {
  readonly serialNumber: string;
  readonly certificate: X509Certificate;
  readonly state: CertificateState;
};

const readMembers = new WeakMap<SyncedMember, readonly MemberCertificate[]>();

function readMember(member: SyncedMember): readonly MemberCertificate[] {
  const known = readMembers.get(member);
  if (known !== undefined) return known;
  const read = member.certificates.map(({ certificate: text, state }) => {
    const certificate = readCertificate(text);
    return { certificate, serialNumber: serialNumberOf(certificate), state };
  });
  readMembers.set(member, read);
  return read;
}

function readCertificate(text: string): X509Certificate {
  try {
    return new X509Certificate(decodeBase64(text));
  } catch (cause) {
    throw new ProtocolError("certificate_malformed", "", [], { cause });
  }
}

/** The acknowledgements, or the code with which the whole installation is refused. */
async function takeInstallation(
  synced: SyncedInstallation,
  reports: readonly SignedReport[],
  from: From,
  ports: SyncPorts,
): Promise<readonly Recorded[] | string> {
  const refusal = await refusalOf(synced, from.manager, ports.environment);
  if (refusal !== null) return refusal;
  try {
    const instances = await enrol(synced, from, ports.environment);
    const recorded: Recorded[] = [];
    for (let at = 0; at < reports.length; at += reportsPerFileAcknowledgementMax) {
      const piece = reports.slice(at, at + reportsPerFileAcknowledgementMax);
      recorded.push(await record(piece, synced, instances, from, ports));
    }
    return recorded;
  } catch (error) {
    if (error instanceof DeviceRefusal) return error.code;
    throw error;
  }
}

/** What nobody vouches for: a foreign certificate, one that names another device, or one that is somebody else's here. */
async function refusalOf(
  { members }: SyncedInstallation,
  manager: LowerManager,
  { issuer, storage }: Environment,
): Promise<string | null> {
  // Oldest first: the one that held already when the certificate was given.
  const intermediates = manager.facts.issuing.map(certificateOf).reverse().slice(0, 3);
  for (const member of members) {
    if (!readMember(member).some(({ serialNumber }) => serialNumber === member.id_cert_sn))
      return "certificate_unknown";
    for (const { certificate, serialNumber } of readMember(member)) {
      try {
        const question = {
          leaf: certificate,
          intermediates,
          anchors: [issuer.root()],
          purpose: "product-instance",
        } as const;
        // A device may report below a certificate that has ended since; it held when it was given.
        verifyChain({ ...question, now: Date.parse(certificate.validFrom) });
      } catch (error) {
        if (error instanceof ProtocolError) return error.code;
        throw error;
      }
      if (!namesDevice(certificate, udiOf(member.sudi))) return "identity_mismatch";
      const known = await storage.read.trust.findCertificate(serialNumber);
      if (known === undefined) continue;
      const holder = await storage.read.trust.findInstance(known.smartAccountId, known.instanceId);
      const isOwn =
        known.smartAccountId === manager.smartAccountId &&
        Buffer.from(known.certificate).equals(certificate.raw) &&
        holder?.removedAtMs === null;
      if (!isOwn) return "identity_not_valid";
    }
  }
  return null;
}

type Given = { readonly device: RequestedDevice; readonly member: SyncedMember; readonly current: MemberCertificate };

async function enrol(
  synced: SyncedInstallation,
  { manager, cause }: From,
  environment: Environment,
): Promise<readonly ProductInstance[]> {
  const { storage, randomness } = environment;
  const given = new Map(synced.members.map((member) => readGiven(member)).map((one) => [one.device, one]));
  const identifiers = new Map<RequestedDevice, string>();
  for (const { device, member } of given.values()) {
    const wanted = member.product_instance_identifier;
    const isFree = (await storage.read.trust.findInstanceByIdentifier(wanted)) === undefined;
    identifiers.set(device, isFree ? wanted : newUuid(randomness));
  }
  const issuing = manager.facts.issuing.map(certificateOf);
  const devices = [...given.keys()];
  const sender = devices.find(({ role }) => role === "Active") ?? (devices[0] as RequestedDevice);
  const { smartAccountId, virtualAccountId } = manager;
  const hasIssued = ({ certificate }: DeviceCertificate) => {
    const read = new X509Certificate(certificate);
    return issuing.some((one) => read.checkIssued(one) && read.verify(one.publicKey));
  };
  const enrolment = await enrolDevices(
    {
      smartAccountId,
      tokenId: null,
      model: "policy",
      devices,
      sender,
      cause,
      admissionOf: async () => ({ by: "lower manager", virtualAccountId, hasIssued }),
      givenTo: (device) => ({
        certificate: (given.get(device) as Given).current.certificate,
        productInstanceIdentifier: identifiers.get(device) as string,
      }),
      write: {
        virtualAccountId,
        exportControlAllowed: null,
        hostname: synced.hostname,
        softwareVersion: synced.software_version,
        installationId: null,
        movesInstallation: false,
      },
      settle: (transaction) => keepFormerCertificates([...given.values()], smartAccountId, transaction),
    },
    environment,
  );
  return enrolment.devices.map(({ instance }) => instance);
}

function readGiven(member: SyncedMember): Given {
  const current = readMember(member).find(({ serialNumber }) => serialNumber === member.id_cert_sn);
  assert(current !== undefined, "the certificate in use was looked for before");
  const { publicKey } = current.certificate;
  const publicKeyDer = publicKey.export({ type: "spki", format: "der" });
  const device: RequestedDevice = {
    udi: udiOf(member.sudi),
    productTag: member.software_tag_identifier,
    trustId: member.trust_id,
    role: member.role,
    givenSerial: current.serialNumber,
    publicKeySha256: sha256Hex(publicKeyDer),
    publicKey,
    publicKeyDer,
  };
  return { device, member, current };
}

/** Reports below a certificate that was replaced since are looked into by later recounts too. */
async function keepFormerCertificates(
  given: readonly Given[],
  smartAccountId: number,
  transaction: Transaction,
): Promise<void> {
  for (const { device, member } of given) {
    const { pid, serialNumber: udiSerial } = device.udi;
    const registered = await transaction.trust.findInstancesByUdi(smartAccountId, pid, udiSerial);
    const instance = registered.find(({ productTag }) => productTag === device.productTag);
    if (instance === undefined) continue;
    for (const { certificate, serialNumber, state } of readMember(member)) {
      if ((await transaction.trust.findCertificate(serialNumber)) !== undefined) continue;
      const publicKey = certificate.publicKey.export({ type: "spki", format: "der" });
      await transaction.trust.addCertificate({
        smartAccountId,
        serialNumber,
        instanceId: instance.instanceId,
        publicKey,
        publicKeySha256: sha256Hex(publicKey),
        certificate: certificate.raw,
        issuedAtMs: Date.parse(certificate.validFrom),
        validUntilMs: Date.parse(certificate.validTo),
        // Who signed then does not sign now.
        state: state === "valid" ? "replaced" : state,
      });
    }
  }
}

async function record(
  reports: readonly SignedReport[],
  synced: SyncedInstallation,
  instances: readonly ProductInstance[],
  { cause }: From,
  ports: SyncPorts,
): Promise<Recorded> {
  const { environment, directory, commits } = ports;
  const { verifiedOnCallerMax } = environment.options;
  // Trust may change between the look-up and the transaction; then it is looked up anew.
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const sender = await requireReporting(await senderAmong(instances, ports), directory);
    const signers = signersOf(synced, sender);
    const checked = await checkReports(reports, sender, {
      directory: { findAsOf: async (serial) => signers.get(serial) },
      verifiedOnCallerMax,
    });
    const { instance, trustEpoch } = sender;
    const receivedAtMs = environment.clock.now();
    const recorded = await commits.add({ instance, trustEpoch, reports: checked, receivedAtMs, cause });
    if (recorded.outcome === "acknowledged") return recorded;
    directory.forget(sender.certificateSerial);
  }
  throw new Error("the trust of an installation changed at every attempt to take its reports");
}

async function senderAmong(
  instances: readonly ProductInstance[],
  { directory, environment }: SyncPorts,
): Promise<Sender> {
  const active = instances.find(({ role }) => role === "Active") ?? (instances[0] as ProductInstance);
  const { smartAccountId, instanceId } = active;
  const current = await environment.storage.read.trust.findInstance(smartAccountId, instanceId);
  const sender = current && (await directory.findCurrent(current.certificateSerial));
  assert(sender !== undefined, "an installation that was let in has a sender");
  return sender;
}

/** Every certificate that a member had, whatever became of it since: it signed what was reported then. */
function signersOf({ members }: SyncedInstallation, sender: Sender): ReadonlyMap<string, Sender> {
  return new Map(
    members.flatMap((member) =>
      readMember(member).map(({ serialNumber, certificate }): [string, Sender] => {
        const instance = { ...sender.instance, udi: udiOf(member.sudi) };
        const { publicKey } = certificate;
        return [serialNumber, { ...sender, instance, publicKey, certificateSerial: serialNumber }];
      }),
    ),
  );
}

async function renew(content: SyncRequest, manager: LowerManager, environment: Environment): Promise<string> {
  if (content.issuing_request === "") return "";
  const renewed = await renewLowerAuthority(manager, content.issuing_request, environment);
  return renewed === null ? "" : encodeCertificate(renewed);
}

type Answered = {
  readonly bytes: Uint8Array;
  readonly content: SyncRequest;
  readonly manager: LowerManager;
  readonly taken: Taken;
  readonly renewed: string;
  readonly noted: NotedSync;
};

async function answerOf(
  { bytes, content, manager, taken, renewed, noted }: Answered,
  { environment, signer }: SyncPorts,
): Promise<SyncAnswer> {
  const { read } = environment.storage;
  const { smartAccountId, virtualAccountId } = manager;
  const acknowledgements: ManagerObject[] = [];
  for (const { acknowledgement } of taken.recorded) {
    const objects = await acknowledgementObjects(acknowledgement, { signer, trust: read.trust });
    acknowledgements.push(...objects.filter(({ header }) => header.type === "ack"));
  }
  const purchases = (await read.licenses.listPurchases(smartAccountId))
    .filter((purchase) => purchase.virtualAccountId === virtualAccountId)
    .filter(({ purchaseId }) => purchaseId > content.known_purchase_id)
    .sort((one, other) => one.purchaseId - other.purchaseId)
    .slice(0, purchasesPerSyncMax);
  return {
    version: "1.0",
    manager_identifier: manager.identifier,
    request_sha256: syncDocumentHash(bytes),
    answered_at: noted.atMs,
    previous_answered_at: noted.previousAtMs,
    ...(await namesOf(manager, read)),
    acknowledgements,
    refused: [...taken.refused],
    policy: await signer.policyFor({ smartAccountId, virtualAccountId, policyVersionFloor: 0 }),
    purchases: purchases.map((purchase) => ({
      purchase_id: purchase.purchaseId,
      tag: purchase.tag,
      quantity: purchase.quantity,
      kind: purchase.kind,
      starts_at: purchase.startsAtMs,
      ends_at: purchase.endsAtMs,
      order_reference: purchase.orderReference,
    })),
    authorized: [
      ...sumByTag([
        ...(await authorizedByTag(smartAccountId, [virtualAccountId], read)),
        ...(await authorizedBelow(manager, read, manager.identifier)),
      ]),
    ],
    issuing: renewed,
  };
}

/** When this answer is given, and when the one before was: one after the other, also where two documents come at the same time. */
type NotedSync = { readonly atMs: number; readonly previousAtMs: number | null };

async function noteSync(
  { manager: { identifier }, cause }: From,
  { renewed, content }: { readonly renewed: string; readonly content: SyncRequest },
  { storage, clock }: Environment,
): Promise<NotedSync> {
  return storage.inTransaction(async ({ premises, events }) => {
    const now = clock.now();
    const current = await premises.findLowerManager(identifier);
    if (current === undefined) return { atMs: now, previousAtMs: null };
    const noted = { atMs: now, previousAtMs: current.facts.lastSyncAtMs };
    const issuing = renewed === "" ? current.facts.issuing : [renewed, ...current.facts.issuing];
    // It never goes back, whatever the clock does.
    const lastSyncAtMs = Math.max(now, noted.previousAtMs ?? 0);
    // An older document that comes late says nothing of what its codes hold now.
    const isNews = content.created_at >= (current.facts.authorizedAsOfMs ?? 0);
    const said = isNews ? { authorized: content.authorized, authorizedAsOfMs: content.created_at } : {};
    await premises.putLowerManager({ ...current, facts: { ...current.facts, issuing, lastSyncAtMs, ...said } });
    if (renewed === "") return noted;
    const { smartAccountId, virtualAccountId } = current;
    const place = { smartAccountId, virtualAccountId, installationId: null };
    const after = { name: current.facts.name, issuing: issuing.length };
    await events.addEvents([{ ...place, kind: "lower_manager_registered", atMs: now, cause, before: null, after }]);
    return noted;
  });
}
