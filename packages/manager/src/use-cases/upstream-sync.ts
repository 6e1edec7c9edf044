// The account on premises towards the manager above: what it sends, what it takes from the answer, and what it keeps of both.
// A leaf counts as sent only when an acknowledgement from above, verified to the licensing root, names its report by hash. So a
// crash, a lost answer or a repetition costs another sending, which above is known and counted once.

import { X509Certificate } from "node:crypto";
import {
  certificatesPerDeviceMax,
  check,
  dayMs,
  decodeAcknowledgement,
  decodePolicy,
  decodeRegistered,
  decodeText,
  encodeCertificate,
  encodeRegistration,
  fileBytesMax,
  formatUdi,
  isAcknowledgedBy,
  licenseClasses,
  type Policy,
  ProtocolError,
  parseCertificate,
  parseJson,
  type Registered,
  reportHash,
  type SignedReport,
  type SyncAnswer,
  type SyncedInstallation,
  type SyncedMember,
  type SyncRequest,
  signSyncRequest,
  syncDocumentHash,
  udiOf,
  verifyManagerObject,
  verifySyncAnswer,
  verifySyncRequest,
} from "@countersign/protocol";
import * as v from "valibot";
import { ManagerError, UpstreamFailure } from "../errors.ts";
import type { Cause, NewEvent } from "../events/event.ts";
import { readPolicyLayer } from "../policies/policy-setting.ts";
import type { Environment, FloorAuthority } from "../ports.ts";
import type { Premises } from "../premises/premises.ts";
import {
  hasForgotten,
  nextSyncAtMs,
  syncIntervalDaysDefault,
  syncIntervalDaysMax,
  type Upstream,
} from "../premises/upstream.ts";
import type { ReportBody, Transaction } from "../storage-ports.ts";
import type { ProductInstance } from "../trust/product-instance.ts";
import type { Administration } from "./administer.ts";
import { authorizedByTag } from "./codes-on-other-floors.ts";
import { findSmartAccount, findVirtualAccount } from "./find-account.ts";
import { countWaitingReports } from "./upstream-states.ts";
import type { By, ConnectWish, InAccount, SyncExport, SyncImport, SyncOutcome, UpstreamView } from "./use-cases.ts";

export const floorPaths = { register: "/premises/v1/register", sync: "/premises/v1/sync" } as const;

/** Of one document: far below what one may have, so that little is repeated after a failure. */
const reportsPerSyncMax = 1000;
const bytesPerSyncMax = 2 * 1024 * 1024;
/** Of one file: inside strings inside strings each quotation mark takes four bytes. */
const reportsPerFileMax = 10_000;
const bytesPerFileMax = 8 * 1024 * 1024;
/** An issuing CA must outlive what it issues by eight years; it is renewed a year before that would fail. */
const renewIssuingBeforeMs = 9 * 365 * dayMs;

export type UpstreamPorts = { readonly environment: Environment; readonly administration: Administration };
type Connected = Premises & { readonly upstream: Upstream };

