// The part of `npm test` that runs on Node 24: `node run-test-files.mjs <what, as JSON>` runs test files in the order given, which the
// command line of Node's test runner would sort by name. Exit code 1 when a test failed.

import { createWriteStream } from "node:fs";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import requirementsReporter from "./requirements-reporter.ts";
import { writeGroups } from "./test-groups.mjs";

const { files, groupFolder, filesAtOnce, longestFileMs, nodeOptions, recordFile } = JSON.parse(process.argv[2]);
const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => interrupt.abort());
const events = run({
  files: writeGroups(process.cwd(), groupFolder, files),
  concurrency: filesAtOnce,
  timeout: longestFileMs,
  execArgv: nodeOptions,
  signal: interrupt.signal,
});
events.on("test:fail", ({ todo }) => {
  if (todo === undefined || todo === false) process.exitCode = 1;
});
events.compose(new spec()).pipe(process.stdout);
events.compose(requirementsReporter).pipe(createWriteStream(recordFile));
