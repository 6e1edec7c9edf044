// Usage that was saved on a device and carried by hand (REP-16, TOP-4): counted exactly like usage that was sent, by the same
// queue and the same transaction, and answered by a file with the acknowledgements.

import {
  decodeAcknowledgement,
  decodeLicenseFile,
  encodeLicenseFile,
  formatUdi,
  type ManagerObject,
  reportHash,
  type SignedReport,
  sha256Hex,
  udiOf,
} from "@countersign/protocol";
import { isPermitted } from "../accounts/access.ts";
import { deviceRefusals, ManagerError } from "../errors.ts";
import { QueueFull } from "../group-commit.ts";
import type { UsagePorts } from "./accept-usage-report.ts";
import { acknowledgementObjects } from "./acknowledgement-answer.ts";
import type { Administration } from "./administer.ts";
import { checkReports } from "./check-reports.ts";
import { findSmartAccount } from "./find-account.ts";
import type { RecordedUsage } from "./record-usage.ts";
import type { Sender } from "./sender.ts";
import type { ObjectSigner } from "./sign-objects.ts";
import type { By, ImportedUsage, InAccount, RefusedReport } from "./use-cases.ts";

/** Reports that one ACK of a file names at most. */
export const reportsPerFileAcknowledgementMax = 1000;

export type UsageFileWish = InAccount & { readonly bytes: Uint8Array } & By;

type SigningPorts = UsagePorts & { readonly signer: ObjectSigner };
export type UsageFilePorts = SigningPorts & { readonly administration: Administration };
type Batch = { readonly sender: Sender; readonly reports: readonly SignedReport[] };

/**
 * Throws `input_invalid` for a file without reports, `overloaded`, `account_unknown`, or what is wrong with the file. Reports that
 * cannot be taken are refused one by one; importing a file again changes nothing and gives the same acknowledgements.
 */
export async function importUsageFile(wish: UsageFileWish, ports: UsageFilePorts): Promise<ImportedUsage> {
  const { storage } = ports.administration;
  const { smartAccountId } = await findSmartAccount(wish.smartAccount, storage.read.accounts);
  const { reports } = decodeLicenseFile(wish.bytes);
  if (reports.length === 0) throw new ManagerError("input_invalid", "The file holds no usage report.");
  const { batches, strangers } = await sortByInstallation(reports, smartAccountId, ports);
  const results: Recorded[] = [];
  const turnedAway = strangers.map(refusedStranger);
  for (const batch of batches) {
    const result = await record(batch, wish, ports);
    if (result.outcome === "acknowledged") results.push(result);
    else turnedAway.push(...batch.reports.map(refusedClassic));
  }
  return describeImport(results, turnedAway, ports);
}

/** Devices that this smart account does not know, or that whoever imports may not see, are strangers. Throws `operator_not_permitted`. */
async function sortByInstallation(
  reports: readonly SignedReport[],
  smartAccountId: number,
  ports: UsageFilePorts,
): Promise<{ readonly batches: readonly Batch[]; readonly strangers: readonly SignedReport[] }> {
  const signers = new Map<string, Sender | undefined>();
  const byInstallation = new Map<number, { readonly sender: Sender; readonly reports: SignedReport[] }>();
  const strangers: SignedReport[] = [];
  for (const report of reports) {
    const name = signerNamedIn(report);
    if (!signers.has(name)) signers.set(name, await findSigner(report, smartAccountId, ports));
    const signer = signers.get(name);
    if (signer === undefined || !isPermitted(ports.administration.access, "read", signer.instance)) {
      strangers.push(report);
      continue;
    }
    ports.administration.requireAdministrator(signer.instance);
    const { installationId } = signer.instance;
    const known = byInstallation.get(installationId) ?? { sender: await findReporting(signer, ports), reports: [] };
    known.reports.push(report);
    byInstallation.set(installationId, known);
  }
  const batches = [...byInstallation.values()].flatMap(({ sender, reports: all }) =>
    inPieces(all).map((piece) => ({ sender, reports: piece })),
  );
  return { batches, strangers };
}

/** Reports that name the same signer are looked up once. */
function signerNamedIn({ signature }: SignedReport): string {
  return JSON.stringify([signature.signing_type, signature.key, signature.sudi]);
}

function inPieces(reports: readonly SignedReport[]): readonly (readonly SignedReport[])[] {
  const count = Math.ceil(reports.length / reportsPerFileAcknowledgementMax);
  return Array.from({ length: count }, (_, at) =>
    reports.slice(at * reportsPerFileAcknowledgementMax, (at + 1) * reportsPerFileAcknowledgementMax),
  );
}

