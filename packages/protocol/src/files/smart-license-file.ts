// The licence file: <smartLicense> around signed triples in CDATA. One reader recognises every kind by content, never by
// name (spec/files.md). `smart_license` in an answer is base64 of the same file.

import { SaxesParser } from "saxes";
import { ProtocolError } from "../errors.ts";
import { decodeText, parseJson } from "../json.ts";
import { fileBytesMax } from "../limits.ts";
import type { AuthorizationWish } from "../messages/authorization.ts";
import { decodeBase64 } from "../signature.ts";
import {
  decodeManagerObject,
  decodeSignedReport,
  type ManagerObject,
  type ManagerObjectType,
  type SignedReport,
} from "../signed-object.ts";
import { decodeAuthorizationRequest, encodeAuthorizationRequest } from "./authorization-request.ts";
import { decodeTrustRequest, encodeTrustRequest, type TrustRequest } from "./trust-request.ts";

export type LicenseFile = {
  readonly reports: readonly SignedReport[];
  /** Acknowledgements, policies, trust codes, authorization codes, account information, tree heads and conversions, in the order of the file. */
  readonly managerObjects: readonly ManagerObject[];
  /** JSON text of `smartLicenseSystemInfo`, or null. */
  readonly systemInfo: string | null;
  /** What a device without a connection asks for; left out of every other file. */
  readonly trustRequest?: TrustRequest;
  /** Authorization codes that are asked for, confirmed or given back; left out of every other file. */
  readonly authorizationRequest?: readonly AuthorizationWish[];
};

const elementOf: Readonly<Record<ManagerObjectType, string>> = {
  ack: "smartLicenseRumAck",
  policy: "smartLicensePolicy",
  trust: "smartLicenseTrust",
  auth: "smartLicenseAuth",
  account: "smartLicenseAccount",
  "tree-head": "smartLicenseTreeHead",
  conversion: "smartLicenseConversion",
};
const managerElements = Object.values(elementOf);
const systemInfoElement = "smartLicenseSystemInfo";
const trustRequestElement = "smartLicenseTrustRequest";
const authorizationRequestElement = "smartLicenseAuthRequest";

/** Writes the file form; every CDATA section holds one JSON triple byte for byte. */
export function encodeLicenseFile(file: LicenseFile): string {
  const reports = file.reports.map((report) => `<RUMReport>${cdata(JSON.stringify(report))}</RUMReport>`);
  const objects = file.managerObjects.map((object) =>
    dataElement(elementOf[object.header.type], JSON.stringify(object)),
  );
  const { trustRequest, authorizationRequest, systemInfo } = file;
  const request = trustRequest === undefined ? "" : dataElement(trustRequestElement, encodeTrustRequest(trustRequest));
  const authorization =
    authorizationRequest === undefined
      ? ""
      : dataElement(authorizationRequestElement, encodeAuthorizationRequest(authorizationRequest));
  const info = systemInfo === null ? "" : dataElement(systemInfoElement, systemInfo);
  const parts = [...reports, ...objects, request, authorization, info].join("");
  return `<?xml version="1.0" encoding="UTF-8"?><smartLicense>${parts}</smartLicense>`;
}

function dataElement(element: string, json: string): string {
  return `<${element}><data>${cdata(json)}</data></${element}>`;
}

/**
 * "]]>" cannot stand inside a CDATA section, so it is split over two. XML has no place at all for U+FFFE and U+FFFF;
 * inside JSON they stand only in strings, where an escape means the same.
 */
function cdata(json: string): string {
  const text = json.replaceAll("\ufffe", "\\ufffe").replaceAll("\uffff", "\\uffff");
  return `<![CDATA[${text.replaceAll("]]>", "]]]]><![CDATA[>")}]]>`;
}

/** `smart_license`: the file form of what one device is given. */
export function encodeSmartLicense(managerObjects: readonly ManagerObject[]): string {
  return Buffer.from(encodeLicenseFile({ reports: [], managerObjects, systemInfo: null })).toString("base64");
}

