// A small ledger and the proof of one report in it, as the manager of parties.ts would hand it out.

import { encodeAcknowledgement } from "../acknowledgement.ts";
import { encodeCertificate } from "../certificate.ts";
import type { ActProofFile } from "../files/act-proof-file.ts";
import type { ProofFile } from "../files/proof-file.ts";
import { consistencyRanges, inclusionRanges, type LeafRange } from "../ledger/merkle-proof.ts";
import { appendLeaves, auditLeaf, emptyTree, type Hash, leafHash, reportLeaf, rootOf } from "../ledger/merkle-tree.ts";
import { encodeTreeHead, hashOfHex, hexOfHash } from "../ledger/tree-head.ts";
import { sha256Hex } from "../signature.ts";
import { type SignedReport, type SigningIdentity, signManagerObject } from "../signed-object.ts";
import type { TestIdentity } from "./certificates.ts";
import * as sample from "./samples.ts";

export const sampleLeaves = (count: number): readonly Hash[] =>
  Array.from({ length: count }, (_, at) => leafHash(Buffer.from(`leaf ${at}`)));

export const rangeRootOf =
  (leaves: readonly Hash[]) =>
  ({ start, end }: LeafRange): string =>
    hexOfHash(rootOf(appendLeaves(emptyTree, leaves.slice(start, end))));

export type ProofWish = {
  readonly report: SignedReport;
  readonly manager: SigningIdentity;
  readonly root: TestIdentity;
  /** ID certificate, then its issuing CA. */
  readonly deviceCertificates: readonly TestIdentity[];
  readonly leafIndex: number;
  /** Leaves when the ACK was made, and when the head was signed. */
  readonly acknowledgedSize: number;
  readonly size: number;
};

export async function makeProofFile(wish: ProofWish): Promise<ProofFile> {
  const { report, manager, leafIndex, acknowledgedSize, size } = wish;
  const payloadSha256 = sha256Hex(report.payload);
  const leaves = [...sampleLeaves(size)];
  leaves[leafIndex] = reportLeaf(hashOfHex(payloadSha256));
  const rootOfRange = rangeRootOf(leaves);
  const headOf = (length: number) => ({
    ledger_id: sample.otherPiid,
    size: length,
    root_sha256: rootOfRange({ start: 0, end: length }),
  });
  const taken = { payload_sha256: payloadSha256, outcome: "accepted", leaf_index: leafIndex } as const;
  const reports = [{ report_id: sample.rumReport.asset_identification.report_id, ...taken }];
  const acknowledgement = { ...sample.acknowledgement, reports, tree_head: headOf(acknowledgedSize) };
  const signedHead = { version: "1.0", ...headOf(size), signed_at: sample.treeHead.signed_at } as const;
  return {
    countersign_proof: "1.0",
    payload_sha256: payloadSha256,
    report,
    device_certificates: wish.deviceCertificates.map(({ certificate }) => encodeCertificate(certificate)),
    acknowledgement: await signManagerObject("ack", encodeAcknowledgement(acknowledgement), manager),
    leaf_index: leafIndex,
    inclusion_proof: inclusionRanges(leafIndex, size).map(rootOfRange),
    consistency_proof: consistencyRanges(acknowledgedSize, size).map(rootOfRange),
    tree_head: await signManagerObject("tree-head", encodeTreeHead(signedHead), manager),
    root_certificate: encodeCertificate(wish.root.certificate),
  };
}

export const actEntry = {
  version: "1.0",
  act: "set_policy",
  ...{ part: 1, parts: 1 },
  at: "2031-05-21T12:00:00.000Z",
  by: { kind: "operator", name: "ada", operator_id: 1 },
  reason: "contract 4711",
  file_sha256: null,
  changes: [{ event: "policy_set", virtual_account_id: 2, installation_id: null, before: null, after: { version: 3 } }],
} as const;

export type ActProofWish = Pick<ProofWish, "manager" | "root" | "leafIndex" | "size"> & { readonly entry: string };

export async function makeActProofFile(wish: ActProofWish): Promise<ActProofFile> {
  const { entry, manager, leafIndex, size } = wish;
  const leaves = [...sampleLeaves(size)];
  leaves[leafIndex] = auditLeaf(hashOfHex(sha256Hex(entry)));
  const rootOfRange = rangeRootOf(leaves);
  const head = { ledger_id: sample.otherPiid, size, root_sha256: rootOfRange({ start: 0, end: size }) };
  const signedHead = { version: "1.0", ...head, signed_at: sample.treeHead.signed_at } as const;
  return {
    countersign_act_proof: "1.0",
    entry,
    leaf_index: leafIndex,
    inclusion_proof: inclusionRanges(leafIndex, size).map(rootOfRange),
    tree_head: await signManagerObject("tree-head", encodeTreeHead(signedHead), manager),
    root_certificate: encodeCertificate(wish.root.certificate),
  };
}
