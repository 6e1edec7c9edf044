// countersign doctor probe: the way to a licensing server, live.

import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type Column, type Command, type CommandInput, renderTable } from "@countersign/terminal";
import { columnsMax } from "../output/render-findings.ts";
import { refuse, report } from "../output/report.ts";
import { probe as runProbe, type StageResult } from "../probing/probe.ts";
import type { ProbeOptions } from "../probing/probe-options.ts";

const timeoutSecondsDefault = 5;
const timeoutSecondsMax = 300;

export const probe: Command = {
  name: "probe",
  summary: "Try the way to a licensing server, stage by stage, up to a HELLO; it changes nothing there",
  usage: "URL   (exit code 0: nothing to do, 1: someone must act, 2: wrong command line)",
  options: {
    proxy: {
      type: "string",
      description: "http://host:port of a proxy; a user name may stand in it, a password never.",
    },
    "proxy-password-file": { type: "string", description: "file with the password for the proxy" },
    source: { type: "string", description: "local address that connections leave from" },
    "name-server": {
      type: "string",
      description: "address[:port] of the DNS server that devices use; else the system's",
    },
    root: {
      type: "string",
      multiple: true,
      description: "root that is trusted for TLS and answers (PEM); may be given again",
    },
    issuer: { type: "string", description: "part of the issuer's name that the server's certificate must have" },
    timeout: { type: "string", description: `seconds for each stage, ${timeoutSecondsDefault} unless given` },
  },
  run: async (input) => {
    const options = await optionsOf(input).catch((error: unknown) => {
      if (error instanceof TypeError || (error instanceof Error && "code" in error)) return error.message;
      throw error;
    });
    if (typeof options === "string") return refuse(options, input);
    const elapsed = () => performance.now();
    const { stages, facts } = await runProbe(options, { now: () => Date.now(), elapsed, randomBytes });
    const target = options.url.href;
    return report({ facts, leftOut: [], preface: { text: `${table(stages)}\n`, members: { target, stages } } }, input);
  },
};

async function optionsOf({ positionals, values }: CommandInput): Promise<ProbeOptions> {
  const [text, ...more] = positionals;
  if (text === undefined || more.length > 0) throw new TypeError("exactly one URL is needed");
  const url = new URL(text.includes("://") ? text : `https://${text}`);
  if (!/^https?:$/.test(url.protocol)) throw new TypeError("the URL begins with https: or http:");
  if (url.username !== "" || url.password !== "") throw new TypeError("no user name or password belongs into this URL");
  if (url.pathname === "/") url.pathname = "/licservice/license";
  const seconds = Number(values.timeout ?? timeoutSecondsDefault);
  if (!(seconds > 0 && seconds <= timeoutSecondsMax))
    throw new TypeError(`--timeout: above 0, at most ${timeoutSecondsMax}`);
  const roots = (Array.isArray(values.root) ? values.root : []).map(String);
  return {
    url,
    proxy: await proxyOf(words(values.proxy), words(values["proxy-password-file"])),
    sourceAddress: words(values.source),
    nameServer: words(values["name-server"]),
    roots: await Promise.all(roots.map((file) => readFile(file, "utf8"))),
    expectedIssuer: words(values.issuer),
    timeoutMs: seconds * 1000,
  };
}

function words(value: CommandInput["values"][string]): string | null {
  return typeof value === "string" ? value : null;
}

async function proxyOf(text: string | null, passwordFile: string | null): Promise<ProbeOptions["proxy"]> {
  if (text === null) return null;
  const { hostname, port, username, password } = new URL(text.includes("://") ? text : `http://${text}`);
  if (password !== "") throw new TypeError("a password on the command line is seen by others: --proxy-password-file");
  const secret = passwordFile === null ? null : (await readFile(passwordFile, "utf8")).trim();
  return {
    ...{ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 80) },
    ...{ username: username === "" ? null : decodeURIComponent(username), password: secret },
  };
}

const columns: readonly Column<StageResult>[] = [
  { title: "Stage", value: ({ stage }) => stage },
  { title: "Outcome", value: ({ outcome }) => outcome },
  {
    title: "ms",
    value: ({ outcome, milliseconds }) => (outcome === "skipped" ? "" : String(milliseconds)),
    align: "right",
  },
  { title: "Detail", value: ({ detail }) => detail },
];

function table(stages: readonly StageResult[]): string {
  return renderTable(columns, stages, columnsMax);
}
