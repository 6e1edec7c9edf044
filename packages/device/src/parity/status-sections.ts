// What may stand in show license status and in the first half of show license all and show license tech support.

import {
  freeKey,
  keyOf,
  pairs,
  type Reading,
  readingAt,
  readPair,
  readRole,
  type Section,
  StrictReadError,
  wholeNumber,
} from "./strict-lines.ts";

/** ENABLED or DISABLED and nothing else: that is how readers tell these from the status of a licence. */
function switched(opening: string, more: readonly string[] = []): Section {
  const take = (line: string, into: Reading): boolean => {
    if (/^Status: (ENABLED|DISABLED)$/.test(line)) return readPair(line, ["Status"], into);
    return readPair(line, more, into);
  };
  return { opening, key: keyOf(opening), take, requires: ["Status"] };
}

const exportKey: Section = {
  opening: "Export Authorization Key",
  key: "export_authorization_key",
  take: (line, into) => {
    if (line === "Features Authorized:") return true;
    if (line !== "<none>") return false;
    into.features_authorized = line;
    return true;
  },
};

const transport: Section = {
  opening: "Transport",
  key: "transport",
  take: (line, into) => {
    if (line === "Proxy:" || line === "VRF:") {
      into[keyOf(line)] = {};
      return true;
    }
    if (line === "Not Configured") {
      into[typeof into.vrf === "object" ? "vrf" : "proxy"] = line;
      return true;
    }
    if (typeof into.proxy === "object" && readPair(line, ["Address", "Port", "Username", "Password"], into.proxy))
      return true;
    return readPair(
      line,
      ["Type", "URL", "Cslu address", "Server Identity Check", "VRF", "IP Mode", "Trust Point"],
      into,
    );
  },
  requires: ["Type"],
};

const classCaptions = [
  "Unenforced/Non-Export Perpetual Attributes",
  "Unenforced/Non-Export Subscription Attributes",
  "Enforced (Perpetual/Subscription) License Attributes",
  "Export (Perpetual/Subscription) License Attributes",
];
const dayCaptions = ["First report requirement (days)", "Reporting frequency (days)", "Report on change (days)"];

const policy: Section = {
  opening: "Policy",
  key: "policy",
  take: (line, into) => {
    const caption = classCaptions.find((one) => line === `${one}:`);
    if (caption !== undefined) {
      into[keyOf(caption)] = {};
      return true;
    }
    const latest = Object.values(into).at(-1);
    if (typeof latest === "object") return /: \d+ \(.+\)$/.test(line) && readPair(line, dayCaptions, latest);
    return readPair(line, ["Policy in use", "Policy name", "Reporting ACK required"], into);
  },
  requires: ["Policy in use", "Reporting ACK required", ...classCaptions],
};

const reportingCaptions = [
  "Last ACK received",
  "Next ACK deadline",
  "Reporting push interval",
  "Next ACK push check",
  "Next report push",
  "Last report push",
  "Last report file write",
];

/** Exactly the seven lines, in this order. */
const usageReporting: Section = {
  opening: "Usage Reporting",
  key: "usage_reporting",
  take: (line, into) => {
    const next = reportingCaptions[Object.keys(into).length];
    return next !== undefined && readPair(line, [next], into);
  },
  requires: reportingCaptions,
};

const trustCode: Section = {
  opening: "Trust Code Installed",
  key: "trust_code_installed",
  takeOpening: (value, into) => {
    if (value !== "") into.info = value;
  },
  take: (line, into) => {
    if (readRole(line, true, into) !== null) return true;
    const latest = Object.values(into).at(-1);
    if (/^(INSTALLED on |NOT INSTALLED$)/.test(line) && typeof latest === "object") {
      latest.info = line;
      return true;
    }
    return /^(Expired on |Trust Code Type: |Attributes: )/.test(line);
  },
};

