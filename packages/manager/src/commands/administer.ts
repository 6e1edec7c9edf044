// Runs a command against the manager of a data directory, whether it runs or is stopped
// (docs/decisions/0014-commands-use-the-api.md).

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command, CommandInput, OptionDescription } from "@countersign/terminal";
import type { Configuration } from "../configuration/settings.ts";
import {
  type AdministrationClient,
  connectToRunningManager,
  createAdministrationClient,
} from "./administration-client.ts";
import { configurationOf, dataDirectoryOptions } from "./configuration-options.ts";
import { failWith, optionNumber, optionText } from "./output.ts";

export type AdministrationCommand = Omit<Command, "run" | "subcommands" | "load"> & {
  /** True for a command that changes something: it takes a reason, which goes with every change that it asks for. */
  readonly isAct?: boolean;
  readonly run: (client: AdministrationClient, input: CommandInput) => Promise<number>;
};

/** Options that name where in the accounts a command works. */
export const accountOption: Readonly<Record<string, OptionDescription>> = {
  "smart-account": {
    type: "string",
    description: "Name of the smart account; may be left out while there is only one.",
  },
};
export const virtualAccountOptions: Readonly<Record<string, OptionDescription>> = {
  ...accountOption,
  "virtual-account": { type: "string", description: "Name of the virtual account; the default one when left out." },
};
/** As the API's routes name them. */
export function virtualAccountOf(input: CommandInput) {
  return { smartAccount: optionText(input, "smart-account"), virtualAccount: optionText(input, "virtual-account") };
}

/** Instead of a smart account. */
export const managerOption: Readonly<Record<string, OptionDescription>> = {
  manager: { type: "boolean", description: "What belongs to the managers themselves: operators." },
};
export function managerOf(input: CommandInput): string | undefined {
  return input.values.manager === true ? "true" : undefined;
}
export const pageOptions: Readonly<Record<string, OptionDescription>> = {
  limit: { type: "string", description: "How many to show at most." },
  after: { type: "string", description: "Go on after this one, as the list before ended." },
};

export function pageOf(input: CommandInput) {
  return { limit: optionNumber(input, "limit"), after: optionNumber(input, "after") };
}

export const reasonOption: Readonly<Record<string, OptionDescription>> = {
  reason: { type: "string", description: "Why; it stands in the audit log." },
};

/** The reason stands where the routes look for it: in the body, or in the query where there is none or a file. */
function withReason(client: AdministrationClient, reason: string | undefined): AdministrationClient {
  if (reason === undefined) return client;
  return {
    ...client,
    call: (method, path, call = {}) => {
      if (method === "GET") return client.call(method, path, call);
      if (method === "DELETE" || call.file !== undefined)
        return client.call(method, path, { ...call, query: { ...call.query, reason } });
      return client.call(method, path, { ...call, body: { ...(call.body as object | undefined), reason } });
    },
  };
}

/** Makes a command that is given a client, and turns failures into exit codes. */
export function administrationCommand({ isAct = false, ...command }: AdministrationCommand): Command {
  return {
    ...command,
    options: { ...command.options, ...(isAct ? reasonOption : {}), ...dataDirectoryOptions },
    run: async (input) => {
      try {
        const { values } = configurationOf(input);
        const client = await connect(values);
        try {
          return await command.run(isAct ? withReason(client, optionText(input, "reason")) : client, input);
        } finally {
          await client.close();
        }
      } catch (error) {
        return failWith(error, input);
      }
    },
  };
}

/** There is nothing at the data directory yet. */
export class NotInitialisedError extends Error {
  override readonly name = "NotInitialisedError";
  readonly code = "not_initialised";
  readonly remedy = "Create it with `countersign manager init`, or name another one with --data-directory.";
}

async function connect(configuration: Configuration): Promise<AdministrationClient> {
  const { dataDirectory } = configuration;
  if (!existsSync(join(dataDirectory, "certificates")))
    throw new NotInitialisedError(`There is no manager in ${dataDirectory}.`);
  const running = await connectToRunningManager(dataDirectory);
  if (running !== null) return running;
  try {
    return await openStopped(configuration);
  } catch (error) {
    // A manager may have started between the two looks.
    const started = await connectToRunningManager(dataDirectory);
    if (started !== null) return started;
    throw error;
  }
}

/** The same routes, answered in this process while it holds the data directory's lock. */
async function openStopped(configuration: Configuration): Promise<AdministrationClient> {
  const { openManager } = await import("../program.ts");
  const { buildApplication } = await import("../http/application.ts");
  const manager = await openManager({ ...configuration, logLevel: "silent", isProcessMeasured: false });
  const application = await buildApplication(manager.applicationPorts, configuration, "local", null);
  return createAdministrationClient(
    async ({ method, url, headers, payload }) => {
      const body = payload === undefined ? {} : { payload: Buffer.from(payload) };
      const answer = await application.inject({ method, url, headers: { ...headers }, ...body });
      return { status: answer.statusCode, text: answer.payload };
    },
    async () => {
      await application.close();
      await manager.close();
    },
  );
}