/** By its certificate; a report that was signed before trust names its device, and no key. */
async function findSigner(
  { signature }: SignedReport,
  smartAccountId: number,
  { directory, environment }: UsagePorts,
): Promise<Sender | undefined> {
  if (signature.signing_type === "trust") {
    const sender = await directory.findCurrent(signature.key);
    return sender?.instance.smartAccountId === smartAccountId ? sender : undefined;
  }
  const { pid, serialNumber } = udiOf(signature.sudi);
  const instances = await environment.storage.read.trust.findInstancesByUdi(smartAccountId, pid, serialNumber);
  const instance = instances.find(({ productTag }) => productTag === signature.key);
  return instance === undefined ? undefined : directory.findCurrent(instance.certificateSerial);
}

/** The ACK is for the device that reports for its installation now, whoever signed the reports. */
async function findReporting(signer: Sender, { directory, environment }: UsagePorts): Promise<Sender> {
  const { smartAccountId, installationId } = signer.instance;
  const members = await environment.storage.read.trust.listMembers(smartAccountId, installationId);
  const active = members.find((member) => member.role === "Active" && member.removedAtMs === null);
  return (active && (await directory.findCurrent(active.certificateSerial))) ?? signer;
}

type Recorded = Extract<RecordedUsage, { readonly outcome: "acknowledged" }>;

type WrongModel = { readonly outcome: "wrong_licensing_model" };

/** Trust may change between the look-up and the transaction; then the sender is looked up anew, once. */
async function record(batch: Batch, wish: UsageFileWish, ports: UsagePorts): Promise<Recorded | WrongModel> {
  const first = await recordOnce(batch, wish, ports);
  if (first.outcome !== "trust_changed") return first;
  ports.directory.forget(batch.sender.certificateSerial);
  const again = await recordOnce({ ...batch, sender: await findReporting(batch.sender, ports) }, wish, ports);
  if (again.outcome !== "trust_changed") return again;
  throw new Error("the trust of an installation changed twice while one file was imported");
}

async function recordOnce(
  { sender, reports }: Batch,
  wish: UsageFileWish,
  ports: UsagePorts,
): Promise<RecordedUsage | WrongModel> {
  if (sender.model === "classic") return { outcome: "wrong_licensing_model" };
  const { environment, directory, commits } = ports;
  const { verifiedOnCallerMax } = environment.options;
  const { instance, trustEpoch } = sender;
  const checked = await checkReports(reports, sender, { directory, verifiedOnCallerMax });
  const cause = { kind: "file", name: sha256Hex(wish.bytes), ...carrierOf(wish) } as const;
  const receivedAtMs = environment.clock.now();
  try {
    return await commits.add({ instance, trustEpoch, reports: checked, receivedAtMs, cause });
  } catch (error) {
    if (error instanceof QueueFull) throw new ManagerError("overloaded", "", { cause: error });
    throw error;
  }
}

function carrierOf({ cause }: By) {
  if (cause.kind === "operator") {
    const { name: operator, kind: _, ...more } = cause;
    return { operator, ...more };
  }
  return { operator: "", ...(cause.kind === "local" && cause.reason !== undefined ? { reason: cause.reason } : {}) };
}

async function describeImport(
  results: readonly Recorded[],
  turnedAway: readonly RefusedReport[],
  { signer, environment }: SigningPorts,
): Promise<ImportedUsage> {
  const objects: ManagerObject[] = [];
  const refused = [...turnedAway];
  const counts = { accepted: 0, known: 0, refused: turnedAway.length };
  for (const { acknowledgement, reports } of results) {
    for (const kind of ["accepted", "known", "refused"] as const) counts[kind] += reports[kind];
    const { sudi, reports: named } = decodeAcknowledgement(acknowledgement.payload);
    for (const entry of named) {
      if (entry.outcome !== "refused") continue;
      const { report_id: reportId, code, remedy } = entry;
      refused.push({ udi: formatUdi(udiOf(sudi)), reportId, code, remedy });
    }
    objects.push(...(await acknowledgementObjects(acknowledgement, { signer, trust: environment.storage.read.trust })));
  }
  const file =
    objects.length === 0 ? null : encodeLicenseFile({ reports: [], managerObjects: objects, systemInfo: null });
  return { reports: counts, refused, acknowledgements: results.length, file };
}

function refusedStranger(report: SignedReport): RefusedReport {
  const remedy =
    "Give the device trust first: save a trust request on it and enrol that file, then import its usage again.";
  return { ...namedIn(report), code: "sender_unknown", remedy };
}

/** The device keeps what has no ACK; after its upgrade the same file is taken. */
function refusedClassic(report: SignedReport): RefusedReport {
  const code = "wrong_licensing_model";
  return { ...namedIn(report), code, remedy: deviceRefusals[code].remedy };
}

function namedIn(report: SignedReport): Omit<RefusedReport, "code" | "remedy"> {
  return { udi: formatUdi(udiOf(report.signature.sudi)), reportId: null, payloadSha256: reportHash(report) };
}
