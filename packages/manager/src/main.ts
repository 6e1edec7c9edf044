// Runs a manager alone, without the `countersign` command: `node main.ts serve`, with the flags of `countersign manager serve`.

import { parseArgs } from "node:util";
import { enableCompiledCode, tellFailingOutput } from "@countersign/terminal";

enableCompiledCode(); // A manager that was killed is back sooner.
tellFailingOutput(process);
const { serve } = await import("./commands/serve.ts");
const described = Object.entries({ ...serve.options, json: { type: "boolean" as const } });
const options = Object.fromEntries(described.map(([name, { type }]) => [name, { type }]));
const words = process.argv.slice(process.argv[2] === serve.name ? 3 : 2);
const { values, positionals } = parseArgs({ args: words, options, allowPositionals: true });
const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupt.abort());
// A program that started this one with a channel takes it along when it ends.
process.once("disconnect", () => interrupt.abort());
process.channel?.unref();
const { stdout, stderr } = process;
const streams = { stdout, stderr, json: values.json === true, signal: interrupt.signal };
process.exitCode = (await serve.run?.({ values, positionals, ...streams })) ?? 2;
