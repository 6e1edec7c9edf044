// countersign manager serve: runs the manager until it is interrupted.

import { once } from "node:events";
import { join, resolve } from "node:path";
import { type Command, type CommandInput, keepCompiledCode, logLines } from "@countersign/terminal";
import { allSettingOptions, configurationOf } from "./configuration-options.ts";
import { failWith, renderFacts, requireWords } from "./output.ts";

export const serve: Command = {
  name: "serve",
  summary: "Run the manager; logs as JSON lines on standard output",
  options: allSettingOptions,
  run: async (input) => {
    try {
      requireWords(input);
      return await run(input);
    } catch (error) {
      return failWith(error, input);
    }
  },
};

async function run(input: CommandInput): Promise<number> {
  const { values } = configurationOf(input);
  const { startManager } = await import("../program/start-manager.ts");
  const running = await startManager({ ...values, logDestination: logLines(input.stdout) });
  keepCompiledCode();
  const root = join(resolve(values.dataDirectory), "certificates", "licensing-root.pem");
  input.stderr.write(
    input.json
      ? ""
      : renderFacts([
          ["Listening", running.url],
          ["Licensing root", root],
        ]),
  );
  if (!input.signal.aborted) await once(input.signal, "abort");
  await running.stop();
  return 0;
}