/** Throws `not_on_premises`, `upstream_connected`, `upstream_too_late`, `upstream_refused`, `upstream_unreachable`, `input_invalid`. */
export async function connectUpstream(
  wish: InAccount & ConnectWish & By,
  { environment, administration }: UpstreamPorts,
): Promise<UpstreamView> {
  const { storage, clock } = environment;
  const { floors } = requirePorts(environment);
  const where = { url: wish.url === undefined ? null : readUrl(wish.url), rootPem: wish.rootPem };
  const root = readRoot(wish.rootPem);
  const intervalDays = wish.intervalDays ?? syncIntervalDaysDefault;
  if (!Number.isSafeInteger(intervalDays) || intervalDays < 1 || intervalDays > syncIntervalDaysMax)
    throw new ManagerError("input_invalid", `intervalDays: must be a whole number from 1 to ${syncIntervalDaysMax}`);
  const premises = await findPremises(wish, storage.read);
  administration.requireAdministrator({ smartAccountId: premises.smartAccountId, virtualAccountId: null });
  const isBelowRoot = environment.issuer.root().fingerprint256 === root.fingerprint256;
  await requireUnconnected(premises, isBelowRoot, storage.read.accounts);
  const registered = await readRegistered(wish, where, environment);
  const [own] = environment.signing.current().chain;
  const isBelowAlready = isBelowRoot && own !== undefined && encodeCertificate(own) === registered.issuing;
  await requireUnconnected(premises, isBelowAlready, storage.read.accounts);
  await adoptOrRefuse(floors, { issuing: parseCertificate(registered.issuing), root });
  const connected = await administration.administer(
    { act: "connect_upstream", cause: wish.cause },
    async (transaction) => {
      const current = await findPremises(wish, transaction);
      await requireUnconnected(current, isBelowAlready, transaction.accounts);
      const now = clock.now();
      const upstream: Upstream = {
        ...where,
        identifier: registered.manager_identifier,
        smartAccount: registered.smart_account_name,
        virtualAccount: registered.virtual_account_name,
        connectedAtMs: now,
        intervalDays,
        syncedThrough: 0,
        purchaseIdSeen: 0,
        policyVersionSeen: 0,
        lastSyncAtMs: null,
        refused: 0,
        failure: null,
      };
      await transaction.premises.putPremises({ ...current, upstream });
      const { url, identifier, smartAccount, virtualAccount } = upstream;
      const after = { url, identifier, smartAccount, virtualAccount };
      await transaction.events.addEvents([eventOf("upstream_connected", current, wish.cause, now, null, after)]);
      return { ...current, upstream };
    },
  );
  return viewOf(connected, storage.read);
}

async function readRegistered(
  wish: ConnectWish,
  { url, rootPem }: { readonly url: string | null; readonly rootPem: string },
  environment: Environment,
): Promise<Registered> {
  if (wish.registered !== undefined) return decodeRegistered(Buffer.from(wish.registered));
  if (url === null || wish.token === undefined)
    throw new ManagerError("input_invalid", "Address and token are needed, or the answer to a registration.");
  const { floors, upstream: link } = requirePorts(environment);
  const csr = Buffer.from(await floors.requestFromAbove(false)).toString("base64");
  const body = Buffer.from(encodeRegistration({ version: "1.0", token: wish.token, csr }));
  return decodeRegistered(await post(link, { url, rootPem }, floorPaths.register, body));
}

async function adoptOrRefuse(
  floors: FloorAuthority,
  certificates: Parameters<FloorAuthority["adopt"]>[0],
): Promise<void> {
  try {
    await floors.adopt(certificates);
  } catch (cause) {
    if (cause instanceof ManagerError) throw cause;
    throw new ManagerError(
      "upstream_refused",
      "The certificate is not for this manager, or not below the named root.",
      {
        cause,
      },
    );
  }
}

/** Null in a process that has no authority of its own. */
export async function requestRegistration(
  query: InAccount,
  { environment, administration }: UpstreamPorts,
): Promise<{ readonly csr: string | null }> {
  const { read } = administration.storage;
  const { smartAccountId } = await findSmartAccount(query.smartAccount, read.accounts);
  const premises = await read.premises.findPremises(smartAccountId);
  if (premises === undefined || environment.floors === undefined) return { csr: null };
  return { csr: Buffer.from(await environment.floors.requestFromAbove(false)).toString("base64") };
}

export async function exportSync(
  { smartAccount }: InAccount,
  { environment, administration }: UpstreamPorts,
): Promise<SyncExport> {
  const { read } = administration.storage;
  const { smartAccountId } = await findSmartAccount(smartAccount, read.accounts);
  const premises = await read.premises.findPremises(smartAccountId);
  if (!premises?.upstream) return { document: null, reports: 0, isLast: true };
  const limits = { reportsMax: reportsPerFileMax, bytesMax: bytesPerFileMax };
  const made = await makeRequest({ ...premises, upstream: premises.upstream }, limits, environment);
  const document = Buffer.from(made.bytes).toString();
  return { document, reports: made.content.reports.length, isLast: made.isLast };
}

const carriedSchema = v.strictObject({
  request: v.pipe(v.string(), v.nonEmpty()),
  answer: v.pipe(v.string(), v.nonEmpty()),
});

