// countersign manager ledger: signed heads of the ledger, proofs, and the recomputation of everything.

import type { Command } from "@countersign/terminal";
import type { ConsistencyView, InclusionView, TreeHeadView } from "../use-cases/use-cases.ts";
import { accountOption, administrationCommand, managerOf, managerOption } from "./administer.ts";
import { formatInstant, optionNumber, optionText, renderFacts, requireWords, show } from "./output.ts";
import { verifyLedgerCommand } from "./verify-ledger.ts";

const sizeOption = {
  size: { type: "string", description: "Size of the tree; the newest when left out." },
} as const;

const head = administrationCommand({
  name: "head",
  summary: "Show the newest tree head, or the one at a size, signed",
  options: { ...accountOption, ...managerOption, ...sizeOption },
  run: async (client, input) => {
    requireWords(input);
    const query = {
      smartAccount: optionText(input, "smart-account"),
      manager: managerOf(input),
      size: optionNumber(input, "size"),
    };
    const view = await client.call<TreeHeadView>("GET", "/api/v1/ledger/head", { query });
    return show(input, view, (shown) => renderFacts(headFacts(shown)));
  },
});

const consistency = administrationCommand({
  name: "consistency",
  summary: "Prove that the tree of one size begins with that of a smaller one",
  usage: "<from size> [--to SIZE]",
  options: {
    ...accountOption,
    ...managerOption,
    to: { type: "string", description: "The larger size; the newest when left out." },
  },
  run: async (client, input) => {
    const [from] = requireWords(input, "from size");
    const query = {
      smartAccount: optionText(input, "smart-account"),
      manager: managerOf(input),
      from,
      to: optionNumber(input, "to"),
    };
    const view = await client.call<ConsistencyView>("GET", "/api/v1/ledger/consistency", { query });
    const first = [["From", `${view.from.size} entries, root ${view.from.rootSha256}`]] as const;
    return show(input, view, () => `${renderFacts([...first, ...headFacts(view.head)])}\n${pathOf(view.hashes)}`);
  },
});

const inclusion = administrationCommand({
  name: "inclusion",
  summary: "Prove that an entry stands at its place",
  usage: "<index> [--size SIZE]",
  options: { ...accountOption, ...managerOption, ...sizeOption },
  run: async (client, input) => {
    const [index] = requireWords(input, "index");
    const query = {
      smartAccount: optionText(input, "smart-account"),
      manager: managerOf(input),
      size: optionNumber(input, "size"),
    };
    const path = `/api/v1/ledger/leaves/${encodeURIComponent(index)}`;
    const view = await client.call<InclusionView>("GET", path, { query });
    const leaf = [["Entry", `${view.leafIndex}, leaf hash ${view.leafHash}`]] as const;
    return show(input, view, () => `${renderFacts([...leaf, ...headFacts(view.head)])}\n${pathOf(view.hashes)}`);
  },
});

function headFacts({ smartAccount, treeHead }: TreeHeadView): readonly (readonly [string, string])[] {
  return [
    ["Smart account", smartAccount],
    ["Ledger", treeHead.ledger_id],
    ["Size", String(treeHead.size)],
    ["Root SHA-256", treeHead.root_sha256],
    ["Signed", formatInstant(treeHead.signed_at)],
  ];
}

function pathOf(hashes: readonly string[]): string {
  return `Proof\n${hashes.map((hash) => `  ${hash}\n`).join("") || "  (no hash is needed)\n"}`;
}

export const ledger: Command = {
  name: "ledger",
  summary: "The append-only ledger of accepted reports",
  subcommands: [head, consistency, inclusion, verifyLedgerCommand],
};
