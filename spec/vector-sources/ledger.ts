// The ledger: leaves, nodes, roots, proofs, heads and proof files (spec/protocol.md, section 13; spec/files.md, section 4).

import {
  type ActProofFile,
  appendLeaves,
  compareHeads,
  consistencyRanges,
  decodeProofFile,
  emptyTree,
  encodeProofFile,
  encodeRumReport,
  type Hash,
  hexOfHash,
  inclusionRanges,
  leafHash,
  nodeHash,
  type ProofFile,
  ProtocolError,
  reportLeaf,
  rootOf,
  serialNumberOf,
  sha256Hex,
  signReport,
  type TreeHead,
  verifyActProofFile,
  verifyProofFile,
} from "@countersign/protocol";
import {
  actEntry,
  makeActProofFile,
  makeProofFile,
  type ProofWish,
  rangeRootOf,
  sampleLeaves,
} from "@countersign/protocol/test-support/proofs";
import { otherPiid, productTag, rumReport, sudi } from "@countersign/protocol/test-support/samples";
import type { VectorKeys } from "./stored-keys.ts";
import { accepted, base64Of, refused, type Vector, type VectorFile } from "./vector.ts";

export async function ledger(keys: VectorKeys): Promise<VectorFile> {
  const vectors = [
    ...hashes(),
    ...inclusions(),
    ...consistencies(),
    ...comparisons(),
    ...(await proofFiles(keys)),
    ...(await actProofFiles(keys)),
  ];
  return { file: "ledger.json", about: "Ledger: protocol.md, section 13, and files.md, section 4.", vectors };
}

const leaves = sampleLeaves(300);
const rootOfRange = rangeRootOf(leaves);
const rootOfSize = (size: number) => rootOfRange({ start: 0, end: size });
const hex = (hash: Hash | undefined) => hexOfHash(hash as Hash);
const otherHash = sha256Hex("another");

function hashes(): readonly Vector[] {
  const payload = encodeRumReport(rumReport);
  const [left, right] = leaves.map(hex);
  const roots = [0, 1, 2, 3, 4, 5, 7, 8, 9].map(
    (size): Vector => ({
      name: `root over ${size} leaves`,
      kind: "tree-root",
      leafHashes: leaves.slice(0, size).map(hex),
      expected: accepted({ rootSha256: hexOfHash(rootOf(appendLeaves(emptyTree, leaves.slice(0, size)))) }),
    }),
  );
  return [
    {
      name: "leaf of a report",
      kind: "report-leaf",
      payload,
      expected: accepted({ leafHash: hexOfHash(reportLeaf(Buffer.from(sha256Hex(payload), "hex"))) }),
    },
    {
      name: "leaf over any entry",
      kind: "leaf",
      entry: base64Of("leaf 0"),
      expected: accepted({ leafHash: hexOfHash(leafHash(Buffer.from("leaf 0"))) }),
    },
    {
      name: "node over two leaves",
      kind: "node",
      left,
      right,
      expected: accepted({ nodeHash: hexOfHash(nodeHash(leaves[0] as Hash, leaves[1] as Hash)) }),
    },
    ...roots,
  ];
}

function inclusions(): readonly Vector[] {
  const vector = (name: string, change: object, expected = refused("proof_invalid")): Vector => ({
    name: `inclusion: ${name}`,
    kind: "inclusion",
    ...inclusionOf(11, 300),
    ...change,
    expected,
  });
  const right = [
    [0, 1],
    [0, 2],
    [1, 2],
    [6, 7],
    [11, 12],
    [11, 300],
    [255, 256],
    [256, 257],
    [299, 300],
  ] as const;
  const { hashes: path } = inclusionOf(11, 300);
  return [
    ...right.map(([at, size]) => vector(`leaf ${at} of ${size}`, inclusionOf(at, size), accepted())),
    vector("another leaf", { leafHash: otherHash }),
    vector("another root", { rootSha256: otherHash }),
    vector("another index", { leafIndex: 10 }),
    vector("an index beyond the tree", { leafIndex: 300 }),
    vector("another size", { size: 200 }),
    vector("a hash too few", { hashes: path.slice(1) }),
    vector("a hash too many", { hashes: [...path, otherHash] }),
    vector("two hashes swapped", { hashes: [path[1], path[0], ...path.slice(2)] }),
    vector("no hash", { hashes: [] }),
  ];
}

