// Preloaded into a process that shall run one mutated source: replaces the text while it is loaded. It ends the process when
// the text is not there exactly once, and tells at the end if the source was never loaded.

import { readFileSync } from "node:fs";
import { type LoadHookSync, registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { mutations } from "./mutations.ts";

const name = process.env.COUNTERSIGN_MUTATION;
const mutation = mutations.find((candidate) => candidate.name === name);
if (mutation === undefined) throw new Error(`there is no mutation ${name}`);

const root = fileURLToPath(new URL("../../", import.meta.url));
const url = pathToFileURL(root + mutation.file).href;
let isPlanted = false;

const load: LoadHookSync = (loadedUrl, context, nextLoad) => {
  if (loadedUrl !== url) return nextLoad(loadedUrl, context);
  const source = readFileSync(fileURLToPath(url), "utf8");
  const parts = source.split(mutation.from);
  if (parts.length !== 2)
    throw new Error(`${mutation.file} has the text of ${mutation.name} ${parts.length - 1} times`);
  isPlanted = true;
  return { format: "module-typescript", source: parts.join(mutation.to), shortCircuit: true };
};
registerHooks({ load });

process.on("exit", (code) => {
  if (isPlanted || code !== 0) return;
  process.stderr.write(`${mutation.file} was never loaded: ${mutation.name} was not planted\n`);
  process.exitCode = 3;
});
