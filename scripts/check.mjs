// npm run check: everything that must hold before a change lands, cheapest first; stops at the first step that fails.
// The import rules are among the tests (test/repository).

import { runToEnd } from "./run.mjs";
import { runScript, setUp } from "./setup.mjs";

const steps = [
  { name: "format and lint", command: "biome", parameters: ["check", "--error-on-warnings", "."] },
  { name: "types", command: "tsc", parameters: ["--project", "."] },
  { name: "types of the portal", command: "tsc", parameters: ["--project", "packages/portal"] },
  { name: "generated docs", command: "node", parameters: ["scripts/docs.ts", "--check"] },
  { name: "tests", command: "node", parameters: ["scripts/test.mjs"] },
];

async function main() {
  const { environment } = setUp();
  const chosen = process.argv.includes("--no-tests") ? steps.filter(({ name }) => name !== "tests") : steps;
  for (const { name, command, parameters } of chosen) {
    const startedAtMs = Date.now();
    const code = await runToEnd(command, parameters, { environment });
    const seconds = ((Date.now() - startedAtMs) / 1000).toFixed(1);
    process.stderr.write(`${name}: ${code === 0 ? "ok" : "FAILED"} (${seconds} s)\n`);
    if (code !== 0) return code;
  }
  return 0;
}

await runScript(main);
