// countersign manager ack: what the manager countersigned.

import { writeFile } from "node:fs/promises";
import type { Command } from "@countersign/terminal";
import type { AcknowledgementView, SignedAcknowledgement } from "../use-cases/use-cases.ts";
import { accountOption, administrationCommand, pageOf, pageOptions } from "./administer.ts";
import { formatInstant, optionText, renderFacts, requireWords, show, showTable } from "./output.ts";

const list = administrationCommand({
  name: "list",
  summary: "List acknowledgements, the newest first",
  options: { ...accountOption, ...pageOptions },
  run: async (client, input) => {
    requireWords(input);
    const query = {
      smartAccount: optionText(input, "smart-account"),
      ...pageOf(input),
    };
    const list = await client.call<readonly AcknowledgementView[]>("GET", "/api/v1/acknowledgements", { query });
    return showTable(
      input,
      list,
      [
        { title: "Number", value: (ack) => String(ack.acknowledgementId), align: "right", keep: true },
        { title: "Acknowledged", value: (ack) => formatInstant(ack.acknowledgedAtMs) },
        { title: "Sequence", value: (ack) => String(ack.acknowledgement.sequence), align: "right" },
        { title: "Reports", value: (ack) => String(ack.acknowledgement.reports.length), align: "right" },
        { title: "Serial number", value: (ack) => ack.acknowledgement.sudi.udi_serial_number },
        { title: "Product instance", value: (ack) => ack.productInstanceIdentifier },
      ],
      "Nothing was acknowledged yet.",
    );
  },
});

const showOne = administrationCommand({
  name: "show",
  summary: "Show one acknowledgement, or write it as a file that a device imports",
  usage: "<number> [--out FILE]",
  options: { ...accountOption, out: { type: "string", description: "Write the licence file here." } },
  run: async (client, input) => {
    const [number] = requireWords(input, "number");
    const query = { smartAccount: optionText(input, "smart-account") };
    const ack = await client.call<SignedAcknowledgement>(
      "GET",
      `/api/v1/acknowledgements/${encodeURIComponent(number)}`,
      { query },
    );
    const out = optionText(input, "out");
    if (out !== undefined) await writeFile(out, ack.file);
    return show(input, ack, renderAcknowledgement);
  },
});

function renderAcknowledgement({ acknowledgement, ...ack }: SignedAcknowledgement): string {
  const head = acknowledgement.tree_head;
  const facts = renderFacts([
    ["Number", String(ack.acknowledgementId)],
    ["Product instance", ack.productInstanceIdentifier],
    ["Acknowledged", formatInstant(ack.acknowledgedAtMs)],
    ["Sequence", String(acknowledgement.sequence)],
    ["Policy version", String(acknowledgement.policy_version)],
    ["Ledger", head === null ? "–" : `${head.size} leaves, root ${head.root_sha256}`],
  ]);
  const lines = acknowledgement.reports.map(
    (report) => `  ${String(report.report_id ?? "?").padStart(8)}  ${report.outcome}  ${report.payload_sha256}\n`,
  );
  return `${facts}\nReports\n${lines.join("")}`;
}

export const acknowledgement: Command = { name: "ack", summary: "Acknowledgements", subcommands: [list, showOne] };
