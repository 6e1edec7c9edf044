// countersign manager upstream: the manager above this one. countersign manager floor: the managers on premises below it.

import { readFile } from "node:fs/promises";
import type { Command } from "@countersign/terminal";
import type { AddedLowerManager, LowerManagerView, SyncOutcome, UpstreamView } from "../use-cases/use-cases.ts";
import { accountOption, administrationCommand, virtualAccountOf, virtualAccountOptions } from "./administer.ts";
import {
  formatInstant,
  optionNumber,
  optionText,
  renderFacts,
  requireWords,
  show,
  showTable,
  UsageError,
} from "./output.ts";

const connect = administrationCommand({
  name: "connect",
  isAct: true,
  summary: "Put this manager on premises below another one",
  usage: "--url URL --root FILE --token-file FILE [--interval-days N]",
  options: {
    ...accountOption,
    url: { type: "string", description: "Where the manager above is, such as https://licences.example.org:8443." },
    root: {
      type: "string",
      description: "PEM file with its licensing root: whoever is not below that is not believed.",
    },
    "token-file": { type: "string", description: "File with the registration token that was made there." },
    "interval-days": { type: "string", description: "Days between two synchronisations; 30 when left out." },
  },
  run: async (client, input) => {
    requireWords(input);
    const need = (name: string): string => {
      const value = optionText(input, name);
      if (value === undefined) throw new UsageError(`--${name} is missing`);
      return value;
    };
    const [url, root, tokenFile] = [need("url"), need("root"), need("token-file")];
    const intervalDays = optionNumber(input, "interval-days");
    const view = await client.call<UpstreamView>("POST", "/api/v1/upstream/connect", {
      query: { smartAccount: optionText(input, "smart-account") },
      body: {
        url,
        rootPem: await readText(root),
        token: (await readText(tokenFile)).trim(),
        ...(intervalDays === undefined ? {} : { intervalDays }),
      },
    });
    return show(input, view, renderUpstream);
  },
});

const sync = administrationCommand({
  name: "sync",
  isAct: true,
  summary: "Synchronise with the manager above now",
  options: accountOption,
  run: async (client, input) => {
    requireWords(input);
    const outcome = await client.call<SyncOutcome>("POST", "/api/v1/upstream/sync", {
      query: { smartAccount: optionText(input, "smart-account") },
      body: {},
    });
    const { acknowledged, refused, upstream } = outcome;
    const said = `${acknowledged} reports are acknowledged above, ${refused} were refused.`;
    return show(input, outcome, () => `${said}\n\n${renderUpstream(upstream)}`);
  },
});

const showUpstream = administrationCommand({
  name: "show",
  summary: "Show the manager above, what waits for it, and when it is next spoken to",
  options: accountOption,
  run: async (client, input) => {
    requireWords(input);
    const query = { smartAccount: optionText(input, "smart-account") };
    const { upstream } = await client.call<{ readonly upstream: UpstreamView | null }>("GET", "/api/v1/upstream", {
      query,
    });
    return show(input, { upstream }, () =>
      upstream === null ? "There is no manager above.\n" : renderUpstream(upstream),
    );
  },
});

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new UsageError(`${path} cannot be read`, { cause });
  }
}

function renderUpstream(view: UpstreamView): string {
  const { failure, lastSyncAtMs } = view;
  return renderFacts([
    ["Manager above", view.url],
    ["Counted in", `${view.virtualAccount} of ${view.smartAccount}`],
    ["Known there as", view.identifier],
    ["Last synchronised", lastSyncAtMs === null ? "never" : formatInstant(lastSyncAtMs)],
    ["Next", `${formatInstant(view.nextSyncAtMs)}, each ${view.intervalDays} days`],
    ["Reports that wait", String(view.waitingReports)],
    ["Reports refused", String(view.refused)],
    ["Failing", failure === null ? "no" : `since ${failure.times} attempts: ${failure.code}`],
  ]);
}

export const upstream: Command = {
  name: "upstream",
  summary: "The manager above a manager on premises",
  subcommands: [connect, sync, showUpstream],
};

const addFloor = administrationCommand({
  name: "add",
  isAct: true,
  summary: "Announce a manager on premises; shows its registration token, this once",
  usage: "<name> [--virtual-account NAME]",
  options: virtualAccountOptions,
  run: async (client, input) => {
    const [name] = requireWords(input, "name");
    const query = virtualAccountOf(input);
    const added = await client.call<AddedLowerManager>("POST", "/api/v1/floors", { query, body: { name } });
    return show(
      input,
      added,
      () =>
        `${added.name} is expected; its devices will be counted in ${added.virtualAccount}.\nRegistration token, good for one manager until ${formatInstant(added.tokenEndsAtMs)} (not shown again):\n${added.token}\n`,
    );
  },
});

const listFloors = administrationCommand({
  name: "list",
  summary: "List the managers on premises below this one",
  options: accountOption,
  run: async (client, input) => {
    requireWords(input);
    const query = { smartAccount: optionText(input, "smart-account") };
    const rows = await client.call<readonly LowerManagerView[]>("GET", "/api/v1/floors", { query });
    const instant = (atMs: number | null) => (atMs === null ? "never" : formatInstant(atMs));
    return showTable(
      input,
      rows,
      [
        { title: "Name", value: ({ name }) => name },
        { title: "Virtual account", value: ({ virtualAccount }) => virtualAccount },
        { title: "Registered", value: ({ registeredAtMs }) => instant(registeredAtMs) },
        { title: "Last synchronised", value: ({ lastSyncAtMs }) => instant(lastSyncAtMs) },
        { title: "Identifier", value: ({ identifier }) => identifier },
      ],
      "There is no manager on premises.",
    );
  },
});

const removeFloor = administrationCommand({
  name: "remove",
  isAct: true,
  summary: "Remove a manager on premises: what it sends from now on is refused",
  usage: "<name>",
  options: accountOption,
  run: async (client, input) => {
    const [name] = requireWords(input, "name");
    const query = { smartAccount: optionText(input, "smart-account") };
    const removed = await client.call("DELETE", `/api/v1/floors/${encodeURIComponent(name)}`, { query });
    return show(input, removed, () => `${name} was removed.\n`);
  },
});

export const floor: Command = {
  name: "floor",
  summary: "Managers on premises below this one",
  subcommands: [addFloor, listFloors, removeFloor],
};
