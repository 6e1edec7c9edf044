// The ledger for operators and auditors: signed heads, proofs between them, and the proof of one report as a file.

import { X509Certificate } from "node:crypto";
import {
  type ActProofFile,
  decodeAcknowledgement,
  encodeCertificate,
  encodeTreeHead,
  type ManagerObject,
  type ProofFile,
  ProtocolError,
  type SignedReport,
  type SignedTreeHead,
  type TrustAnchors,
  verifyActProofFile,
  verifyProofFile,
} from "@countersign/protocol";
import type { Access } from "../accounts/access.ts";
import { ManagerError } from "../errors.ts";
import type { Environment } from "../ports.ts";
import type { Readers } from "../storage-ports.ts";
import type { AcceptedReport } from "../usage/stored-report.ts";
import { findLedger, findProductInstance } from "./find-account.ts";
import { type LedgerOfAccount, proveConsistency, proveInclusion, rootAt } from "./ledger-proofs.ts";
import { requirePermitted } from "./seen-storage.ts";
import type { ObjectSigner } from "./sign-objects.ts";
import type { ConsistencyView, InclusionView, InLedger, InstanceReference, TreeHeadView } from "./use-cases.ts";

export type LedgerPorts = Pick<Environment, "clock" | "issuer"> & {
  readonly access: Access;
  /** As it is seen with this access. */
  readonly read: Readers;
  readonly signer: ObjectSigner;
};
type AtSize = { readonly size?: number | undefined };

type OpenedLedger = LedgerOfAccount & {
  readonly account: { readonly name: string; readonly ledgerId: string };
  readonly size: number;
};

/** Throws `account_unknown`, `account_ambiguous`, or `ledger_too_short` for the managers' own before its first leaf. */
async function openLedger(query: InLedger, { read }: LedgerPorts): Promise<OpenedLedger> {
  const { accounts, ledger } = read;
  const { smartAccountId, name, ledgerId } = await findLedger(query, accounts);
  if (ledgerId === null) throw new ManagerError("ledger_too_short", "It has none yet.");
  return { ledger, smartAccountId, account: { name, ledgerId }, size: (await ledger.readHead(smartAccountId)).size };
}

/** The asked size, or that of the whole ledger. Throws `ledger_too_short`. */
function sizeOf({ size: whole }: OpenedLedger, asked: number | undefined): number {
  if (asked !== undefined && asked > whole) throw new ManagerError("ledger_too_short", `It has ${whole}.`);
  return asked ?? whole;
}

/** The head at a size, newest when none is named, signed now. Throws `ledger_too_short`. */
export async function showTreeHead(query: InLedger & AtSize, ports: LedgerPorts): Promise<TreeHeadView> {
  const opened = await openLedger(query, ports);
  return signHead(opened, sizeOf(opened, query.size), ports);
}

async function signHead(opened: OpenedLedger, size: number, ports: LedgerPorts): Promise<TreeHeadView> {
  const head: SignedTreeHead = {
    version: "1.0",
    ledger_id: opened.account.ledgerId,
    size,
    root_sha256: await rootAt(opened, size),
    signed_at: ports.clock.now(),
  };
  const object: ManagerObject = await ports.signer.treeHead(encodeTreeHead(head));
  return { smartAccount: opened.account.name, treeHead: head, object };
}

/** That the tree of `to` leaves (the newest when not named) begins with that of `from`. Throws `ledger_too_short`. */
export async function showConsistency(
  query: InLedger & { readonly from: number; readonly to?: number | undefined },
  ports: LedgerPorts,
): Promise<ConsistencyView> {
  const opened = await openLedger(query, ports);
  const to = sizeOf(opened, query.to);
  if (query.from > to) throw new ManagerError("input_invalid", "The first size is the larger one.");
  return {
    from: { size: query.from, rootSha256: await rootAt(opened, query.from) },
    hashes: await proveConsistency(opened, query.from, to),
    head: await signHead(opened, to, ports),
  };
}

/** That an entry of any kind stands at its place. Throws `ledger_too_short` or `leaf_unknown`. */
export async function showInclusion(
  query: InLedger & AtSize & { readonly leafIndex: number },
  ports: LedgerPorts,
): Promise<InclusionView> {
  const opened = await openLedger(query, ports);
  const size = sizeOf(opened, query.size);
  const { leafIndex } = query;
  // Which report or act it is stands nowhere here, so it is for who may see them all.
  requirePermitted(ports.access, "read", { smartAccountId: opened.smartAccountId, virtualAccountId: null });
  if (leafIndex >= size) throw new ManagerError("leaf_unknown", `The tree has ${size} leaves.`);
  return { leafIndex, ...(await proveInclusion(opened, leafIndex, size)), head: await signHead(opened, size, ports) };
}

