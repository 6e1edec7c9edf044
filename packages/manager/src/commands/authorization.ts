// countersign manager authorization: codes for enforced and export-controlled licences.

import { readFile, writeFile } from "node:fs/promises";
import type { Command, CommandInput } from "@countersign/terminal";
import type { AuthorizationView, AuthorizedByFile, GeneratedAuthorization } from "../use-cases/use-cases.ts";
import {
  accountOption,
  administrationCommand,
  pageOf,
  pageOptions,
  virtualAccountOf,
  virtualAccountOptions,
} from "./administer.ts";
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

const licensesText = ({ licenses }: AuthorizationView): string =>
  licenses.map(({ count, tag }) => `${count} ${tag}`).join(", ");

const list = administrationCommand({
  name: "list",
  summary: "List authorization codes, the newest first",
  options: {
    ...virtualAccountOptions,
    ...pageOptions,
    instance: { type: "string", description: "Only those of this product instance: identifier or PID:x,SN:y." },
  },
  run: async (client, input) => {
    requireWords(input);
    const query = {
      ...virtualAccountOf(input),
      instance: optionText(input, "instance"),
      ...pageOf(input),
    };
    const codes = await client.call<readonly AuthorizationView[]>("GET", "/api/v1/authorizations", { query });
    return showTable(
      input,
      codes,
      [
        { title: "Number", value: (one) => String(one.authorizationId), align: "right" },
        { title: "UDI", value: (one) => one.udi, keep: true },
        { title: "State", value: (one) => one.state },
        { title: "Confirmation code", value: (one) => one.confirmationCode },
        { title: "Since", value: (one) => formatInstant(one.changedAtMs) },
        { title: "Virtual account", value: (one) => one.virtualAccount },
        { title: "Licences", value: licensesText },
      ],
      "There is no authorization code.",
    );
  },
});

function renderCode(one: AuthorizationView): string {
  return renderFacts([
    ["UDI", one.udi],
    ["State", one.state],
    ["Confirmation code", one.confirmationCode],
    ["Issued", formatInstant(one.issuedAtMs)],
    ["Virtual account", one.virtualAccount],
    ["Licences", licensesText(one)],
  ]);
}

const instancePath = (instance: string, act = ""): string =>
  `/api/v1/instances/${encodeURIComponent(instance)}/authorizations${act}`;

function requireOut(input: CommandInput): string {
  const out = optionText(input, "out");
  if (out === undefined) throw new UsageError("--out is missing: where to write the file that the device imports");
  return out;
}

const outOption = { out: { type: "string", description: "Write the file that the device imports here." } } as const;

const generate = administrationCommand({
  name: "generate",
  isAct: true,
  summary: "Make an authorization code by hand, and write the file that the device imports",
  usage: "<identifier or PID:x,SN:y> <tag> --class export|enforced --out FILE [--count N] [--replace]",
  options: {
    ...accountOption,
    ...outOption,
    class: { type: "string", description: "export: export-controlled; enforced: bought before it is used." },
    count: { type: "string", description: "How many; 1 when left out." },
    replace: { type: "boolean", description: "In place of what the device was given before, not beside it." },
  },
  run: async (client, input) => {
    const [instance, tag] = requireWords(input, "identifier", "tag");
    const out = requireOut(input);
    const license = { tag, licenseClass: optionText(input, "class"), count: optionNumber(input, "count") };
    const body = { mode: input.values.replace === true ? "replace" : "add", licenses: [license] };
    const query = { smartAccount: optionText(input, "smart-account") };
    const made = await client.call<GeneratedAuthorization>("POST", instancePath(instance), { query, body });
    await writeFile(out, made.file, { mode: 0o600 });
    return show(input, made, () => `${renderCode(made)}\nOn the device: license smart import <file>\n`);
  },
});

const importRequest = administrationCommand({
  name: "import-request",
  isAct: true,
  summary: "Answer a saved request for authorization codes with the file that the device imports",
  usage: "<file> --out FILE",
  options: { ...accountOption, ...outOption },
  run: async (client, input) => {
    const [path] = requireWords(input, "file");
    const out = requireOut(input);
    const call = { query: { smartAccount: optionText(input, "smart-account") }, file: await readFile(path) };
    const answered = await client.call<AuthorizedByFile>("POST", "/api/v1/authorization-request-files", call);
    if (answered.file !== null) await writeFile(out, answered.file, { mode: 0o600 });
    await show(input, answered, (result) => renderAnswered(result, out));
    return answered.devices.every(({ outcome }) => outcome !== "refused") ? 0 : 3;
  },
});

function renderAnswered({ devices, file }: AuthorizedByFile, out: string): string {
  const words = { given: "has a code in the file", heard: "was heard", refused: "was refused" } as const;
  const lines = devices.map(({ udi, outcome, message }) => `  ${udi}  ${words[outcome]}${message && `: ${message}`}\n`);
  return `${lines.join("")}${file === null ? "" : `${out} is the file that the device imports: license smart import <file>\n`}`;
}

const takeBack = administrationCommand({
  name: "return",
  isAct: true,
  summary: "Take an authorization code back with the return code that its device shows",
  usage: "<identifier or PID:x,SN:y> <return code>",
  options: accountOption,
  run: async (client, input) => {
    const [instance, returnCode] = requireWords(input, "identifier", "return code");
    const call = { query: { smartAccount: optionText(input, "smart-account") }, body: { returnCode } };
    const ended = await client.call<AuthorizationView>("POST", instancePath(instance, "/return"), call);
    return show(input, ended, renderCode);
  },
});

const withdraw = administrationCommand({
  name: "withdraw",
  isAct: true,
  summary: "Withdraw an authorization code, whether its device can be asked or not",
  usage: "<identifier or PID:x,SN:y>",
  options: accountOption,
  run: async (client, input) => {
    const [instance] = requireWords(input, "identifier");
    const query = { smartAccount: optionText(input, "smart-account") };
    const ended = await client.call<AuthorizationView>("POST", instancePath(instance, "/withdraw"), { query });
    return show(input, ended, renderCode);
  },
});

export const authorization: Command = {
  name: "authorization",
  summary: "Authorization codes for enforced and export-controlled licences",
  subcommands: [list, generate, importRequest, takeBack, withdraw],
};