/** Dates stand behind the words, or on a line of their own; `Failure reason` belongs to the line above it. */
export const registration: Section = {
  ...pairs("Registration", [
    "Status",
    // Ours: why a deregistration is not done yet.
    "Deregistration",
    "Pending reason",
    "Smart Account",
    "Virtual Account",
    "Export-Controlled Functionality",
    "Initial Registration",
    "Failure reason",
    "Next Registration Attempt",
    "Last Renewal Attempt",
    "Next Renewal Attempt",
    "Registration Expires",
  ]),
  requires: ["Status", "Export-Controlled Functionality"],
};

const authorizationStatus =
  /^Status: (AUTHORIZED|OUT OF COMPLIANCE|AUTHORIZATION EXPIRED|EVAL MODE|EVAL EXPIRED|No Licenses in Use|Not Applicable)( on .+)?$/;

export const classicAuthorization: Section = {
  opening: "License Authorization",
  key: "license_authorization",
  take: (line, into) => {
    if (line.startsWith("Status:")) return authorizationStatus.test(line) && readPair(line, ["Status"], into);
    return readPair(
      line,
      [
        "Evaluation Period Remaining",
        // Ours (BET-34).
        "Shortage",
        "Last Communication Attempt",
        "Failure reason",
        "Next Communication Attempt",
        "Communication Deadline",
      ],
      into,
    );
  },
  requires: ["Status"],
};

export const statusSections: readonly Section[] = [
  registration,
  classicAuthorization,
  pairs("License Conversion", [
    "Automatic Conversion Enabled",
    "Status",
    // Ours.
    "Failure reason",
    "Last Data Push",
    "Last File Export",
  ]),
  exportKey,
  switched("Utility"),
  switched("Smart Licensing Using Policy", ["Reporting Mode"]),
  pairs("Account Information", ["Smart Account", "Virtual Account"]),
  pairs("Data Privacy", [
    "Sending Hostname",
    "Callhome hostname privacy",
    "Smart Licensing hostname privacy",
    "Version privacy",
  ]),
  transport,
  policy,
  pairs("Miscellaneous", ["Custom Id"]),
  usageReporting,
  trustCode,
  pairs("Device Telemetry Report Summary", ["Data Channel", "Reports on disk"]),
];

const licenseCaptions = [
  "Description",
  "Count",
  "Version",
  "Status",
  "Export status",
  "Feature Name",
  "Feature Description",
  "Enforcement type",
  "License type",
];

/** A licence begins with a line that ends `...):`; its count is a bare integer. */
export function takeLicenseLine(line: string, into: Reading): boolean {
  if (/^.+ \(.+\):$/.test(line)) {
    into[freeKey(into, line)] = {};
    return true;
  }
  const latest = Object.values(into).at(-1);
  if (typeof latest !== "object") return line === "No licenses in use";
  if (!readPair(line, licenseCaptions, latest)) return false;
  if (typeof latest.count === "string") {
    latest.count = wholeNumber(latest.count);
    if (typeof latest.count === "string") throw new StrictReadError(line, "a bare integer was expected");
  }
  return true;
}

export const productInformation: Section = {
  opening: "Product Information",
  key: "product_information",
  take: (line, into) => takeUdiLine(line, into),
  requires: ["UDI"],
};

export function takeUdiLine(line: string, into: Reading): boolean {
  const own = /^UDI: PID:([^,]+),SN:(\S+)$/.exec(line);
  if (own !== null) {
    into.udi = { pid: own[1] ?? "", sn: own[2] ?? "" };
    return true;
  }
  if (line === "HA UDI List:") {
    into.ha_udi_list = {};
    return true;
  }
  return typeof into.ha_udi_list === "object" && readRole(line, false, readingAt(into, "ha_udi_list")) !== null;
}

export const agentVersion: Section = pairs("Agent Version", ["Smart Agent for Licensing"]);

/** Rows of devices below `Overall status:`, each followed by what belongs to it. */
export function takeDeviceStatus(line: string, into: Reading, captions: readonly string[]): boolean {
  if (line === "Overall status:") {
    into.overall_status = {};
    return true;
  }
  if (typeof into.overall_status !== "object") return false;
  if (readRole(line, true, into.overall_status) !== null) return true;
  const latest = Object.values(into.overall_status).at(-1);
  return typeof latest === "object" && readPair(line, captions, latest);
}