function inclusionOf(leafIndex: number, size: number) {
  const path = inclusionRanges(leafIndex, size).map(rootOfRange);
  return { leafHash: hex(leaves[leafIndex]), leafIndex, size, rootSha256: rootOfSize(size), hashes: path };
}

function consistencyOf(first: number, second: number) {
  const path = consistencyRanges(first, second).map(rootOfRange);
  const roots = { firstRootSha256: rootOfSize(first), secondRootSha256: rootOfSize(second) };
  return { firstSize: first, secondSize: second, ...roots, hashes: path };
}

function consistencies(): readonly Vector[] {
  const vector = (name: string, change: object, expected = refused("proof_invalid")): Vector => ({
    name: `consistency: ${name}`,
    kind: "consistency",
    ...consistencyOf(11, 300),
    ...change,
    expected,
  });
  const right = [
    [0, 5],
    [1, 1],
    [1, 2],
    [3, 7],
    [4, 7],
    [6, 8],
    [8, 300],
    [11, 300],
    [256, 300],
    [299, 300],
  ] as const;
  const { hashes: path } = consistencyOf(11, 300);
  return [
    ...right.map(([from, to]) => vector(`${from} to ${to}`, consistencyOf(from, to), accepted())),
    vector("another first root", { firstRootSha256: otherHash }),
    vector("another second root", { secondRootSha256: otherHash }),
    vector("another first size", { firstSize: 10 }),
    vector("a first tree that is the larger one", { firstSize: 301 }),
    vector("a hash too few", { hashes: path.slice(1) }),
    vector("a hash too many", { hashes: [...path, otherHash] }),
    vector("no hash", { hashes: [] }),
    vector("hashes where none are needed", { ...consistencyOf(11, 11), hashes: [otherHash] }),
    vector("equal sizes with different roots", { ...consistencyOf(11, 11), secondRootSha256: otherHash }),
  ];
}

function comparisons(): readonly Vector[] {
  const head = (size: number, root = rootOfSize(size)): TreeHead => ({ ledger_id: otherPiid, size, root_sha256: root });
  const path = consistencyOf(11, 300).hashes;
  const rows: readonly (readonly [string, TreeHead, TreeHead, readonly string[] | null])[] = [
    ["the same", head(11), head(11), null],
    ["larger, proved", head(11), head(300), path],
    ["larger, nobody asked", head(11), head(300), null],
    ["larger, with another proof", head(11), head(300), path.slice(1)],
    ["smaller", head(300), head(11), path],
    ["of equal size, another root", head(11), head(11, otherHash), null],
    ["larger than the empty tree", head(0), head(11), null],
  ];
  return rows.map(([name, kept, offered, proof]) => ({
    name: `head: ${name}`,
    kind: "head-comparison",
    kept,
    offered,
    proof,
    expected: accepted({ comparison: compareHeads(kept, offered, proof) }),
  }));
}

