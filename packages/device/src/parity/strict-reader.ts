// Reads the output of each show command and refuses any line it does not know.

import {
  agentVersion,
  classicAuthorization,
  productInformation,
  registration,
  statusSections,
  takeDeviceStatus,
  takeLicenseLine,
  takeUdiLine,
} from "./status-sections.ts";
import {
  keyOf,
  outputLines,
  pairs,
  type Reading,
  readingAt,
  readPair,
  readSections,
  type Section,
  StrictReadError,
} from "./strict-lines.ts";
import {
  authorizations,
  certificates,
  communication,
  highAvailability,
  jobs,
  licenseEntries,
  mappingTable,
  newerBlocks,
  otherInfo,
  reportSummary,
  reservation,
  takeAirLine,
  wirelessReporting,
} from "./tech-sections.ts";

const banners = ["Smart Licensing Status", "Smart Licensing is ENABLED", "Smart Licensing Tech Support info"];

export function readStatus(text: string): Reading {
  return readSections(outputLines(text), [...statusSections, ...newerBlocks], ["Smart Licensing is ENABLED"]);
}

const licenseBlocks: Section = { opening: "License Usage", key: "license_usage", take: takeLicenseLine };

export function readAll(text: string): Reading {
  const sections = [
    ...statusSections,
    licenseBlocks,
    productInformation,
    agentVersion,
    classicReservation,
    authorizations,
    reportSummary,
    wirelessReporting,
  ];
  return readSections(outputLines(text), [...sections, ...newerBlocks], banners);
}

/** The end of the classic form. */
const classicReservation: Section = pairs("Reservation Info", ["License reservation"]);

export function readTechSupport(text: string): Reading {
  const inside = [jobs, communication, certificates, highAvailability, reservation, otherInfo, mappingTable];
  const sections = [
    ...statusSections,
    licenseEntries,
    productInformation,
    agentVersion,
    reportSummary,
    wirelessReporting,
    ...inside,
  ];
  return readSections(outputLines(text), [...sections, ...newerBlocks], banners);
}

export function readUsage(text: string): Reading {
  const reading: Reading = { license_name: {} };
  for (const line of outputLines(text)) {
    const names = readingAt(reading, "license_name");
    const isHead = Object.keys(names).length === 0 && line !== "No licenses in use";
    if (line === "License Authorization:") continue;
    if (isHead && classicAuthorization.take(line, readingAt(reading, "license_authorization"))) continue;
    if (!takeLicenseLine(line, names)) throw new StrictReadError(line, "a licence was expected");
  }
  return reading;
}

const summaryRow =
  /^(.*\S)\s+\(([^()]*|[^()]*\.\.\.)\)\s+(\d+) ((?:NOT )?IN USE|NOT AUTHORIZED|AUTHORIZED|OUT OF COMPLIANCE|EVAL MODE|EVAL EXPIRED|AUTHORIZATION EXPIRED|WAITING)$/;

/** Header, a rule of 77 dashes, and rows of four columns. */
export function readSummary(text: string): Reading {
  const reading: Reading = { license_usage: {} };
  let head: Section | undefined;
  let rules = 0;
  for (const line of outputLines(text)) {
    if (readPair(line, ["Smart Account", "Virtual Account"], readingAt(reading, "account_information"))) continue;
    if (["Account Information:", "License Usage:", "No licenses in use", ...banners].includes(line)) continue;
    // The head of the classic form.
    const opened = [registration, classicAuthorization].find(({ opening }) => line === `${opening}:`);
    if (opened !== undefined) {
      head = opened;
      continue;
    }
    if (rules === 0 && head?.take(line, readingAt(reading, head.key)) === true) continue;
    if (/^License\s+Entitlement [Tt]ag\s+Count Status$/.test(line)) continue;
    if (/^-{77}$/.test(line)) {
      rules += 1;
      continue;
    }
    const row = summaryRow.exec(line);
    if (row === null || rules !== 1) throw new StrictReadError(line, "a row of the table was expected");
    const [, license = "", entitlement = "", count = "", status = ""] = row;
    readingAt(reading, "license_usage")[entitlement] = { license, entitlement, count, status };
  }
  return reading;
}

export function readUdi(text: string): Reading {
  const reading: Reading = {};
  for (const line of outputLines(text)) {
    if (!takeUdiLine(line, reading)) throw new StrictReadError(line, "a UDI was expected");
  }
  return reading;
}

export function readAuthorization(text: string): Reading {
  const reading: Reading = {};
  for (const line of outputLines(text)) {
    const taken =
      takeDeviceStatus(line, reading, ["Status", "Last Confirmation code", "Last return code"]) ||
      authorizations.take(line, reading);
    if (!taken) throw new StrictReadError(line, "a device and its status were expected");
  }
  return reading;
}

