// What may stand in the sections that only show license all and show license tech support have.

import { takeDeviceStatus } from "./status-sections.ts";
import {
  keyOf,
  pairs,
  type Reading,
  readingAt,
  readPair,
  type Section,
  StrictReadError,
  wholeNumber,
} from "./strict-lines.ts";

function takePurchased(line: string, into: Reading): boolean {
  if (line === "Purchased Licenses:") return true;
  if (line !== "No Purchase Information Available") return false;
  into.purchased_licenses = line;
  return true;
}

const licenseHeading = /^(\S+) \([^()]*\):$/;
const authorizedCaptions = ["Description", "Total available count", "Enforcement type"];
const termCaptions = ["Authorization type", "License type", "Term Count"];
const requestCaptions = [
  "Requested",
  "Attempts",
  "Next attempt",
  "Failure reason",
  "Refused on",
  "Refusal reason",
  "Refusal code",
  "Remedy",
];

/** Licences with a code, and what is asked for; the rows of their devices are those of the overall status. */
function takeAuthorized(line: string, into: Reading): boolean {
  if (["Authorizations:", "Authorization Request:", "Term information:"].includes(line)) return true;
  const heading = licenseHeading.exec(line);
  const named = readingAt(into, "authorizations");
  if (heading !== null) {
    named[heading[1] ?? ""] = {};
    return true;
  }
  const latest = Object.values(named).at(-1);
  if (typeof latest === "object" && readPair(line, [...authorizedCaptions, ...termCaptions], latest)) return true;
  return readPair(line, requestCaptions, readingAt(into, "authorization_request"));
}

export const authorizations: Section = {
  opening: "License Authorizations",
  key: "license_authorizations",
  take: (line, into) =>
    readPair(line, ["Last Data Push", "Last File Export"], into) ||
    takeDeviceStatus(line, into, ["Status", "Last Confirmation code", "Last return code"]) ||
    takePurchased(line, into) ||
    takeAuthorized(line, into),
};

export const reservation: Section = {
  opening: "Reservation Info",
  key: "reservation_info",
  take: (line, into) =>
    readPair(line, ["License reservation", "Last Data Push", "Last File Export"], into) ||
    takeDeviceStatus(line, into, [
      "Reservation status",
      "Request code",
      "Last return code",
      "Last Confirmation code",
      "Reservation authorization code",
    ]) ||
    ["Specified license reservations:", "Last Reporting Not Required:"].includes(line) ||
    /^Entitlement Tag: regid\.\S+$/.test(line) ||
    takePurchased(line, into) ||
    takeAuthorized(line, into),
};

/** Two blanks stand in fixed places between the numbers. */
const summaryLines: readonly RegExp[] = [
  /^(Total): (\d+), {2}(Purged): (\S+)$/,
  /^(Total Acknowledged Received): (\d+), {2}(Waiting for Ack): (\S+)$/,
  /^(Available to Report): (\d+) {2}(Collecting Data): (\d+)$/,
  /^(Maximum Display): (\d+) {2}(In Storage): (\d+), {2}(MIA): (\S+)$/,
];

export const reportSummary: Section = {
  opening: "Usage Report Summary",
  key: "usage_report_summary",
  take: (line, into) => {
    const match = summaryLines.map((pattern) => pattern.exec(line)).find((found) => found !== null);
    if (match === undefined || match === null) return readPair(line, ["Report Module Status"], into);
    for (let index = 1; index < match.length; index += 2)
      into[keyOf(match[index] ?? "")] = wholeNumber(match[index + 1] ?? "");
    return true;
  },
  requires: ["Total", "Waiting for Ack", "Collecting Data"],
};

const entryCaptions = [
  "License",
  "Entitlement Tag",
  "Description",
  "Count",
  "Version",
  "Status",
  "Authorized Count",
  "Out-Of-Compliance Count",
  "Insufficient Count",
  "No license",
  "Status time",
  "Request Time",
  "Export status",
  "Feature Name",
  "Feature Description",
  "Enforcement type",
  "License type",
  "Day-0 Verification",
  "Soft Enforced",
];

/** `Handle: n` begins a licence. */
export const licenseEntries: Section = {
  opening: "License Usage",
  key: "license_usage",
  take: (line, into) => {
    const handle = /^Handle: (\d+)$/.exec(line);
    if (handle !== null) {
      readingAt(into, "handle")[handle[1] ?? ""] = {};
      return true;
    }
    if (line === "No licenses in use") return true;
    const entry = Object.values(readingAt(into, "handle")).at(-1);
    return typeof entry === "object" && takeEntryLine(line, entry);
  },
};

