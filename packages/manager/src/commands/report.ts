// countersign manager report: the usage reports that were accepted.

import { createReadStream } from "node:fs";
import { open, readFile, writeFile } from "node:fs/promises";
import { isBundle } from "@countersign/protocol";
import type { Command } from "@countersign/terminal";
import type { ImportedUsage, ReportDetail, ReportView } from "../use-cases/use-cases.ts";
import { accountOption, administrationCommand, pageOf, pageOptions } from "./administer.ts";
import { type FileVerdict, importBundle } from "./import-bundle.ts";
import { formatInstant, optionText, renderFacts, requireWords, show, showTable } from "./output.ts";

const list = administrationCommand({
  name: "list",
  summary: "List the usage reports of a product instance, the newest first",
  usage: "<identifier or PID:x,SN:y>",
  options: { ...accountOption, ...pageOptions },
  run: async (client, input) => {
    const [instance] = requireWords(input, "identifier");
    const query = {
      smartAccount: optionText(input, "smart-account"),
      ...pageOf(input),
    };
    const path = `/api/v1/instances/${encodeURIComponent(instance)}/reports`;
    const reports = await client.call<readonly ReportView[]>("GET", path, { query });
    return showTable(
      input,
      reports,
      [
        { title: "Report", value: (report) => String(report.reportId), align: "right", keep: true },
        { title: "Count", value: (report) => String(report.count), align: "right" },
        { title: "From", value: (report) => formatInstant(report.startsAtSeconds * 1000) },
        { title: "To", value: (report) => formatInstant(report.endsAtSeconds * 1000) },
        { title: "Received", value: (report) => formatInstant(report.receivedAtMs) },
        { title: "Signed", value: (report) => (report.isVerified ? "verified" : "unverified") },
        { title: "Ledger", value: (report) => String(report.leafIndex), align: "right" },
        { title: "Tag", value: (report) => report.tag },
      ],
      "No report was accepted yet.",
    );
  },
});

const showOne = administrationCommand({
  name: "show",
  summary: "Show one usage report with its signed payload",
  usage: "<identifier or PID:x,SN:y> <report id>",
  options: accountOption,
  run: async (client, input) => {
    const [instance, reportId] = requireWords(input, "identifier", "report id");
    const path = `/api/v1/instances/${encodeURIComponent(instance)}/reports/${encodeURIComponent(reportId)}`;
    const query = { smartAccount: optionText(input, "smart-account") };
    const report = await client.call<ReportDetail>("GET", path, { query });
    return show(input, report, renderReport);
  },
});

function renderReport(report: ReportDetail): string {
  const facts = renderFacts([
    ["Report", String(report.reportId)],
    ["Tag", report.tag],
    ["Count", String(report.count)],
    ["From", formatInstant(report.startsAtSeconds * 1000)],
    ["To", formatInstant(report.endsAtSeconds * 1000)],
    ["Received", formatInstant(report.receivedAtMs)],
    ["Signed", report.isVerified ? "verified" : "unverified"],
    ["SHA-256", report.payloadSha256],
    ["Ledger leaf", String(report.leafIndex)],
    ["Acknowledgement", String(report.acknowledgementId)],
  ]);
  return `${facts}\n${report.payload}\n`;
}

const importFile = administrationCommand({
  name: "import",
  isAct: true,
  summary: "Take usage that was saved on a device, or a bundle of many, and write the file that goes back",
  usage: "<file> [--out FILE]",
  options: { ...accountOption, out: { type: "string", description: "Write the acknowledgements here." } },
  run: async (client, input) => {
    const [path] = requireWords(input, "file");
    const smartAccount = optionText(input, "smart-account");
    const out = optionText(input, "out");
    if (isBundle(await firstBytes(path))) {
      const source = createReadStream(path);
      const { files, answer } = await importBundle(source, client, { smartAccount, now: Date.now() });
      if (out !== undefined && answer !== null) await writeFile(out, answer, { mode: 0o600 });
      await show(input, { files, isAnswered: answer !== null }, (result) => renderBundle(result.files, out));
      return files.every((file) => file.code === null && file.refused.length === 0) ? 0 : 3;
    }
    const imported = await client.call<ImportedUsage>("POST", "/api/v1/usage-files", {
      query: { smartAccount },
      file: await readFile(path),
    });
    if (out !== undefined && imported.file !== null) await writeFile(out, imported.file, { mode: 0o600 });
    await show(input, imported, (result) => renderImport(result, out));
    return imported.refused.length === 0 ? 0 : 3;
  },
});

async function firstBytes(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    return (await file.read(Buffer.alloc(2), 0, 2, 0)).buffer;
  } finally {
    await file.close();
  }
}

function renderBundle(files: readonly FileVerdict[], out: string | undefined): string {
  const lines = files.map((verdict) => {
    if (verdict.code !== null) return `  ${verdict.file}  refused, ${verdict.code}: ${verdict.remedy}\n`;
    const { accepted, known, refused } = verdict.reports;
    return `  ${verdict.file}  ${accepted} accepted, ${known} known, ${refused} refused\n`;
  });
  const next = out === undefined ? "Repeat with --out FILE to have the bundle" : `${out} is the bundle`;
  return `${files.length} device files\n${lines.join("")}${next} that goes back: countersign relay import <file>\n`;
}

function renderImport({ reports, refused, file }: ImportedUsage, out: string | undefined): string {
  const counts = `${reports.accepted} reports were accepted, ${reports.known} were known, ${reports.refused} refused.\n`;
  const refusals = refused.map(
    ({ udi, reportId, code, remedy }) => `  ${udi}  ${reportId ?? "?"}  ${code}: ${remedy}\n`,
  );
  if (file === null) return `${counts}${refusals.join("")}`;
  const next = out === undefined ? "Repeat with --out FILE to have the file" : `${out} is the file`;
  return `${counts}${refusals.join("")}${next} that the device imports: license smart import <file>\n`;
}

export const report: Command = { name: "report", summary: "Usage reports", subcommands: [importFile, list, showOne] };
