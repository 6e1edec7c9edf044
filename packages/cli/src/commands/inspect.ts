// countersign inspect: what a file is and what of it is proved, in words. Works offline and changes nothing.

import { readFile } from "node:fs/promises";
import {
  type FactValue,
  type InspectedPart,
  type Inspection,
  type InspectionHelp,
  inspect as inspectBytes,
  isBundle,
  ProtocolError,
  parseCertificate,
  readBundle,
  type Verdict,
} from "@countersign/protocol";
import { type Command, type CommandInput, gunzip } from "@countersign/terminal";

export const inspect: Command = {
  name: "inspect",
  summary: "Say what a file is, whose it is, and what of it is proved; offline",
  usage: "FILE [--root FILE] [--certificate FILE]",
  options: {
    root: { type: "string", multiple: true, description: "Licensing root that you trust (PEM); may be given again." },
    certificate: {
      type: "string",
      multiple: true,
      description: "ID certificate of a device that may have signed; may be given again.",
    },
  },
  run: async (input) => {
    const [file, ...more] = input.positionals;
    if (file === undefined || more.length > 0) return wrongWords(input);
    try {
      return show(await inspectFile(file, input), input);
    } catch (error) {
      return fail(error, input);
    }
  },
};

/** An offline bundle is what its files are. */
type InspectedFile = Omit<Inspection, "kind"> & { readonly kind: Inspection["kind"] | "bundle" };

async function inspectFile(file: string, { values }: CommandInput): Promise<InspectedFile> {
  const roots = await readCertificates(values.root);
  const certificates = await readCertificates(values.certificate);
  const help = { anchors: roots.length === 0 ? null : roots, certificates };
  const bytes = await readFile(file);
  return isBundle(bytes) ? inspectBundle(bytes, help) : inspectBytes(bytes, help);
}

/** Throws what `readBundle` throws. */
async function inspectBundle(bundle: Uint8Array, help: InspectionHelp): Promise<InspectedFile> {
  const parts: InspectedPart[] = [];
  for await (const { archive, name, bytes } of readBundle([bundle], gunzip)) {
    const inspected = await inspectBytes(bytes, help);
    parts.push(...inspected.parts.map((part) => ({ ...part, facts: { file: `${archive}/${name}`, ...part.facts } })));
  }
  return { kind: "bundle", parts };
}

async function readCertificates(names: CommandInput["values"][string]) {
  const files = (Array.isArray(names) ? names : []).filter((name): name is string => typeof name === "string");
  return Promise.all(files.map(async (file) => parseCertificate((await readFile(file, "utf8")).trim())));
}

function wrongWords({ stderr }: CommandInput): number {
  stderr.write("exactly one FILE is needed\nSee --help.\n");
  return 2;
}

/** 0 unless something is refused or unreadable; what lacks a root or certificate is no failure. */
function show(inspection: InspectedFile, { stdout, json }: CommandInput): number {
  stdout.write(json ? `${JSON.stringify(inspection, null, 2)}\n` : describe(inspection));
  return inspection.parts.some(({ verdict }) => verdict === "refused") ? 3 : 0;
}

function fail(error: unknown, { stderr, json }: CommandInput): number {
  const isForeseen = error instanceof ProtocolError || (error instanceof Error && "code" in error);
  if (!isForeseen) throw error;
  const { code, message } = error as Error & { readonly code: string };
  stderr.write(json ? `${JSON.stringify({ error: { code, message } })}\n` : `error: ${message}\n(${code})\n`);
  return 1;
}

const kindNames: Readonly<Record<string, string>> = {
  proof: "Proof of a usage report",
  "license-file": "Licence file",
  "signed-object": "Signed object",
  rum: "RUM report",
  ack: "Acknowledgement",
  policy: "Policy",
  trust: "Trust code",
  account: "Account information",
  conversion: "Conversion of old licences",
  "tree-head": "Tree head of a ledger",
  request: "Request of a product instance",
  answer: "Answer of a manager",
  "id-token": "ID token",
  unknown: "Nothing that this system writes",
};

const verdictWords: Readonly<Record<Verdict, string>> = {
  verified: "VERIFIED",
  unverified: "WHOLE, but nobody's identity is proved",
  not_checked: "NOT CHECKED",
  refused: "REFUSED",
};

function describe({ kind, parts }: InspectedFile): string {
  const titles: Readonly<Record<string, string>> = { "license-file": "Licence file", bundle: "Offline bundle" };
  const title = titles[kind] === undefined ? "" : `${titles[kind]} with ${parts.length} objects\n\n`;
  return title + parts.map(describePart).join("\n");
}

function describePart({ kind, verdict, code, detail, facts }: InspectedPart): string {
  const reason = code === null ? "" : ` (${code})`;
  const lines = Object.entries(facts).map(([name, value]) => [wordsOf(name), textOf(name, value)] as const);
  const width = Math.max(0, ...lines.map(([name]) => name.length));
  const head = `${kindNames[kind] ?? kind}: ${verdictWords[verdict]}${reason}\n`;
  const said = detail === "" ? "" : `  ${printable(detail)}\n`;
  return head + said + lines.map(([name, text]) => `  ${name.padEnd(width)}  ${text}\n`).join("");
}

/** `acknowledgedAtMs` → `acknowledged at`. */
function wordsOf(name: string): string {
  return name
    .replace(/Ms$/, "")
    .replace(/Sha256$/, "SHA-256")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replace(/\b[A-Z](?=[a-z])/g, (letter) => letter.toLowerCase());
}

function textOf(name: string, value: FactValue): string {
  if (value === null) return "–";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number" && name.endsWith("Ms"))
    return `${new Date(value).toISOString().slice(0, 19).replace("T", " ")}Z`;
  return printable(String(value));
}

/** Texts come from files: control characters must not reach a terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, " ");
}
