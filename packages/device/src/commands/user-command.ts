// countersign device user ...: who may log in to a device over SSH. There is no user and no password before these commands.

import { type Command, type CommandInput, renderTable } from "@countersign/terminal";
import { explain, optional, required, stateOption } from "./command-input.ts";

type NamedUser = { readonly state: string; readonly name: string };

function named(input: CommandInput): NamedUser | null {
  const state = required(input, "state");
  const [name] = input.positionals;
  if (state === null) return null;
  if (name !== undefined && input.positionals.length === 1) return { state, name };
  input.stderr.write("One name is needed.\n");
  return null;
}

const add: Command = {
  name: "add",
  summary: "Add a user, or replace the one of that name",
  usage: "<name> --state <folder> [--password-file <file>] [--public-key <file>] [--privilege <0-15>]",
  options: {
    ...stateOption,
    "password-file": { type: "string", description: "File with the password in its first line" },
    "public-key": { type: "string", description: "File with public keys, as in authorized_keys" },
    privilege: { type: "string", description: "15 may enter privileged EXEC and configure (15 when left out)" },
  },
  run: async (input) => {
    const wish = named(input);
    if (wish === null) return 2;
    try {
      const { readFile } = await import("node:fs/promises");
      const { addUser } = await import("../ssh/add-user.ts");
      const [passwordFile, keyFile] = [optional(input, "password-file"), optional(input, "public-key")];
      const password = passwordFile === undefined ? null : firstLine(await readFile(passwordFile, "utf8"));
      const publicKeys = keyFile === undefined ? [] : (await readFile(keyFile, "utf8")).split("\n");
      const privilege = Number(optional(input, "privilege") ?? 15);
      const user = await addUser(wish.state, { name: wish.name, privilege, password, publicKeys });
      const facts = {
        name: user.name,
        privilege: user.privilege,
        hasPassword: password !== null,
        keys: user.publicKeys.length,
      };
      input.stdout.write(
        input.json ? `${JSON.stringify(facts)}\n` : `${user.name} may log in with privilege ${privilege}.\n`,
      );
      return 0;
    } catch (error) {
      return explain(error, input);
    }
  },
};

function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? "";
}

const list: Command = {
  name: "list",
  summary: "List the users of a device",
  usage: "--state <folder>",
  options: stateOption,
  run: async (input) => {
    const state = required(input, "state");
    if (state === null) return 2;
    try {
      const { readUsers } = await import("../ssh/user-store.ts");
      const rows = (await readUsers(state)).map(({ name, privilege, password, publicKeys }) => ({
        ...{ name, privilege, hasPassword: password !== null, keys: publicKeys.length },
      }));
      if (input.json) input.stdout.write(`${JSON.stringify(rows)}\n`);
      else input.stdout.write(renderTable(columns, rows));
      return 0;
    } catch (error) {
      return explain(error, input);
    }
  },
};

type Row = { readonly name: string; readonly privilege: number; readonly hasPassword: boolean; readonly keys: number };
const columns = [
  { title: "Name", value: (row: Row) => row.name, keep: true },
  { title: "Privilege", value: (row: Row) => String(row.privilege), align: "right" as const },
  { title: "Password", value: (row: Row) => (row.hasPassword ? "yes" : "no") },
  { title: "Keys", value: (row: Row) => String(row.keys), align: "right" as const },
];

const remove: Command = {
  name: "remove",
  summary: "Remove a user; sessions that are open stay open",
  usage: "<name> --state <folder>",
  options: stateOption,
  run: async (input) => {
    const wish = named(input);
    if (wish === null) return 2;
    try {
      const { removeUser } = await import("../ssh/add-user.ts");
      await removeUser(wish.state, wish.name);
      if (input.json) input.stdout.write(`${JSON.stringify({ outcome: "done" })}\n`);
      return 0;
    } catch (error) {
      return explain(error, input);
    }
  },
};

export const user: Command = {
  name: "user",
  summary: "Who may log in to a device over SSH",
  subcommands: [add, list, remove],
};
