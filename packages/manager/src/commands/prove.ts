// countersign prove: the proof of one accepted report as a file that anybody can verify.

import { writeFile } from "node:fs/promises";
import type { ProofFile } from "@countersign/protocol";
import { decodeTreeHead } from "@countersign/protocol";
import { accountOption, administrationCommand } from "./administer.ts";
import { formatInstant, optionNumber, optionText, renderFacts, requireWords, show } from "./output.ts";

export const prove = administrationCommand({
  name: "prove",
  summary: "Write one file that proves an accepted usage report to anybody; `countersign inspect` verifies it",
  usage: "<identifier or PID:x,SN:y> <report id> [--out FILE]",
  options: {
    ...accountOption,
    size: { type: "string", description: "Size of the tree to prove it in; the newest when left out." },
    out: { type: "string", description: "Write the proof here; standard output when left out." },
  },
  run: async (client, input) => {
    const [instance, reportId] = requireWords(input, "identifier", "report id");
    const query = { smartAccount: optionText(input, "smart-account"), size: optionNumber(input, "size") };
    const path = `/api/v1/instances/${encodeURIComponent(instance)}/reports/${encodeURIComponent(reportId)}/proof`;
    const proof = await client.call<ProofFile>("GET", path, { query });
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
        ["Report SHA-256", proof.payload_sha256],
        ["Ledger entry", String(proof.leaf_index)],
        ["Tree head", `${head.size} entries, signed ${formatInstant(head.signed_at)}`],
      ]),
    );
  },
});
