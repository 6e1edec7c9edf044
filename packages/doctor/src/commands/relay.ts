// countersign doctor relay: a running relay of ours, asked how it is.

import { readFile } from "node:fs/promises";
import type { Command, CommandInput } from "@countersign/terminal";
import { askRelay, RelaySilent } from "../asking/ask-relay.ts";
import { refuse, report } from "../output/report.ts";

export const relay: Command = {
  name: "relay",
  summary: "Ask a running relay of ours how it is, and say what is wrong",
  usage: "URL   (exit code 0: nothing to do, 1: someone must act, 2: no relay answers there)",
  options: {
    root: {
      type: "string",
      multiple: true,
      description: "root that is trusted for its HTTPS server (PEM); may be given again",
    },
  },
  run: async (input) => {
    const asked = await questionOf(input).catch((error: unknown) => {
      if (error instanceof TypeError || (error instanceof Error && "code" in error)) return error.message;
      throw error;
    });
    if (typeof asked === "string") return refuse(asked, input);
    try {
      return report({ facts: await askRelay({ ...asked, now: () => Date.now() }), leftOut: [] }, input);
    } catch (error) {
      if (!(error instanceof RelaySilent)) throw error;
      return refuse(error.message, input);
    }
  },
};

async function questionOf({ positionals, values }: CommandInput) {
  const [text, ...more] = positionals;
  if (text === undefined || more.length > 0) throw new TypeError("exactly one URL is needed");
  const url = new URL(text.includes("://") ? text : `http://${text}`);
  if (!/^https?:$/.test(url.protocol)) throw new TypeError("the URL begins with https: or http:");
  if (url.username !== "" || url.password !== "") throw new TypeError("no user name or password belongs into this URL");
  const files = (Array.isArray(values.root) ? values.root : []).map(String);
  return { url, roots: await Promise.all(files.map((file) => readFile(file, "utf8"))) };
}