async function proofFiles(keys: VectorKeys): Promise<readonly Vector[]> {
  const prove = await proverOf(keys);
  const file = await prove({});
  const rsa = await prove({}, "deviceRsa");
  const builtin = await prove({ deviceCertificates: [] }, null);
  const purged = { ...file, report: null, device_certificates: [] };
  const other = await prove({ leafIndex: 10 });
  const anchors = [keys.certificate("root")];
  const right = async (name: string, proof: ProofFile, roots: readonly string[] | null = anchors): Promise<Vector> => ({
    name: `proof file: ${name}`,
    kind: "proof",
    body: base64Of(encodeProofFile(proof)),
    anchors: roots,
    expected: accepted(await factsOf(proof, roots === null ? null : [keys.identity("root").certificate])),
  });
  const wrong = ([name, code, proof, roots = anchors]: readonly [
    string,
    string,
    object,
    (readonly string[])?,
  ]): Vector => ({
    name: `proof file: ${name}`,
    kind: "proof",
    body: base64Of(JSON.stringify(proof)),
    anchors: roots,
    expected: refused(code),
  });
  const again = await prove({ manager: keys.signing("signingFuture", "issuing") });
  const late = await prove({ manager: keys.signing("signingExpired", "issuing") });
  const foreign = { manager: keys.signing("foreignSigning", "foreignIssuing") };
  return [
    await right("of a report signed with P-256", file),
    await right("of a report signed with RSA", rsa),
    await right("of a report signed before trust", builtin),
    await right("of a purged body", purged),
    await right("with no root but its own", file, null),
    await right("whose ACK was signed again with a younger certificate", {
      ...file,
      acknowledgement: again.acknowledgement,
    }),
    await right("of a tree that has not grown", await prove({ size: 12 })),
    ...(
      [
        ["another version", "envelope_invalid", { ...file, countersign_proof: "1.1" }],
        ["an unknown member", "envelope_invalid", { ...file, more: 1 }],
        ["a tree head in place of the ACK", "envelope_invalid", { ...file, acknowledgement: file.tree_head }],
        ["a head from before its certificate", "certificate_not_yet_valid", again],
        [
          "an ACK from after its certificate",
          "certificate_expired",
          { ...file, acknowledgement: late.acknowledgement },
        ],
        ["another root", "certificate_foreign", file, [keys.certificate("foreignRoot")]],
        ["another manager", "certificate_foreign", await prove(foreign)],
        ["a leaf that the ACK does not name", "proof_mismatch", { ...file, leaf_index: 10 }],
        ["a content that the ACK does not name", "proof_mismatch", { ...file, payload_sha256: otherHash }],
        ["another leaf's ACK", "proof_mismatch", { ...file, acknowledgement: other.acknowledgement }],
        ["another leaf's head", "proof_invalid", { ...file, tree_head: other.tree_head }],
        ["another leaf's path", "proof_invalid", { ...file, inclusion_proof: other.inclusion_proof }],
        ["no way from the ACK's head", "proof_invalid", { ...file, consistency_proof: [] }],
        ["the report of another content", "proof_mismatch", { ...file, report: { ...file.report, payload: "{}" } }],
        ["no body and yet certificates", "proof_mismatch", { ...file, report: null }],
        ["no device certificate", "certificate_unknown", { ...file, device_certificates: [] }],
        [
          "another device's certificate",
          "certificate_unknown",
          { ...file, device_certificates: rsa.device_certificates },
        ],
      ] as const
    ).map(wrong),
    await alteredBytes(await prove({ size: 13 }), keys),
  ];
}