/** What was carried up, and what came back for it. Throws `sync_file_refused`, `upstream_missing` and what is wrong with a document. */
export async function importSync(
  wish: InAccount & { readonly bytes: Uint8Array } & By,
  ports: UpstreamPorts,
): Promise<SyncImport> {
  const { storage, clock, signing } = ports.environment;
  const { upstream } = await findConnected(wish, storage.read);
  const { request, answer } = check(carriedSchema, parseJson(decodeText(wish.bytes, fileBytesMax)), "payload_invalid");
  const bytes = Buffer.from(request);
  const anchors = [readRoot(upstream.rootPem)];
  const { content, issuing } = await verifySyncRequest({ bytes, anchors, now: clock.now() });
  const [own] = signing.current().chain;
  // Only what this manager itself has asked says which of its reports an answer is about.
  if (content.manager_identifier !== upstream.identifier || own === undefined || issuing !== encodeCertificate(own))
    throw new ManagerError("sync_file_refused");
  const carried = { bytes, content };
  const { acknowledged, refused } = await applyAnswer(wish, carried, Buffer.from(answer), ports).catch(
    (cause: unknown) => {
      if (cause instanceof ManagerError && cause.code === "upstream_refused")
        throw new ManagerError("sync_file_refused", cause.detail, { cause });
      throw cause;
    },
  );
  return { acknowledged, refused, upstream: await viewOf(await findConnected(wish, storage.read), storage.read) };
}

/**
 * Below another root nothing that a device holds may stem from the own one. After a crash in the middle of connecting the
 * authority is that one's already, and who came in since has trust from it.
 */
async function requireUnconnected(
  { smartAccountId, upstream }: Premises,
  isBelowAlready: boolean,
  accounts: Environment["storage"]["read"]["accounts"],
): Promise<void> {
  if (upstream !== null) throw new ManagerError("upstream_connected");
  const all = await accounts.listVirtualAccounts(smartAccountId);
  const others = (await accounts.listSmartAccounts()).length > 1;
  const isTooLate = !isBelowAlready && all.some(({ instances }) => instances > 0);
  if (others || isTooLate) throw new ManagerError("upstream_too_late");
}

/** Everything that waits, in as many documents as it takes. Throws `upstream_missing`, `upstream_refused`, `upstream_unreachable`. */
export async function syncUpstream(wish: InAccount & By, ports: UpstreamPorts): Promise<SyncOutcome> {
  const { environment, administration } = ports;
  const { upstream: link } = requirePorts(environment);
  let counts = { acknowledged: 0, refused: 0, documents: 0 };
  for (;;) {
    const premises = await findConnected(wish, environment.storage.read);
    administration.requireAdministrator({ smartAccountId: premises.smartAccountId, virtualAccountId: null });
    const { url, rootPem } = premises.upstream;
    if (url === null) throw new ManagerError("upstream_unreachable", "Files are carried; see `upstream export`.");
    const made = await makeRequest(premises, { reportsMax: reportsPerSyncMax, bytesMax: bytesPerSyncMax }, environment);
    let taken: Taken;
    try {
      const answer = await post(link, { url, rootPem }, floorPaths.sync, made.bytes);
      taken = await applyAnswer(wish, made, answer, ports);
    } catch (error) {
      // An answer that is not believed too: without a note it would be asked for again every minute.
      await noteFailure(wish, error, environment);
      throw error;
    }
    const { acknowledged, refused, documents } = counts;
    counts = {
      acknowledged: acknowledged + taken.acknowledged,
      refused: refused + taken.refused,
      documents: documents + 1,
    };
    if (made.isLast && !taken.isForgotten)
      return {
        ...counts,
        upstream: await viewOf(await findConnected(wish, environment.storage.read), environment.storage.read),
      };
  }
}

export async function showUpstream(
  { smartAccount }: InAccount,
  { storage: { read } }: Pick<Administration, "storage">,
): Promise<{ readonly upstream: UpstreamView | null }> {
  const { smartAccountId } = await findSmartAccount(smartAccount, read.accounts);
  const premises = await read.premises.findPremises(smartAccountId);
  if (!premises?.upstream) return { upstream: null };
  return { upstream: await viewOf({ ...premises, upstream: premises.upstream }, read) };
}

export type MadeRequest = {
  readonly bytes: Uint8Array;
  readonly content: SyncRequest;
  /** Nothing waits behind it. */
  readonly isLast: boolean;
};