/** Those of the policy model, then those of the classic one. */
const entryStatus =
  /^Status: (?:(?:NOT )?IN USE\(\d+\)|NOT AUTHORIZED|NOT IN USE|AUTHORIZED|OUT OF COMPLIANCE|EVAL MODE|EVAL EXPIRED|AUTHORIZATION EXPIRED|WAITING)$/;

function takeEntryLine(line: string, entry: Reading): boolean {
  if (line === "Measurements:") {
    entry.measurements = {};
    return true;
  }
  if (typeof entry.measurements === "object") {
    if (line === "ENTITLEMENT:") return readingAt(entry.measurements, "entitlement") !== undefined;
    const measured = readingAt(entry.measurements, "entitlement");
    const reports = /^Current Report: (\d+) +Previous: (\d+)$/.exec(line);
    if (reports !== null) {
      measured.current_report = Number(reports[1]);
      measured.previous = Number(reports[2]);
      return true;
    }
    if (readPair(line, ["Interval", "Current Value"], measured)) return numbersOf(measured, ["current_value"]);
  }
  if (line.startsWith("Status: ") && !entryStatus.test(line)) return false;
  return readPair(line, entryCaptions, entry) && numbersOf(entry, ["count"]);
}

function numbersOf(reading: Reading, keys: readonly string[]): boolean {
  for (const key of keys) {
    const value = reading[key];
    if (typeof value === "string") reading[key] = wholeNumber(value);
  }
  return true;
}

/** Any job's name, but only the four forms of its time. */
export const jobs: Section = {
  opening: "Upcoming Scheduled Jobs",
  key: "upcoming_scheduled_jobs",
  take: (line, into) => {
    const match = /^([A-Z][^:]*): (.+)$/.exec(line);
    if (match === null) return false;
    const [, name = "", time = ""] = match;
    if (!isJobTime(name, time)) throw new StrictReadError(line, "a date with its remaining time was expected");
    into[keyOf(name)] = time;
    return true;
  },
};

const date = "[A-Z][a-z]{2} \\d{2} \\d{2}:\\d{2}:\\d{2} \\d{4} \\S+";
const jobTime = new RegExp(
  `^(${date} \\((\\d+ days, )?(\\d+ hours, )?(\\d+ minutes, )?\\d+ seconds remaining\\)|${date} {2}\\(Expired\\)|Expired Not Rescheduled|Not Available)$`,
);

function isJobTime(name: string, time: string): boolean {
  return name === "Current time" ? new RegExp(`^${date}$`).test(time) : jobTime.test(time);
}

const kindCaptions = [
  "Trust Establishment",
  "Trust Acknowledgement",
  "Usage Reporting",
  "Result Polling",
  "Authorization Request",
  "Authorization Confirmation",
  "Authorization Return",
  "Trust Sync",
  "Hello Message",
  "Telemetry Reporting",
  // Of the classic model.
  "Registration",
  "ID Certificate Renewal",
  "Authorization",
  "Deregistration",
];

export const communication: Section = {
  opening: "Communication Statistics",
  key: "communication_statistics",
  take: (line, into) => {
    const caption = kindCaptions.find((one) => line === `${one}:`);
    if (caption !== undefined) {
      into[keyOf(caption)] = {};
      return true;
    }
    const latest = Object.values(into).at(-1);
    if (typeof latest === "object" && takeKindLine(line, latest)) return true;
    return readPair(line, ["Communication Level Allowed", "Overall State"], into);
  },
};

function takeKindLine(line: string, kind: Reading): boolean {
  const attempts =
    /^Attempts: (Total=\d+, Success=\d+, Fail=\d+) {2}Ongoing Failure: (Overall=\d+ Communication=\d+)$/.exec(line);
  if (attempts !== null) {
    kind.attempts = attempts[1] ?? "";
    kind.ongoing_failure = attempts[2] ?? "";
    return true;
  }
  return readPair(line, ["Last Response", "Failure Reason", "Last Success Time", "Last Failure Time"], kind);
}