async function actProofFiles(keys: VectorKeys): Promise<readonly Vector[]> {
  const anchors = [keys.certificate("root")];
  const prove = (wish: Partial<Parameters<typeof makeActProofFile>[0]> = {}) =>
    makeActProofFile({
      entry: JSON.stringify(actEntry),
      manager: keys.signing("signing", "issuing"),
      root: keys.identity("root"),
      ...{ leafIndex: 11, size: 300 },
      ...wish,
    });
  const file = await prove();
  const entryWith = (change: object) => JSON.stringify({ ...actEntry, ...change });
  const other = await prove({ leafIndex: 10 });
  const vector = (
    name: string,
    proof: object,
    expected: Vector["expected"],
    roots: readonly string[] | null = anchors,
  ): Vector => ({
    name: `act proof file: ${name}`,
    kind: "act-proof",
    body: base64Of(JSON.stringify(proof)),
    anchors: roots,
    expected,
  });
  const right = async (name: string, proof: ActProofFile, isRootKnown = true): Promise<Vector> => {
    const roots = isRootKnown ? anchors : null;
    const trusted = isRootKnown ? [keys.identity("root").certificate] : null;
    return vector(name, proof, accepted({ ...(await verifyActProofFile(proof, trusted)) }), roots);
  };
  const byNobody = await prove({ entry: entryWith({ by: { kind: "nobody" } }) });
  const foreign = await prove({ manager: keys.signing("foreignSigning", "foreignIssuing") });
  return [
    await right("of an operator's act", file),
    await right(
      "of the manager's own act",
      await prove({ entry: entryWith({ by: { kind: "system", name: "restore" } }) }),
    ),
    await right("of an act at the socket", await prove({ entry: entryWith({ by: { kind: "local" }, reason: null }) })),
    await right("in a tree of one", await prove({ leafIndex: 0, size: 1 })),
    await right("with no root but its own", file, false),
    vector("another version", { ...file, countersign_act_proof: "2.0" }, refused("envelope_invalid")),
    vector("an unknown member", { ...file, more: 1 }, refused("envelope_invalid")),
    vector("another root", file, refused("certificate_foreign"), [keys.certificate("foreignRoot")]),
    vector("another manager", foreign, refused("certificate_foreign")),
    vector(
      "another operator",
      { ...file, entry: entryWith({ by: { ...actEntry.by, name: "eve" } }) },
      refused("proof_invalid"),
    ),
    vector("the same entry in other characters", { ...file, entry: ` ${file.entry}` }, refused("proof_invalid")),
    vector("another leaf", { ...file, leaf_index: 10 }, refused("proof_invalid")),
    vector("another leaf's path", { ...file, inclusion_proof: other.inclusion_proof }, refused("proof_invalid")),
    vector("another leaf's head", { ...file, tree_head: other.tree_head }, refused("proof_invalid")),
    vector("a leaf beyond the tree", { ...file, leaf_index: 300 }, refused("proof_invalid")),
    vector("an entry by nobody", byNobody, refused("payload_invalid")),
  ];
}

async function proverOf(keys: VectorKeys) {
  return async (wish: Partial<ProofWish>, signer: "device" | "deviceRsa" | null = "device"): Promise<ProofFile> => {
    const payload = encodeRumReport(rumReport);
    const by =
      signer === null
        ? ({ kind: "builtin", sudi, productTag } as const)
        : ({
            kind: "trust",
            sudi,
            certificateSerial: serialNumberOf(keys.identity(signer).certificate),
            signer: keys.signer(signer),
          } as const);
    return makeProofFile({
      report: await signReport(payload, by),
      manager: keys.signing("signing", "issuing"),
      root: keys.identity("root"),
      deviceCertificates: signer === null ? [] : [keys.identity(signer), keys.identity("issuing")],
      leafIndex: 11,
      acknowledgedSize: 12,
      size: 300,
      ...wish,
    });
  };
}

async function factsOf(
  file: ProofFile,
  anchors: Parameters<typeof verifyProofFile>[1],
): Promise<Record<string, unknown>> {
  const { report, ...proved } = await verifyProofFile(file, anchors);
  return { ...proved, reportId: report?.asset_identification.report_id ?? null };
}

/** Every 97th byte, changed in its lowest bit: each must be refused, with whatever code. */
async function alteredBytes(file: ProofFile, keys: VectorKeys): Promise<Vector> {
  const bytes = Buffer.from(encodeProofFile(file));
  const alterations = Array.from({ length: Math.floor(bytes.length / 97) }, (_, at) => at * 97);
  for (const at of alterations) await requireRefused(bytes, at, keys);
  return {
    name: "proof file: with a byte altered, for many bytes",
    kind: "altered-proof",
    body: base64Of(bytes),
    alterations,
    anchors: [keys.certificate("root")],
    expected: accepted({ refused: alterations.length }),
  };
}

async function requireRefused(bytes: Buffer, at: number, keys: VectorKeys): Promise<void> {
  const altered = Buffer.from(bytes);
  altered[at] = (altered[at] as number) ^ 1;
  try {
    await verifyProofFile(decodeProofFile(altered), [keys.identity("root").certificate]);
  } catch (error) {
    if (error instanceof ProtocolError) return;
    throw error;
  }
  throw new Error(`byte ${at} of the proof does not count`);
}