async function makeRequest(
  { smartAccountId, upstream }: Connected,
  limits: { readonly reportsMax: number; readonly bytesMax: number },
  environment: Environment,
): Promise<MadeRequest> {
  const { storage, clock, signing } = environment;
  const { read } = storage;
  // The size first: what is appended meanwhile is left for the next document.
  const { size } = await read.ledger.readHead(smartAccountId);
  const from = upstream.syncedThrough;
  const found = await read.reports.listBodiesFrom(smartAccountId, from, limits.reportsMax + 1);
  const waiting = found.filter(({ leafIndex }) => leafIndex < size);
  const bodies = withinBytes(waiting.slice(0, limits.reportsMax), limits.bytesMax);
  const reports = withinSigners(bodies.map(reportOf));
  const isLast = reports.length === waiting.length;
  const content: SyncRequest = {
    version: "1.0",
    manager_identifier: upstream.identifier,
    created_at: clock.now(),
    from_leaf: from,
    to_leaf: isLast ? size : (bodies[reports.length - 1] as ReportBody).leafIndex + 1,
    known_purchase_id: upstream.purchaseIdSeen,
    issuing_request: await issuingRequest(environment),
    authorized: [...(await authorizedHere(smartAccountId, read))],
    installations: [...(await installationsOf(reports, smartAccountId, environment))],
    reports: [...reports],
  };
  return { content, isLast, bytes: Buffer.from(await signSyncRequest(content, signing.current())) };
}

function withinBytes(bodies: readonly ReportBody[], bytesMax: number): readonly ReportBody[] {
  let bytes = 0;
  const end = bodies.findIndex(({ payload, signature }, at) => {
    bytes += Buffer.byteLength(payload) + Buffer.byteLength(signature);
    return at > 0 && bytes > bytesMax;
  });
  return end === -1 ? bodies : bodies.slice(0, end);
}

/** A document has room for so many certificates of a device; with the one in use, which may have signed nothing. */
function withinSigners(reports: readonly SignedReport[]): readonly SignedReport[] {
  const byDevice = new Map<string, Set<string>>();
  const end = reports.findIndex(({ signature: { sudi, key } }) => {
    const device = formatUdi(udiOf(sudi));
    const keys = (byDevice.get(device) ?? new Set()).add(key);
    byDevice.set(device, keys);
    return keys.size > certificatesPerDeviceMax - 1;
  });
  return end === -1 ? reports : reports.slice(0, end);
}

function reportOf({ payload, signature }: ReportBody): SignedReport {
  return { payload, header: { type: "rum" }, signature: JSON.parse(signature) as SignedReport["signature"] };
}

async function issuingRequest({ floors, signing, clock }: Environment): Promise<string> {
  const [issuing] = signing.current().chain;
  if (floors === undefined || issuing === undefined) return "";
  if (Date.parse(issuing.validTo) - clock.now() > renewIssuingBeforeMs) return "";
  return Buffer.from(await floors.requestFromAbove(true)).toString("base64");
}

async function installationsOf(
  reports: readonly SignedReport[],
  smartAccountId: number,
  { storage: { read } }: Environment,
): Promise<readonly SyncedInstallation[]> {
  const instances = new Map<number, ProductInstance>();
  for (const signature of new Map(reports.map((one) => [signerOf(one), one.signature])).values()) {
    const instance = await findSigner(signature, smartAccountId, read);
    if (instance !== undefined && !instances.has(instance.installationId))
      instances.set(instance.installationId, instance);
  }
  const signing = new Set(reports.map(({ signature }) => signature.key));
  const found: SyncedInstallation[] = [];
  for (const { installationId, hostname, softwareVersion } of instances.values()) {
    const members: SyncedMember[] = [];
    for (const member of await read.trust.listMembers(smartAccountId, installationId)) {
      const certificates = await read.trust.listCertificates(smartAccountId, member.instanceId);
      // The manager above needs those that signed what it gets; it keeps what it got before.
      const needed = certificates.filter(
        ({ serialNumber }) => serialNumber === member.certificateSerial || signing.has(serialNumber),
      );
      members.push(memberOf(member, needed));
    }
    found.push({ hostname, software_version: softwareVersion, members });
  }
  return found;
}

