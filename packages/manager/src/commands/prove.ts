// countersign prove: the proof of one accepted report, or of one administrative act, as a file that anybody can verify.

import { writeFile } from "node:fs/promises";
import type { ActProofFile, ProofFile } from "@countersign/protocol";
import { decodeTreeHead } from "@countersign/protocol";
import type { CommandInput } from "@countersign/terminal";
import { accountOption, administrationCommand, managerOf, managerOption } from "./administer.ts";
import type { AdministrationClient } from "./administration-client.ts";
import { formatInstant, optionNumber, optionText, renderFacts, requireWords, show } from "./output.ts";

/** In the place of an identifier, which is a uuid or begins with `PID:`. */
const actWord = "act";

export const prove = administrationCommand({
  name: "prove",
  summary:
    "Write one file that proves an accepted usage report, or an administrative act, to anybody; `countersign inspect` verifies it",
  usage: "(<identifier or PID:x,SN:y> <report id> | act <ledger entry> [--manager]) [--out FILE]",
  options: {
    ...accountOption,
    ...managerOption,
    size: { type: "string", description: "Size of the tree to prove it in; the newest when left out." },
    out: { type: "string", description: "Write the proof here; standard output when left out." },
  },
  run: (client, input) => (input.positionals[0] === actWord ? proveAct(client, input) : proveReport(client, input)),
});

async function proveReport(client: AdministrationClient, input: CommandInput): Promise<number> {
  const [instance, reportId] = requireWords(input, "identifier", "report id");
  const path = `/api/v1/instances/${encodeURIComponent(instance)}/reports/${encodeURIComponent(reportId)}/proof`;
  const query = { smartAccount: optionText(input, "smart-account"), size: optionNumber(input, "size") };
  const proof = await client.call<ProofFile>("GET", path, { query });
  return writeProof(input, proof, [["Report SHA-256", proof.payload_sha256]]);
}

async function proveAct(client: AdministrationClient, input: CommandInput): Promise<number> {
  const [, leafIndex] = requireWords(input, "act", "ledger entry");
  const query = {
    smartAccount: optionText(input, "smart-account"),
    manager: managerOf(input),
    size: optionNumber(input, "size"),
  };
  const proof = await client.call<ActProofFile>("GET", `/api/v1/audit/${encodeURIComponent(leafIndex)}/proof`, {
    query,
  });
  const { act, at } = JSON.parse(proof.entry) as { readonly act: string; readonly at: string };
  return writeProof(input, proof, [["Act", `${act}, ${at}`]]);
}

async function writeProof(
  input: CommandInput,
  proof: ProofFile | ActProofFile,
  facts: readonly (readonly [string, string])[],
): Promise<number> {
  const out = optionText(input, "out");
  if (out === undefined) {
    input.stdout.write(`${JSON.stringify(proof)}\n`);
    return 0;
  }
  await writeFile(out, JSON.stringify(proof));
  const head = decodeTreeHead(proof.tree_head.payload);
  return show(input, { file: out, leafIndex: proof.leaf_index, treeHead: head }, () =>
    renderFacts([
      ["Written", out],
      ...facts,
      ["Ledger entry", String(proof.leaf_index)],
      ["Tree head", `${head.size} entries, signed ${formatInstant(head.signed_at)}`],
    ]),
  );
}