/** The proof file of one report. Throws `report_unknown`, `ledger_too_short`, `leaf_unknown` or `proof_unavailable`. */
export async function proveReport(
  query: InstanceReference & AtSize & { readonly reportId: number },
  ports: LedgerPorts,
): Promise<ProofFile> {
  const { read } = ports;
  const opened = await openLedger(query, ports);
  const { smartAccountId } = opened;
  const { installationId } = await findProductInstance(smartAccountId, query.instance, read.trust);
  const report = await read.reports.findReport({ smartAccountId, installationId, reportId: query.reportId });
  if (report === undefined) throw new ManagerError("report_unknown", `${query.reportId}`);
  const size = sizeOf(opened, query.size);
  if (report.leafIndex >= size) throw new ManagerError("leaf_unknown", `The tree has ${size} leaves.`);
  const file = await makeProof(report, { ...opened, size }, ports);
  return requireSound(file, (anchors) => verifyProofFile(file, anchors), ports);
}

/** The proof file of one administrative act. Throws `audit_entry_unknown`, `ledger_too_short`, `leaf_unknown` or `proof_unavailable`. */
export async function proveAct(
  query: InLedger & AtSize & { readonly leafIndex: number },
  ports: LedgerPorts,
): Promise<ActProofFile> {
  const opened = await openLedger(query, ports);
  const { leafIndex } = query;
  const found = await ports.read.audit.findAuditEntry(opened.smartAccountId, leafIndex);
  if (found === undefined) throw new ManagerError("audit_entry_unknown", `${leafIndex}`);
  const size = sizeOf(opened, query.size);
  if (leafIndex >= size) throw new ManagerError("leaf_unknown", `The tree has ${size} leaves.`);
  const file: ActProofFile = {
    countersign_act_proof: "1.0",
    entry: found.entry,
    leaf_index: leafIndex,
    inclusion_proof: (await proveInclusion(opened, leafIndex, size)).hashes,
    tree_head: (await signHead(opened, size, ports)).object,
    root_certificate: encodeCertificate(ports.issuer.root()),
  };
  return requireSound(file, (anchors) => verifyActProofFile(file, anchors), ports);
}

/** `opened.size` is the size of the tree that the proof is for. */
async function makeProof(report: AcceptedReport, opened: OpenedLedger, ports: LedgerPorts): Promise<ProofFile> {
  const { read } = ports;
  const { smartAccountId, leafIndex } = report;
  const { size } = opened;
  const stored = await read.acknowledgements.findAcknowledgement(smartAccountId, report.acknowledgementId);
  const acknowledgedSize = stored === undefined ? 0 : (decodeAcknowledgement(stored.payload).tree_head?.size ?? 0);
  if (stored === undefined || acknowledgedSize > size)
    throw new ManagerError("proof_unavailable", "The tree is older than the report's acknowledgement.");
  const body = await read.reports.findReportBody(report);
  const signed = body === undefined ? null : signedReportOf(body);
  return {
    countersign_proof: "1.0",
    payload_sha256: report.payloadSha256,
    report: signed,
    device_certificates: await deviceCertificates(signed, ports),
    acknowledgement: await ports.signer.acknowledgement(stored),
    leaf_index: leafIndex,
    inclusion_proof: (await proveInclusion(opened, leafIndex, size)).hashes,
    consistency_proof: await proveConsistency(opened, acknowledgedSize, size),
    tree_head: (await signHead(opened, size, ports)).object,
    root_certificate: encodeCertificate(ports.issuer.root()),
  };
}

function signedReportOf(body: { readonly payload: string; readonly signature: string }): SignedReport {
  return { payload: body.payload, header: { type: "rum" }, signature: JSON.parse(body.signature) };
}

/** The ID certificate that the report's signature names, and its issuing CA. */
async function deviceCertificates(report: SignedReport | null, { read, issuer }: LedgerPorts): Promise<string[]> {
  if (report === null || report.signature.signing_type === "builtin") return [];
  const found = await read.trust.findCertificate(report.signature.key);
  if (found === undefined) throw new ManagerError("proof_unavailable", "The device's certificate is not kept.");
  const certificate = new X509Certificate(found.certificate);
  return [certificate, ...issuer.chainOf(certificate)].map(encodeCertificate);
}

/** What is handed out has been verified as its reader will: a proof that does not hold never leaves. */
async function requireSound<File>(
  file: File,
  verify: (anchors: TrustAnchors) => Promise<unknown>,
  { issuer }: LedgerPorts,
): Promise<File> {
  try {
    await verify([issuer.root()]);
    return file;
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw new ManagerError("proof_unavailable", cause.message, { cause });
  }
}