function signerOf({ signature }: SignedReport): string {
  return JSON.stringify([signature.signing_type, signature.key, signature.sudi]);
}

async function findSigner(
  signature: SignedReport["signature"],
  smartAccountId: number,
  { trust }: Environment["storage"]["read"],
): Promise<ProductInstance | undefined> {
  if (signature.signing_type === "trust") {
    const certificate = await trust.findCertificate(signature.key);
    return certificate && trust.findInstance(smartAccountId, certificate.instanceId);
  }
  const { pid, serialNumber } = udiOf(signature.sudi);
  const found = await trust.findInstancesByUdi(smartAccountId, pid, serialNumber);
  return found.find(({ productTag }) => productTag === signature.key);
}

function memberOf(
  member: ProductInstance,
  certificates: readonly {
    readonly certificate: Uint8Array;
    readonly state: SyncedMember["certificates"][number]["state"];
  }[],
): SyncedMember {
  return {
    sudi: { udi_pid: member.udi.pid, udi_serial_number: member.udi.serialNumber },
    software_tag_identifier: member.productTag,
    product_instance_identifier: member.productInstanceIdentifier,
    trust_id: member.trustId,
    role: member.role === "Absent" ? "Member" : member.role,
    id_cert_sn: member.certificateSerial,
    certificates: certificates.map(({ certificate, state }) => ({
      certificate: Buffer.from(certificate).toString("base64"),
      state,
    })),
  };
}

type Judged = { readonly acknowledged: number; readonly refused: number };
/** `isForgotten`: the manager above was restored, and everything is to be sent again. */
type Taken = Judged & { readonly isForgotten: boolean };

/** Throws `upstream_refused` for an answer that is not the one to this request, from this manager above. */
async function applyAnswer(
  wish: InAccount & By,
  { bytes, content }: Pick<MadeRequest, "bytes" | "content">,
  answerBytes: Uint8Array,
  { environment, administration }: UpstreamPorts,
): Promise<Taken> {
  const { clock, storage, floors } = environment;
  const { upstream } = await findConnected(wish, storage.read);
  const root = readRoot(upstream.rootPem);
  const anchors = [root];
  const { content: answer } = await verifySyncAnswer({ bytes: answerBytes, anchors, now: clock.now() });
  if (answer.manager_identifier !== upstream.identifier || answer.request_sha256 !== syncDocumentHash(bytes))
    throw new ManagerError("upstream_refused", "The answer is to another request.");
  const judged = await judgeReports(content.reports, answer, async (object) =>
    verifyManagerObject(object, anchors, clock.now()),
  );
  await verifyManagerObject(answer.policy, anchors, clock.now());
  const policy = decodePolicy(answer.policy.payload);
  if (answer.issuing !== "" && floors !== undefined)
    await adoptOrRefuse(floors, { issuing: parseCertificate(answer.issuing), root });
  const isForgotten = await administration.administer({ act: "apply_sync", cause: wish.cause }, async (transaction) => {
    const current = await findConnected(wish, transaction);
    const forgets = hasForgotten(current.upstream, answer);
    await takePurchases(answer, current, wish.cause, transaction, clock.now());
    const isNews = policy.policy_version > current.upstream.policyVersionSeen;
    if (isNews) await takePolicy(policy, current, wish.cause, transaction, clock.now());
    const next: Upstream = {
      ...current.upstream,
      smartAccount: answer.smart_account_name,
      virtualAccount: answer.virtual_account_name,
      // An older answer that comes late changes nothing that a newer one said. What is gone above is sent again from the beginning:
      // what is there still is known, and purged bodies are left out.
      syncedThrough: forgets ? 0 : Math.max(current.upstream.syncedThrough, content.to_leaf),
      ...newestAnswer(current.upstream, answer),
      purchaseIdSeen: Math.max(current.upstream.purchaseIdSeen, ...answer.purchases.map((one) => one.purchase_id)),
      policyVersionSeen: Math.max(current.upstream.policyVersionSeen, policy.policy_version),
      lastSyncAtMs: clock.now(),
      refused: current.upstream.refused + (isRepeated(current.upstream, content) ? 0 : judged.refused),
      failure: null,
    };
    await transaction.premises.putPremises({ ...current, upstream: next });
    const after = { ...judged, fromLeaf: content.from_leaf, toLeaf: content.to_leaf, isForgotten: forgets };
    const before = { syncedThrough: current.upstream.syncedThrough };
    await transaction.events.addEvents([eventOf("upstream_synced", current, wish.cause, clock.now(), before, after)]);
    return forgets;
  });
  return { ...judged, isForgotten };
}

