// countersign manager instance: the product instances that this manager knows.

import type { Command } from "@countersign/terminal";
import type { InstanceDetail, InstanceView } from "../use-cases/use-cases.ts";
import { accountOption, administrationCommand, pageOptions, virtualAccountOptions } from "./administer.ts";
import { formatInstant, optionNumber, optionText, renderFacts, requireWords, show, showTable } from "./output.ts";

const list = administrationCommand({
  name: "list",
  summary: "List product instances",
  options: { ...virtualAccountOptions, ...pageOptions },
  run: async (client, input) => {
    requireWords(input);
    const query = {
      smartAccount: optionText(input, "smart-account"),
      virtualAccount: optionText(input, "virtual-account"),
      limit: optionNumber(input, "limit"),
      after: optionNumber(input, "after"),
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

function renderDetail({ instance, installation, members, usage, missingReports }: InstanceDetail): string {
  const facts = renderFacts([
    ["UDI", `PID:${instance.udi.pid},SN:${instance.udi.serialNumber}`],
    ["Identifier", instance.productInstanceIdentifier],
    ["Host name", instance.hostname],
    ["Virtual account", instance.virtualAccount],
    ["Product", `${instance.productTag} ${instance.softwareVersion}`],
    ["Trusted since", formatInstant(instance.trustedSinceMs)],
    ["Last contact", formatInstant(installation.lastContactAtMs)],
    ["Certificate", instance.certificateSerial],
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

const remove = administrationCommand({
  name: "remove",
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

export const instance: Command = {
  name: "instance",
  summary: "Product instances",
  subcommands: [list, showOne, transfer, remove],
};