/** Throws what `decodeLicenseFile` throws; `file_malformed` also for wrong base64 or for what no manager sends. */
export function decodeSmartLicense(base64: string): readonly ManagerObject[] {
  const file = decodeLicenseFile(decodeStrictly(base64));
  if (file.reports.length > 0 || file.trustRequest !== undefined || file.authorizationRequest !== undefined) {
    throw new ProtocolError("file_malformed", "A manager's file carries no reports and no requests.");
  }
  return file.managerObjects;
}

function decodeStrictly(base64: string): Buffer {
  try {
    return decodeBase64(base64);
  } catch (cause) {
    throw new ProtocolError("file_malformed", "It is not base64.", [], { cause });
  }
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
  let trustRequest: TrustRequest | undefined;
  let authorizationRequest: readonly AuthorizationWish[] | undefined;
  for (const { element, text } of found) {
    if (element === "RUMReport") reports.push(decodeSignedReport(text));
    else if (element === systemInfoElement) {
      parseJson(text);
      systemInfo = requireFirst(element, systemInfo, text);
    } else if (element === trustRequestElement) {
      trustRequest = requireFirst(element, trustRequest ?? null, decodeTrustRequest(text));
    } else if (element === authorizationRequestElement) {
      authorizationRequest = requireFirst(element, authorizationRequest ?? null, decodeAuthorizationRequest(text));
    } else managerObjects.push(requireElementFits(element, decodeManagerObject(text)));
  }
  if (found.length === 0) throw new ProtocolError("file_empty");
  return {
    ...{ reports, managerObjects, systemInfo },
    ...(trustRequest === undefined ? {} : { trustRequest }),
    ...(authorizationRequest === undefined ? {} : { authorizationRequest }),
  };
}

function requireFirst<T>(element: string, earlier: T | null, found: T): T {
  if (earlier !== null) throw new ProtocolError("file_malformed", `It has two <${element}>.`);
  return found;
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
  for (const element of [...managerElements, systemInfoElement, trustRequestElement, authorizationRequestElement])
    paths.set(`smartLicense/${element}/data`, element);
  // A policy alone has its own root (device-side fact, section 8).
  paths.set("smartLicensePolicy/data", "smartLicensePolicy");
  return paths;
}
const elementAt = textPaths();
const openingPaths = new Set(
  [...elementAt.keys()].flatMap((path) => path.split("/").map((_, i, all) => all.slice(0, i + 1).join("/"))),
);

/** Refusals that an XML parser by itself would not make, or not with our code. */
function refuseParserError(error: Error): never {
  // Saxes tells an undeclared or malformed entity from other faults by its text only; the version is pinned.
  const code = error.message.includes("entity") ? "file_entity_refused" : "file_malformed";
  throw new ProtocolError(code, error.message);
}

function readElements(text: string): readonly FoundElement[] {
  const found: FoundElement[] = [];
  const path: string[] = [];
  let collected = "";
  const refuse = (detail: string): never => {
    throw new ProtocolError("file_malformed", detail);
  };
  const collect = (chunk: string): void => {
    if (elementAt.has(path.join("/"))) collected += chunk;
    else if (chunk.trim() !== "") refuse(`Text stands in <${path.at(-1) ?? ""}>.`);
  };
  const parser = new SaxesParser({ fragment: false });
  parser.on("error", refuseParserError);
  parser.on("xmldecl", ({ version = "1.0", encoding = "utf-8" }) => {
    if (version !== "1.0") refuse("It is not XML 1.0.");
    if (encoding.toLowerCase() !== "utf-8") refuse(`It declares the encoding ${encoding.slice(0, 40)}.`);
  });
  parser.on("doctype", () => {
    throw new ProtocolError("file_entity_refused");
  });
  parser.on("processinginstruction", () => refuse("It has a processing instruction."));
  parser.on("comment", () => refuse("It has a comment."));
  parser.on("opentag", (tag) => {
    path.push(tag.name);
    if (!openingPaths.has(path.join("/"))) throw new ProtocolError("file_element_unknown", `<${path.join("><")}>`);
    if (Object.keys(tag.attributes).length > 0) refuse(`<${tag.name}> has attributes.`);
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