async function authorizedHere(smartAccountId: number, read: Environment["storage"]["read"]) {
  const places = await read.accounts.listVirtualAccounts(smartAccountId);
  const ids = places.map(({ virtualAccountId }) => virtualAccountId);
  return authorizedByTag(smartAccountId, ids, read);
}

function newestAnswer({ answeredAtMs = 0 }: Upstream, { answered_at, authorized }: SyncAnswer) {
  return answered_at < answeredAtMs ? {} : { answeredAtMs: answered_at, authorizedAbove: authorized };
}

function isRepeated({ syncedThrough }: Upstream, { to_leaf }: SyncRequest): boolean {
  return to_leaf <= syncedThrough;
}

/** Throws `upstream_refused` if a report is neither acknowledged nor refused: it would be lost above without a word. */
async function judgeReports(
  reports: readonly SignedReport[],
  answer: SyncAnswer,
  verify: (object: SyncAnswer["policy"]) => Promise<void>,
): Promise<Judged> {
  const taken = new Set<string>();
  const refused = new Set(answer.refused.map(({ payload_sha256 }) => payload_sha256));
  for (const object of answer.acknowledgements) {
    await verify(object);
    for (const entry of decodeAcknowledgement(object.payload).reports) {
      const { report_id: reportId, payload_sha256: hash } = entry;
      if (reportId !== null && isAcknowledgedBy(entry, reportId, hash)) taken.add(hash);
      else refused.add(hash);
    }
  }
  const hashes = reports.map(reportHash);
  const forgotten = hashes.filter((hash) => !taken.has(hash) && !refused.has(hash));
  if (forgotten.length > 0)
    throw new ManagerError("upstream_refused", `The answer says nothing of ${forgotten.length} reports.`);
  const acknowledged = hashes.filter((hash) => taken.has(hash)).length;
  return { acknowledged, refused: hashes.length - acknowledged };
}

async function takePurchases(
  answer: SyncAnswer,
  { smartAccountId, upstream }: Connected,
  cause: Cause,
  transaction: Transaction,
  now: number,
): Promise<void> {
  const news = answer.purchases.filter(({ purchase_id }) => purchase_id > upstream.purchaseIdSeen);
  if (news.length === 0) return;
  const { virtualAccountId } = await findVirtualAccount(smartAccountId, undefined, transaction.accounts);
  const added = await transaction.licenses.addPurchases(
    smartAccountId,
    news.map(({ tag, quantity, kind, starts_at, ends_at, order_reference }) => ({
      ...{ virtualAccountId, tag, quantity, kind },
      startsAtMs: starts_at,
      endsAtMs: ends_at,
      orderReference: order_reference,
    })),
  );
  const event = {
    smartAccountId,
    atMs: now,
    kind: "licenses_added",
    installationId: null,
    cause,
    before: null,
  } as const;
  await transaction.events.addEvents(added.map((after) => ({ ...event, virtualAccountId, after })));
}

/** As the layer of the whole account, with a version of the own manager: on devices versions only grow (I10). */
async function takePolicy(
  policy: Policy,
  { smartAccountId }: Connected,
  cause: Cause,
  transaction: Transaction,
  now: number,
): Promise<void> {
  const days = licenseClasses.map((name) => {
    const { first_report_days, reporting_frequency_days, report_on_change_days } = policy.classes[name];
    return [
      name,
      {
        first_report_days: first_report_days.value,
        reporting_frequency_days: reporting_frequency_days.value,
        report_on_change_days: report_on_change_days.value,
      },
    ] as const;
  });
  const layer = readPolicyLayer(
    { name: policy.name, ackRequired: policy.ack_required.value, classes: Object.fromEntries(days) },
    "account",
  );
  const settings = await transaction.policies.listPolicySettings(smartAccountId);
  const before = settings.find(({ virtualAccountId }) => virtualAccountId === null) ?? null;
  if (JSON.stringify(before?.layer) === JSON.stringify(layer)) return;
  const version = await transaction.policies.nextPolicyVersion(smartAccountId);
  await transaction.policies.addPolicySetting({ smartAccountId, virtualAccountId: null, version, setAtMs: now, layer });
  await transaction.events.addEvents([
    {
      ...{ smartAccountId, atMs: now, kind: "policy_set", virtualAccountId: null, installationId: null, cause },
      before: before === null ? null : { version: before.version, layer: before.layer },
      after: { version, layer },
    },
  ]);
}

