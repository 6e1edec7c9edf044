// countersign version: what to say in a report of a problem, and what a script compares before it goes on.

import { readFileSync } from "node:fs";
import type { Command } from "@countersign/terminal";

export const version: Command = {
  name: "version",
  summary: "Say which version this is, and what it runs on",
  run: async ({ json, stdout }) => {
    const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    const told = {
      version: String(manifest.version),
      node: process.versions.node,
      platform: `${process.platform}-${process.arch}`,
    };
    stdout.write(
      json ? `${JSON.stringify(told)}\n` : `countersign ${told.version} (Node.js ${told.node}, ${told.platform})\n`,
    );
    return 0;
  },
};
