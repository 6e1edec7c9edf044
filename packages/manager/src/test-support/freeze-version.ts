// Freezes the manager of a commit into a file, so that later versions can be tried beside it without asking git:
//   node scripts/run.mjs packages/manager/src/test-support/freeze-version.ts <commit> <schema version>
// Run it on the last commit of a schema version, before the next migration lands. Real code is kept, not a description of it:
// the sources of protocol and manager without their tests, and what tests drive them with.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { encodeVersion, versionFile } from "./frozen-version.ts";

const wanted = ["packages/protocol", "packages/terminal", "packages/manager"];
const isKept = (path: string) => /\.ts$|package\.json$/.test(path) && !/\.(test|docs)\.ts$/.test(path);

const [commit = "", version = ""] = process.argv.slice(2);
if (!/^[0-9a-f]{7,40}$/.test(commit) || !/^\d+$/.test(version)) {
  process.stderr.write("usage: freeze-version.ts <commit> <schema version>\n");
  process.exit(2);
}
const git = (...words: string[]) => execFileSync("git", words, { encoding: "utf8", maxBuffer: 1 << 26 });
const paths = git("ls-tree", "-r", "--name-only", commit, ...wanted)
  .split("\n")
  .filter(isKept);
const files = Object.fromEntries(paths.map((path) => [path, git("show", `${commit}:${path}`)]));
const bytes = encodeVersion(files);
writeFileSync(versionFile(Number(version)), bytes);
process.stdout.write(`${paths.length} files in ${bytes.byteLength} bytes\n`);
