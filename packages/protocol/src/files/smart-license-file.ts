// The licence file: <smartLicense> around signed triples in CDATA. One reader recognises every kind by content, never by
// name (spec/files.md). `smart_license` in an answer is base64 of the same file.

import { SaxesParser } from "saxes";
import { ProtocolError } from "../errors.ts";
import { decodeText } from "../json.ts";
import { fileBytesMax } from "../limits.ts";
import {
  decodeManagerObject,
  decodeSignedReport,
  type ManagerObject,
  type ManagerObjectType,
  type SignedReport,
} from "../signed-object.ts";

export type LicenseFile = {
  readonly reports: readonly SignedReport[];
  /** Acknowledgements, policies, trust codes and account information, in the order of the file. */
  readonly managerObjects: readonly ManagerObject[];
  /** JSON text of `smartLicenseSystemInfo`, or null. */
  readonly systemInfo: string | null;
};

const elementOf: Readonly<Record<ManagerObjectType, string>> = {
  ack: "smartLicenseRumAck",
  policy: "smartLicensePolicy",
  trust: "smartLicenseTrust",
  account: "smartLicenseAccount",
};
const managerElements = Object.values(elementOf);

/** Writes the file form; every CDATA section holds one JSON triple byte for byte. */
export function encodeLicenseFile(file: LicenseFile): string {
  const reports = file.reports.map((report) => `<RUMReport>${cdata(JSON.stringify(report))}</RUMReport>`);
  const objects = file.managerObjects.map((object) => {
    const element = elementOf[object.header.type];
    return `<${element}><data>${cdata(JSON.stringify(object))}</data></${element}>`;
  });
  const systemInfo =
    file.systemInfo === null ? [] : [`<smartLicenseSystemInfo><data>${cdata(file.systemInfo)}</data></smartLicenseSystemInfo>`];
  const parts = [...reports, ...objects, ...systemInfo].join("");
  return `<?xml version="1.0" encoding="UTF-8"?><smartLicense>${parts}</smartLicense>`;
}

/** "]]>" cannot stand inside a CDATA section, so it is split over two. */
function cdata(text: string): string {
  return `<![CDATA[${text.replaceAll("]]>", "]]]]><![CDATA[>")}]]>`;
}

/** `smart_license`: the file form of what one device is given. */
export function encodeSmartLicense(managerObjects: readonly ManagerObject[]): string {
  return Buffer.from(encodeLicenseFile({ reports: [], managerObjects, systemInfo: null })).toString("base64");
}

export function decodeSmartLicense(base64: string): readonly ManagerObject[] {
  return decodeLicenseFile(Buffer.from(base64, "base64")).managerObjects;
}

/**
 * Reads a licence file. Signatures are not verified here. Throws `message_too_large`, `invalid_utf8`, `file_…`
 * or what the JSON inside deserves. Nothing is returned unless the whole file is sound.
 */
export function decodeLicenseFile(bytes: Uint8Array, bytesMax: number = fileBytesMax): LicenseFile {
  const found = readElements(decodeText(bytes, bytesMax));
  const reports: SignedReport[] = [];
  const managerObjects: ManagerObject[] = [];
  let systemInfo: string | null = null;
  for (const { element, text } of found) {
    if (element === "RUMReport") reports.push(decodeSignedReport(text));
    else if (element === "smartLicenseSystemInfo") systemInfo = text;
    else managerObjects.push(requireElementFits(element, decodeManagerObject(text)));
  }
  if (found.length === 0) throw new ProtocolError("file_empty");
  return { reports, managerObjects, systemInfo };
}

function requireElementFits(element: string, object: ManagerObject): ManagerObject {
  if (elementOf[object.header.type] !== element) {
    throw new ProtocolError("file_malformed", `A ${object.header.type} object stands in <${element}>.`);
  }
  return object;
}

type FoundElement = { readonly element: string; readonly text: string };

/** Paths at which text may stand; everything else is refused, so that nothing in a file is ignored silently. */
function textPaths(): ReadonlyMap<string, string> {
  const paths = new Map([["smartLicense/RUMReport", "RUMReport"]]);
  for (const element of [...managerElements, "smartLicenseSystemInfo"]) paths.set(`smartLicense/${element}/data`, element);
  // A policy alone has its own root (device-side fact, section 8).
  paths.set("smartLicensePolicy/data", "smartLicensePolicy");
  return paths;
}
const elementAt = textPaths();
const openingPaths = new Set([...elementAt.keys()].flatMap((path) => path.split("/").map((_, i, all) => all.slice(0, i + 1).join("/"))));

function readElements(text: string): readonly FoundElement[] {
  const found: FoundElement[] = [];
  const path: string[] = [];
  let collected = "";
  const refuse = (cause: unknown): never => {
    throw cause instanceof ProtocolError ? cause : new ProtocolError("file_malformed", "", [], { cause });
  };
  const collect = (chunk: string): void => {
    if (elementAt.has(path.join("/"))) collected += chunk;
    else if (chunk.trim() !== "") refuse(new ProtocolError("file_malformed", `Text stands in <${path.at(-1) ?? ""}>.`));
  };
  const parser = new SaxesParser({ fragment: false });
  parser.on("error", (error) => refuse(new ProtocolError("file_malformed", error.message)));
  parser.on("doctype", () => refuse(new ProtocolError("file_entity_refused")));
  parser.on("processinginstruction", () => refuse(new ProtocolError("file_malformed", "It has a processing instruction.")));
  parser.on("opentag", (tag) => {
    path.push(tag.name);
    if (!openingPaths.has(path.join("/"))) refuse(new ProtocolError("file_element_unknown", `<${path.join("><")}>`));
    if (Object.keys(tag.attributes).length > 0) refuse(new ProtocolError("file_malformed", `<${tag.name}> has attributes.`));
    collected = "";
  });
  parser.on("text", collect);
  parser.on("cdata", collect);
  parser.on("closetag", () => {
    const element = elementAt.get(path.join("/"));
    if (element !== undefined) found.push({ element, text: collected });
    path.pop();
  });
  parser.write(text).close();
  return found;
}
