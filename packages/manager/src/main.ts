// Runs a manager alone, without the `countersign` command: flags as in `countersign manager serve --help`.

import { parseArgs } from "node:util";
import { serve } from "./commands/serve.ts";

const options = Object.fromEntries(Object.entries(serve.options ?? {}).map(([name, { type }]) => [name, { type }]));
const { values, positionals } = parseArgs({ options, allowPositionals: true });
const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupt.abort());
const { stdout, stderr } = process;
process.exitCode = await serve.run?.({ values, positionals, stdout, stderr, json: false, signal: interrupt.signal });