/** Keys are free here, but every line is one `key: value`; digits become numbers. */
export const otherInfo: Section = {
  opening: "Other Info",
  key: "other_info",
  take: (line, into) => {
    const trust = /^(?:Local Device|P:[^,]+,S:[^:]+): (?:P:([^,]+),S:([^,]+), )?(.+)$/.exec(line);
    if (trust !== null) return takeTrust(line, trust, into);
    const pair = /^([^:]+):{1,2}\s*(.*)$/.exec(line);
    if (pair === null) return false;
    into[keyOf(pair[1] ?? "")] = wholeNumber(pair[2] ?? "");
    return true;
  },
};

function takeTrust(line: string, trust: RegExpExecArray, into: Reading): boolean {
  const text =
    /^(?:No Trust Data|state\[2\], Trust Data INSTALLED(?:\s+TrustId:(\d+))?|state\[1\], NOT INSTALLED(?:\s+TrustId:(\d+))?)$/;
  const match = text.exec(trust[3] ?? "");
  if (match === null) throw new StrictReadError(line, "a trust state was expected");
  const owner = /^P:([^,]+),S:([^:]+):/.exec(line) ?? trust;
  const rows = readingAt(into, "trust_data");
  const row = readingAt(rows, (owner[2] ?? "local device").toLowerCase());
  if (owner[1] !== undefined) row.p = owner[1];
  row.trustvalue = (trust[3] ?? "").replace(/^state\[\d\], /, "").replace(/\s+TrustId:.*$/, "");
  const trustId = match[1] ?? match[2];
  if (trustId !== undefined) row.trustid = Number(trustId);
  return true;
}

export const mappingTable: Section = {
  opening: "Platform Provided Mapping Table",
  key: "platform_provided_mapping_table",
  take: (line, into) => {
    const total = /^(\S+): Total licenses found: (\d+)$/.exec(line);
    if (total !== null) {
      into.pid = total[1] ?? "";
      into.total_licenses_found = Number(total[2]);
      return true;
    }
    if (line === "Enforced Licenses:" || line === "No PD enforced licenses") return true;
    const device = /^P:([^,]+),S:([^:]+):$/.exec(line);
    if (device === null) return takeEnforced(line, readingAt(into, "enforced_licenses"));
    readingAt(into, "enforced_licenses")[(device[2] ?? "").toLowerCase()] = { pid: device[1] ?? "" };
    return true;
  },
};

/** The tag may be missing where a device has not mapped it yet. */
function takeEnforced(line: string, devices: Reading): boolean {
  const match = /^hseck9: (regid\.\S+)? ?\((\d+)\)$/.exec(line);
  const latest = Object.values(devices).at(-1);
  if (match === null || typeof latest !== "object") return false;
  if (match[1] !== undefined) latest.hseck9_entitlement_tag = match[1];
  latest.hseck9_no = Number(match[2]);
  return true;
}

export const certificates: Section = {
  opening: "License Certificates",
  key: "license_certificates",
  take: (line, into) =>
    line === "Not registered. No certificates installed" ||
    readPair(line, ["Production Cert", "ID Certificate Expires"], into),
};

export const highAvailability = pairs("HA Info", [
  "RP Role",
  "Chassis Role",
  "Behavior Role",
  "RMF",
  "CF",
  "CF State",
  "Message Flow Allowed",
]);

const airCaption =
  /^(Last license report time|Upcoming license report time|No\. of APs (?:active at|newly added with|deleted with) last report)\.+: (.+)$/;

export function takeAirLine(line: string, into: Reading): boolean {
  const match = airCaption.exec(line);
  if (match === null) return false;
  into[keyOf(match[1] ?? "")] = wholeNumber(match[2] ?? "");
  return true;
}

export const wirelessReporting: Section = {
  opening: "Wireless License Reporting",
  key: "wireless_license_reporting",
  take: (line, into) => takeAirLine(line, into) || takeMandatoryLine(line, into),
};

/** Ours, outside the five lines of the field's command. */
function takeMandatoryLine(line: string, into: Reading): boolean {
  const match = /^RUM acknowledgement mandatory\.+: (yes(?:, until .+)?)$/.exec(line);
  if (match === null) return false;
  into.rum_acknowledgement_mandatory = match[1] ?? "";
  return true;
}

/** Blocks that the newest agents of the field add. */
export const newerBlocks: readonly Section[] = [
  pairs("Product Analytics Report Summary", [
    "Product Analytics",
    "Not Available Reason",
    "Total current Product Analytics reports",
  ]),
  pairs("Telemetry Report Summary", ["Device Telemetry", "Total current telemetry reports"]),
  { opening: "Device Enforcement State", key: "device_enforcement_state", take: (line) => line === "NOT APPLICABLE" },
];