const eventLine = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \S+ (SAEVT_[A-Z_]+(?: \w+="[^"]*")*)$/;

export function readEventLog(text: string): readonly string[] {
  const [banner, ...lines] = outputLines(text);
  if (banner !== "**** Event Log ****") throw new StrictReadError(banner ?? "", "the banner was expected");
  return lines.flatMap((line) => {
    const match = eventLine.exec(line);
    if (match === null && line !== "No EventLog Found.") throw new StrictReadError(line, "an event was expected");
    return match === null ? [] : [match[1] ?? ""];
  });
}

const messageSections = [
  "Trust Establishment",
  "Usage Reporting",
  "Result Polling",
  "Authorization Request",
  "Authorization Return",
  "Trust Sync",
];
const importSections = ["POLICY", "AUTH", "TRUST CODE", "RUM ACK", "CONVERSION ACK", "ACCOUNT INFO"];

/** Captions in their order; what stands below each is counted as requests and imports. */
export function readHistory(text: string): Reading {
  const captions = [...messageSections.map((one) => `${one}:`), ...importSections.map((one) => `Import ${one}:`)];
  const reading: Reading = {};
  let current: Reading = {};
  for (const line of outputLines(text)) {
    if (/^=+$|oldest to newest\):$/.test(line)) continue;
    const position = captions.indexOf(line);
    if (position >= 0) {
      if (position !== Object.keys(reading).length)
        throw new StrictReadError(line, `${captions[Object.keys(reading).length]} was expected`);
      current = readingAt(reading, keyOf(line));
    } else if (/^No past (Import )?history$/.test(line)) current.state = line;
    // NO RESPONSE and OUTCOME are ours (BET-1, BET-14); the field's own outputs have neither.
    else if (/^(REQUEST|RESPONSE|NO RESPONSE|OUTCOME|Received on)\b/.test(line)) {
      const word = /^(?:REQUEST|RESPONSE|NO RESPONSE|OUTCOME|Received on)/.exec(line)?.[0] ?? "";
      current[keyOf(word)] = Number(current[keyOf(word)] ?? 0) + 1;
    } else if (!/^[{<]/.test(line)) throw new StrictReadError(line, "a message was expected");
  }
  if (Object.keys(reading).length !== captions.length)
    throw new StrictReadError("", "all twelve sections were expected");
  return reading;
}

export function readRumList(text: string): Reading {
  const reading: Reading = {};
  const [title, , header, ...rows] = outputLines(text);
  if (title !== "Smart Licensing Usage Report:" || header !== "Report Id,          State,    Flag, Feature Name") {
    throw new StrictReadError(header ?? "", "the header was expected");
  }
  for (const line of rows) {
    const row = /^(\d+)\s+([A-Z]+)\s+([NP])\s+(\S+)$/.exec(line);
    if (row === null) throw new StrictReadError(line, "four words were expected");
    reading[row[1] ?? ""] = { state: row[2] ?? "", flag: row[3] ?? "", feature_name: row[4] ?? "" };
  }
  return reading;
}

const detailPairs: readonly RegExp[] = [
  /^(Previous Report Id): (\d+), {4}(Next Report Id): (\d+)$/,
  /^(State): ([A-Z]+), {6}(State Change Reason|Close Reason): (\S+)$/,
  /^(Start Time): (.+), {6}(End Time): (.+)$/,
];
const detailCaptions = [
  "Metric Name",
  "Feature Name",
  "Metric Value",
  "UDI",
  "Storage State",
  "Transaction ID",
  "Transaction Message",
];

export function readRumDetail(text: string): Reading {
  const reading: Reading = {};
  for (const line of outputLines(text)) {
    if (line === "Smart Licensing Usage Report Detail:" || /^=+$/.test(line)) continue;
    if (readPair(line, ["Report Id", ...detailCaptions], reading)) continue;
    const match = detailPairs.map((pattern) => pattern.exec(line)).find((found) => found !== null);
    if (match === undefined || match === null) throw new StrictReadError(line, "a line of the report was expected");
    for (let index = 1; index < match.length; index += 2) reading[keyOf(match[index] ?? "")] = match[index + 1] ?? "";
  }
  return reading;
}

export function readAirEntities(text: string): Reading {
  const reading: Reading = {};
  for (const line of outputLines(text)) {
    if (!takeAirLine(line, reading)) throw new StrictReadError(line, "a dotted caption was expected");
  }
  return reading;
}