async function noteFailure(wish: InAccount, error: unknown, { storage, clock }: Environment): Promise<void> {
  const code = failureCodeOf(error);
  await storage.inTransaction(async (transaction) => {
    const current = await findConnected(wish, transaction);
    const times = (current.upstream.failure?.times ?? 0) + 1;
    const upstream = { ...current.upstream, failure: { atMs: clock.now(), code, times } };
    await transaction.premises.putPremises({ ...current, upstream });
  });
}

/** A word that may be shown: the text of an error of the system may quote anything. */
function failureCodeOf(error: unknown): string {
  if (error instanceof ManagerError) return error.detail || error.code;
  return error instanceof ProtocolError ? error.code : "failed";
}

type PremisesReaders = Pick<Environment["storage"]["read"], "accounts" | "premises">;

async function findPremises({ smartAccount }: InAccount, read: PremisesReaders): Promise<Premises> {
  const { smartAccountId } = await findSmartAccount(smartAccount, read.accounts);
  const premises = await read.premises.findPremises(smartAccountId);
  if (premises === undefined) throw new ManagerError("not_on_premises");
  return premises;
}

async function findConnected(query: InAccount, read: PremisesReaders): Promise<Connected> {
  const premises = await findPremises(query, read);
  if (premises.upstream === null) throw new ManagerError("upstream_missing");
  return { ...premises, upstream: premises.upstream };
}

function requirePorts({ floors, upstream }: Environment) {
  if (floors === undefined || upstream === undefined)
    throw new ManagerError("input_invalid", "This process has no way to another manager.");
  return { floors, upstream };
}

function readUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== "https:" || url.username !== "")
    throw new ManagerError("input_invalid", "url: must begin with https:// and name nobody");
  return url.origin;
}

function readRoot(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new ManagerError("input_invalid", "root: is no certificate", { cause });
  }
}

async function post(
  link: NonNullable<Environment["upstream"]>,
  where: { readonly url: string; readonly rootPem: string },
  path: string,
  body: Uint8Array,
): Promise<Uint8Array> {
  try {
    const answer = await link.post(where, path, body);
    if (answer.status === 200) return answer.body;
    throw new ManagerError("upstream_refused", codeIn(answer.body) ?? `HTTP ${answer.status}`);
  } catch (cause) {
    if (cause instanceof UpstreamFailure) throw new ManagerError("upstream_unreachable", cause.reason, { cause });
    throw cause;
  }
}

function codeIn(body: Uint8Array): string | null {
  try {
    const { code } = JSON.parse(Buffer.from(body).toString()) as { readonly code?: unknown };
    return typeof code === "string" && /^[a-z_]{1,60}$/.test(code) ? code : null;
  } catch {
    return null;
  }
}

async function viewOf(
  { smartAccountId, upstream }: Connected,
  read: Pick<Environment["storage"]["read"], "ledger" | "audit">,
): Promise<UpstreamView> {
  const { rootPem: _, ...shown } = upstream;
  const waitingReports = await countWaitingReports(smartAccountId, upstream, read);
  return { ...shown, nextSyncAtMs: nextSyncAtMs(upstream), waitingReports };
}

function eventOf(
  kind: "upstream_connected" | "upstream_synced",
  { smartAccountId }: Premises,
  cause: Cause,
  atMs: number,
  before: unknown,
  after: unknown,
): NewEvent {
  return { smartAccountId, atMs, kind, virtualAccountId: null, installationId: null, cause, before, after };
}
