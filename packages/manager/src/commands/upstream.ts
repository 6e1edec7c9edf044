// countersign manager upstream: the manager above this one. countersign manager floor: the managers on premises below it.

import { readFile, writeFile } from "node:fs/promises";
import { encodeRegistration } from "@countersign/protocol";
import type { Command } from "@countersign/terminal";
import type {
  AddedLowerManager,
  LowerManagerView,
  SyncExport,
  SyncImport,
  SyncOutcome,
  UpstreamView,
} from "../use-cases/use-cases.ts";
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
  usage: "--root FILE (--url URL --token-file FILE | --answer FILE) [--interval-days N]",
  options: {
    ...accountOption,
    url: { type: "string", description: "Where the manager above is, such as https://licences.example.org:8443." },
    root: {
      type: "string",
      description: "PEM file with its licensing root: whoever is not below that is not believed.",
    },
    "token-file": { type: "string", description: "File with the registration token that was made there." },
    answer: { type: "string", description: "What came back for a registration request that was carried up." },
    "interval-days": { type: "string", description: "Days between two synchronisations; 30 when left out." },
  },
  run: async (client, input) => {
    requireWords(input);
    const root = optionText(input, "root");
    if (root === undefined) throw new UsageError("--root is missing");
    const [url, tokenFile, answer] = ["url", "token-file", "answer"].map((name) => optionText(input, name));
    if (answer === undefined && (url === undefined || tokenFile === undefined))
      throw new UsageError("--url and --token-file belong together, or --answer is needed");
    const intervalDays = optionNumber(input, "interval-days");
    const view = await client.call<UpstreamView>("POST", "/api/v1/upstream/connect", {
      query: { smartAccount: optionText(input, "smart-account") },
      body: {
        rootPem: await readText(root),
        ...(url === undefined ? {} : { url }),
        ...(tokenFile === undefined ? {} : { token: (await readText(tokenFile)).trim() }),
        ...(answer === undefined ? {} : { registered: await readText(answer) }),
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

const request = administrationCommand({
  name: "request",
  summary: "Write a registration request, to be carried to the manager above",
  usage: "--token-file FILE --out FILE",
  options: {
    ...accountOption,
    "token-file": { type: "string", description: "File with the registration token that was made there." },
    out: { type: "string", description: "Where to write it; it carries the token." },
  },
  run: async (client, input) => {
    requireWords(input);
    const [tokenFile, out] = [optionText(input, "token-file"), optionText(input, "out")];
    if (tokenFile === undefined || out === undefined) throw new UsageError("--token-file and --out are needed");
    const { csr } = await client.call<{ readonly csr: string | null }>("GET", "/api/v1/upstream/registration", {
      query: { smartAccount: optionText(input, "smart-account") },
    });
    if (csr === null) throw new UsageError("the account is not on premises");
    const token = (await readText(tokenFile)).trim();
    await writeFile(out, encodeRegistration({ version: "1.0", token, csr }), { mode: 0o600 });
    return show(
      input,
      { file: out },
      () => `Carry ${out} up, and bring back what \`manager floor answer\` makes of it.\n`,
    );
  },
});

const exportDocument = administrationCommand({
  name: "export",
  summary: "Write what waits for the manager above into a file, to be carried there",
  usage: "--out FILE",
  options: { ...accountOption, out: { type: "string", description: "Where to write it." } },
  run: async (client, input) => {
    requireWords(input);
    const out = optionText(input, "out");
    if (out === undefined) throw new UsageError("--out is missing");
    const { document, reports, isLast } = await client.call<SyncExport>("GET", "/api/v1/upstream/export", {
      query: { smartAccount: optionText(input, "smart-account") },
    });
    if (document === null) throw new UsageError("there is no manager above");
    await writeFile(out, document);
    const more = isLast ? "" : " More waits: export again when the answer is imported.";
    return show(input, { file: out, reports, isLast }, () => `${reports} reports are in ${out}.${more}\n`);
  },
});

const importAnswer = administrationCommand({
  name: "import",
  isAct: true,
  summary: "Take the answer to an exported file",
  usage: "<answer file> --request FILE",
  options: { ...accountOption, request: { type: "string", description: "The exported file that it answers." } },
  run: async (client, input) => {
    const [answer] = requireWords(input, "answer file");
    const requested = optionText(input, "request");
    if (requested === undefined) throw new UsageError("--request is missing");
    const carried = { request: await readText(requested), answer: await readText(answer) };
    const outcome = await client.call<SyncImport>("POST", "/api/v1/upstream/import", {
      query: { smartAccount: optionText(input, "smart-account") },
      file: Buffer.from(JSON.stringify(carried)),
    });
    const said = `${outcome.acknowledged} reports are acknowledged above, ${outcome.refused} were refused.`;
    return show(input, outcome, () => `${said}\n\n${renderUpstream(outcome.upstream)}`);
  },
});

const answerFile = administrationCommand({
  name: "answer",
  summary: "Take a file that a manager on premises made, registration or synchronisation, and write the answer to it",
  usage: "<file> --out FILE",
  options: { out: { type: "string", description: "Where to write the answer." } },
  run: async (client, input) => {
    const [path] = requireWords(input, "file");
    const out = optionText(input, "out");
    if (out === undefined) throw new UsageError("--out is missing");
    const text = await readText(path);
    // Told by content, never by name; the door itself refuses what is neither.
    const kind = text.includes('"sync-request"') ? "sync" : "register";
    const answered = await client.call("POST", `/premises/v1/${kind}`, { file: Buffer.from(text) });
    await writeFile(out, JSON.stringify(answered));
    return show(input, { file: out, kind }, () => `Carry ${out} back.\n`);
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
    ["Manager above", view.url ?? "reached by files"],
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
  subcommands: [connect, sync, showUpstream, request, exportDocument, importAnswer],
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
  subcommands: [addFloor, listFloors, removeFloor, answerFile],
};
