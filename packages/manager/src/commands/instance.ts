// countersign manager instance: the product instances that this manager knows.

import { readFile, writeFile } from "node:fs/promises";
import type { Command } from "@countersign/terminal";
import type { EnrolledByFile, InstanceDetail, InstanceView } from "../use-cases/use-cases.ts";
import {
  accountOption,
  administrationCommand,
  pageOf,
  pageOptions,
  virtualAccountOf,
  virtualAccountOptions,
} from "./administer.ts";
import { formatInstant, optionText, renderFacts, requireWords, show, showTable, UsageError } from "./output.ts";

const list = administrationCommand({
  name: "list",
  summary: "List product instances",
  options: { ...virtualAccountOptions, ...pageOptions },
  run: async (client, input) => {
    requireWords(input);
    const query = {
      ...virtualAccountOf(input),
      ...pageOf(input),
    };
    const instances = await client.call<readonly InstanceView[]>("GET", "/api/v1/instances", { query });
    return showTable(
      input,
      instances,
      [
        { title: "UDI", value: ({ udi }) => `PID:${udi.pid},SN:${udi.serialNumber}`, keep: true },
        { title: "Role", value: (instance) => instance.role },
        { title: "Host name", value: (instance) => instance.hostname },
        { title: "Virtual account", value: (instance) => instance.virtualAccount },
        { title: "Last contact", value: (instance) => formatInstant(instance.lastContactAtMs) },
        { title: "Identifier", value: (instance) => instance.productInstanceIdentifier },
      ],
      "There is no product instance.",
    );
  },
});

const showOne = administrationCommand({
  name: "show",
  summary: "Show a product instance, its installation and what it uses",
  usage: "<identifier or PID:x,SN:y>",
  options: accountOption,
  run: async (client, input) => {
    const [instance] = requireWords(input, "identifier");
    const query = { smartAccount: optionText(input, "smart-account") };
    const detail = await client.call<InstanceDetail>("GET", `/api/v1/instances/${encodeURIComponent(instance)}`, {
      query,
    });
    return show(input, detail, renderDetail);
  },
});

function renderDetail({ instance, members, usage, missingReports, classic }: InstanceDetail): string {
  const facts = renderFacts([
    ["UDI", `PID:${instance.udi.pid},SN:${instance.udi.serialNumber}`],
    ["Identifier", instance.productInstanceIdentifier],
    ["Host name", instance.hostname],
    ["Virtual account", instance.virtualAccount],
    ["Product", `${instance.productTag} ${instance.softwareVersion}`],
    ["Trusted since", formatInstant(instance.trustedSinceMs)],
    ["Last contact", formatInstant(instance.lastContactAtMs)],
    ["Certificate", instance.certificateSerial],
    ["Licensing model", classic === null ? "policy" : classicText(classic)],
    [
      "Missing reports",
      missingReports.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(", ") || "none",
    ],
  ]);
  const memberLines = members.map(({ udi, role }) => `  ${role.padEnd(8)} ${udi}\n`).join("");
  const usageLines = usage.map(
    ({ count, tag, isVerified }) => `  ${String(count).padStart(6)}  ${tag}${isVerified ? "" : "  (unverified)"}\n`,
  );
  return `${facts}\nMembers\n${memberLines}\nIn use\n${usageLines.length === 0 ? "  nothing\n" : usageLines.join("")}`;
}

function classicText({ certificateEndsAtMs, releasedAtMs }: NonNullable<InstanceDetail["classic"]>): string {
  const released = releasedAtMs === null ? "" : `, what it used is free since ${formatInstant(releasedAtMs)}`;
  return `classic, ID certificate until ${formatInstant(certificateEndsAtMs)}${released}`;
}

const remove = administrationCommand({
  name: "remove",
  isAct: true,
  summary: "Remove a product instance; its certificates are withdrawn",
  usage: "<identifier or PID:x,SN:y>",
  options: accountOption,
  run: async (client, input) => {
    const [instance] = requireWords(input, "identifier");
    const query = { smartAccount: optionText(input, "smart-account") };
    const removed = await client.call("DELETE", `/api/v1/instances/${encodeURIComponent(instance)}`, { query });
    return show(input, removed, () => `${instance} was removed.\n`);
  },
});

const transfer = administrationCommand({
  name: "transfer",
  isAct: true,
  summary: "Move an installation to another virtual account",
  usage: "<identifier or PID:x,SN:y> <virtual account>",
  options: accountOption,
  run: async (client, input) => {
    const [instance, virtualAccount] = requireWords(input, "identifier", "virtual account");
    const path = `/api/v1/instances/${encodeURIComponent(instance)}/transfer`;
    const query = { smartAccount: optionText(input, "smart-account") };
    const detail = await client.call<InstanceDetail>("POST", path, { query, body: { virtualAccount } });
    return show(input, detail, () => `${instance} is now in ${detail.instance.virtualAccount}.\n`);
  },
});

const enrol = administrationCommand({
  name: "enrol",
  isAct: true,
  summary: "Let in the devices of a saved trust request, and write the file that they import",
  usage: "<file> --out FILE [--virtual-account NAME] [--force] [--export-controlled]",
  options: {
    ...virtualAccountOptions,
    out: { type: "string", description: "Write the trust codes here." },
    force: { type: "boolean", description: "Replace the key of a device that is registered with another one." },
    "export-controlled": { type: "boolean", description: "Allow export-controlled functions." },
  },
  run: async (client, input) => {
    const [path] = requireWords(input, "file");
    const out = optionText(input, "out");
    if (out === undefined) throw new UsageError("--out is missing: where to write the file that the device imports");
    const query = {
      ...virtualAccountOf(input),
      force: String(input.values.force === true),
      exportControlAllowed: String(input.values["export-controlled"] === true),
    };
    const call = { query, file: await readFile(path) };
    const enrolled = await client.call<EnrolledByFile>("POST", "/api/v1/trust-request-files", call);
    await writeFile(out, enrolled.file, { mode: 0o600 });
    await show(input, enrolled, (result) => renderEnrolled(result, out));
    return enrolled.devices.every(({ isEnrolled }) => isEnrolled) ? 0 : 3;
  },
});

function renderEnrolled({ devices }: EnrolledByFile, out: string): string {
  const lines = devices.map(({ udi, isEnrolled, message }) => `  ${udi}  ${isEnrolled ? "let in" : message}\n`);
  return `${lines.join("")}${out} is the file that the device imports: license smart import <file>\n`;
}

export const instance: Command = {
  name: "instance",
  summary: "Product instances",
  subcommands: [enrol, list, showOne, transfer, remove],
};
