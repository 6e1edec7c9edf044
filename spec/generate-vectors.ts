// npm run vectors [-- --renew | --check]: writes spec/vectors/*.json from spec/vector-sources. What is random (keys,
// certificates, signatures) is kept in keys.json and used again, so that the same sources write the same bytes; --renew
// makes everything random anew, --check writes nothing and fails when something would change.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { answers } from "./vector-sources/answers.ts";
import { chains } from "./vector-sources/chains.ts";
import { files } from "./vector-sources/files.ts";
import { identifiers } from "./vector-sources/identifiers.ts";
import { jsonTexts } from "./vector-sources/json-texts.ts";
import { ledger } from "./vector-sources/ledger.ts";
import { policyMerges } from "./vector-sources/policies.ts";
import { requests } from "./vector-sources/requests.ts";
import { schedule } from "./vector-sources/schedule.ts";
import { signedObjects } from "./vector-sources/signed-objects.ts";
import { emptyStore, openKeys, type StoredKeys } from "./vector-sources/stored-keys.ts";
import { syncDocuments } from "./vector-sources/sync.ts";
import type { VectorFile } from "./vector-sources/vector.ts";

const vectorFolder = join(import.meta.dirname, "vectors");
const keysFile = "keys.json";

/** Every file of spec/vectors by name, as the sources make it from the stored keys. */
export async function renderVectors(store: StoredKeys): Promise<ReadonlyMap<string, string>> {
  const keys = openKeys(store);
  const made: readonly VectorFile[] = [
    jsonTexts(),
    ...identifiers(),
    chains(keys),
    await requests(keys),
    await answers(keys),
    await signedObjects(keys),
    policyMerges(),
    schedule(),
    await files(keys),
    await ledger(keys),
    await syncDocuments(keys),
  ];
  const texts = made.map(({ file, about, vectors }) => [file, render({ about, vectors })] as const);
  return new Map([...texts, [keysFile, render(store)]]);
}

const render = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;

/** What is stored, or null before the first run. */
export function readStore(): StoredKeys | null {
  const path = join(vectorFolder, keysFile);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as StoredKeys) : null;
}

/** Names of files that are not what the sources make. */
export async function staleVectors(): Promise<readonly string[]> {
  const texts = await renderVectors(readStore() ?? emptyStore());
  const isStale = ([file, text]: readonly [string, string]) =>
    !existsSync(join(vectorFolder, file)) || readFileSync(join(vectorFolder, file), "utf8") !== text;
  return [...texts].filter(isStale).map(([file]) => file);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { renew: { type: "boolean", default: false }, check: { type: "boolean", default: false } },
  });
  if (values.check) {
    const stale = await staleVectors();
    for (const file of stale)
      process.stderr.write(`spec/vectors/${file} is not what the sources make. Run \`npm run vectors\`.\n`);
    return stale.length === 0 ? 0 : 1;
  }
  const texts = await renderVectors((values.renew ? null : readStore()) ?? emptyStore());
  mkdirSync(vectorFolder, { recursive: true });
  for (const [file, text] of texts) writeFileSync(join(vectorFolder, file), text);
  process.stdout.write(`spec/vectors: ${texts.size} files\n`);
  return 0;
}

if (import.meta.main) process.exitCode = await main();
