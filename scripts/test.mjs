// npm test [-- [--no-skips] [node options] [patterns]]: sets the clone and the system up, runs every test file, or those
// whose path matches a pattern, and closes with one line `N passed, N failed, N skipped`. A file left out is one skip.

import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { runToEnd } from "./run.mjs";
import { projectRoot, runScript, setUp } from "./setup.mjs";
import { testFilesLeftOut } from "./system-packages.mjs";
import { allTestFiles, longestFirst, matcherOf } from "./test-files.mjs";

const recordFile = join(projectRoot, "test-results", "requirements.json");
const groupFolder = join(projectRoot, "test-results", "groups");
const nothingRun = { code: 0, counts: { passed: 0, failed: 0, skipped: 0 } };
// Test files start servers and fleets of their own: more of them at once than cores only makes each one slower.
const filesAtOnce = Math.min(availableParallelism(), 8);
const longestFileMs = 8 * 60_000;

async function main() {
  const { refusesSkips, nodeOptions, patterns } = parseArguments(process.argv.slice(2));
  const runtime = setUp();
  const files = selectFiles(patterns);
  if (files.length === 0) {
    process.stderr.write(`No test file matches ${patterns.join(" or ")}.\n`);
    return 1;
  }
  const leftOut = testFilesLeftOut(files);
  const runnable = files.filter((file) => !leftOut.some((entry) => entry.file === file));
  const selection = [...patterns, ...nodeOptions];
  const result = runnable.length > 0 ? await runFiles(runtime, runnable, { nodeOptions, selection }) : nothingRun;
  return closingLine(result, leftOut, refusesSkips);
}

function parseArguments(given) {
  return {
    refusesSkips: given.includes("--no-skips"),
    nodeOptions: given.filter((argument) => argument.startsWith("-") && argument !== "--no-skips"),
    patterns: given.filter((argument) => !argument.startsWith("-")),
  };
}

function selectFiles(patterns) {
  const matchers = patterns.map(matcherOf);
  const isWanted = (file) => matchers.length === 0 || matchers.some((matches) => matches(file));
  return allTestFiles(projectRoot).filter(isWanted);
}

async function runFiles({ node, environment }, files, { nodeOptions, selection }) {
  rmSync(recordFile, { force: true });
  mkdirSync(dirname(recordFile), { recursive: true });
  const what = { files: longestFirst(files), groupFolder, filesAtOnce, longestFileMs, nodeOptions, recordFile };
  const code = await runToEnd(node, [join(projectRoot, "scripts", "run-test-files.mjs"), JSON.stringify(what)], {
    environment: { ...environment, COUNTERSIGN_TEST_SELECTION: JSON.stringify(selection) },
  });
  return { code, counts: readCounts() };
}

function readCounts() {
  try {
    return JSON.parse(readFileSync(recordFile, "utf8")).counts;
  } catch {
    return undefined;
  }
}

function closingLine({ code, counts }, leftOut, refusesSkips) {
  if (counts === undefined) {
    process.stderr.write("The test run ended before it had a result.\n");
    return code || 1;
  }
  for (const { file, missing } of leftOut) process.stdout.write(`left out: ${file} needs ${missing.join(", ")}\n`);
  const skipped = counts.skipped + leftOut.length;
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${skipped} skipped\n`);
  if (!refusesSkips || skipped === 0) return code;
  process.stderr.write("Skipped tests are not accepted here (--no-skips).\n");
  return code || 1;
}

await runScript(main);
