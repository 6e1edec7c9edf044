// `Key: value` lines of show license status, all, tech support, summary, usage, air entities and history, told apart by the section
// they stand in. Indentation and unknown lines mean nothing, as releases differ in both.

import { readDeviceTime } from "./device-time.ts";
import type { FactBook } from "./fact-book.ts";
import type { Line } from "./log-lines.ts";

const statistics =
  /^(Trust Establishment|Trust Acknowledgement|Usage Reporting|Result Polling|Authorization Request|Authorization Confirmation|Authorization Return|Trust Sync|Hello Message|Telemetry Reporting):$/;
const sections =
  /^(Registration|License Authorization|License Conversion|Transport|Proxy|Policy|Account Information|Miscellaneous|Utility|Smart Licensing Using Policy|Data Privacy|Export Authorization Key|Usage Report Summary|Reservation Info|Other Info):?\s*$/;
const member = /^(?:(?:Active|Standby|Member|Local Device):\s?)?P(?:ID)?:([^,\s]{1,64}),S(?:N)?:([^,:\s]{1,64})/;
const none = /^(<none>|None|none|<empty>)?$/;

export class ShowLines {
  readonly #book: FactBook;
  #section = "";
  #kind = "";
  /** In a statistic, whether its failures last. */
  #isFailing = true;
  #member = "";
  #inTrustBlock = false;
  #request: Line | null = null;
  #response: Line | null = null;
  #deadline: Line | null = null;
  #deviceNowMs: number | null = null;
  #purged: { readonly at: Line; readonly count: number } | null = null;

  constructor(book: FactBook) {
    this.#book = book;
  }

  /** A new command: sections of the one before are over. */
  begin(): void {
    this.#settleExchange(null);
    this.#section = "";
    this.#kind = "";
    this.#isFailing = true;
    this.#inTrustBlock = false;
  }

  read(at: Line): void {
    const text = at.text.trim();
    if (text === "") return;
    this.#readClock(text, at);
    this.#readExchange(text, at);
    if (this.#enter(text)) return;
    this.#readMember(text, at);
    const pair = /^([A-Za-z][A-Za-z0-9 ._/()-]{0,80}?)\s?:\s*(.{0,2000})$/.exec(text);
    if (pair !== null) this.#readPair(pair[1] ?? "", (pair[2] ?? "").trim(), at);
    this.#readTableRow(text, at);
  }

  finish(): void {
    this.#settleExchange(null);
    if (this.#deadline === null || this.#deviceNowMs === null) return;
    const dueMs = readDeviceTime(this.#deadline.text);
    if (dueMs === null) return;
    this.#book.add("acknowledgement-due-days", (dueMs - this.#deviceNowMs) / 86_400_000, this.#deadline);
  }

  #enter(text: string): boolean {
    const kind = statistics.exec(text);
    if (kind !== null) {
      [this.#kind, this.#section, this.#isFailing] = [kind[1] ?? "", kind[1] ?? "", false];
      return true;
    }
    const section = sections.exec(text);
    if (section === null) return false;
    [this.#section, this.#kind, this.#isFailing, this.#inTrustBlock] = [section[1] ?? "", "", true, false];
    return true;
  }

  #readPair(key: string, value: string, at: Line): void {
    if (this.#kind !== "" && this.#readStatistic(key, value, at)) return;
    const reader = pairReaders[key];
    if (reader !== undefined) reader(value, this.#section, at, this.#book);
    if (key === "Failure reason" || key === "Failure Reason") this.#failure(value, at);
    if (key === "Total") this.#purged = { at, count: Number(/Purged: (\d{1,9})/.exec(value)?.[1] ?? 0) };
    if (key === "Total Acknowledged Received") this.#purgedUnacknowledged(Number(/^\d{1,9}/.exec(value)?.[0] ?? 0));
    if (key === "Next ACK deadline" && !none.test(value)) this.#deadline = at;
    if (key === "Trust Code Installed") this.#trustCode(value, at);
  }

  #readStatistic(key: string, value: string, at: Line): boolean {
    if (key === "Attempts") {
      const overall = Number(/Overall=(\d{1,9})/.exec(value)?.[1] ?? 0);
      this.#isFailing = overall > 0;
      if (overall > 0) this.#book.add("failures-in-a-row", overall, at, this.#kind);
      return true;
    }
    if (key !== "Last Response") return false;
    if (this.#isFailing && !none.test(value)) this.#book.add("last-response", value, at, this.#kind);
    return true;
  }

  /** Acknowledged reports are cleared away in order; what was purged beyond those is lost. */
  #purgedUnacknowledged(acknowledged: number): void {
    if (this.#purged !== null)
      this.#book.add("reports-purged", Math.max(0, this.#purged.count - acknowledged), this.#purged.at);
    this.#purged = null;
  }

  #failure(value: string, at: Line): void {
    if (!this.#isFailing || none.test(value)) return;
    this.#book.add("failure-reason", explained(value), at, this.#kind || this.#section);
  }

  #trustCode(value: string, at: Line): void {
    this.#inTrustBlock = value === "";
    if (value !== "") this.#book.add("trust-code", none.test(value) ? "none" : value, at);
  }

  /** A member's line, and what of its trust stands on it or on the next one. */
  #readMember(text: string, at: Line): void {
    const found = member.exec(text);
    if (found !== null) {
      this.#member = `${found[1]},${found[2]}`;
      if (found[1] !== undefined) readProduct(found[1], at, this.#book);
      if (/No Trust Data|state\[1\], NOT INSTALLED/.test(text))
        this.#book.add("member-without-trust", this.#member, at);
      if (/Trust Data INSTALLED/.test(text) && !/NOT INSTALLED/.test(text))
        this.#book.add("member-with-trust", this.#member, at);
      return;
    }
    if (!this.#inTrustBlock || this.#member === "") return;
    if (/^INSTALLED on /.test(text)) this.#book.add("member-with-trust", this.#member, at);
    if (/^(NOT INSTALLED|No Trust|<none>)/i.test(text)) this.#book.add("member-without-trust", this.#member, at);
    if (/^INSTALLED|^NOT INSTALLED/.test(text)) this.#member = "";
  }

  /** A REQUEST with a RESPONSE line and nothing below it was never answered. */
  #readExchange(text: string, at: Line): void {
    if (/^REQUEST: /.test(text)) {
      this.#settleExchange(at);
      this.#request = at;
      return;
    }
    if (/^RESPONSE: /.test(text)) {
      this.#response = at;
      return;
    }
    const silent = /^NO RESPONSE after .{1,40}?: (.{1,300})/.exec(text);
    if (silent !== null) {
      this.#book.withdraw(({ kind, about }) => kind === "unanswered-request" && about === this.#kind);
      this.#book.add("failure-reason", silent[1] ?? "", at, this.#kind);
      [this.#request, this.#response] = [null, null];
      return;
    }
    if (this.#response !== null && /^["{]/.test(text)) {
      this.#withdrawExchange();
      [this.#request, this.#response] = [null, null];
    }
    if (/status_code.{0,8}FAIL/.test(text)) {
      const message = /status_message\W{1,8}([^"\\]{1,300})/.exec(text)?.[1];
      if (message !== undefined) this.#book.add("failure-reason", message, at, this.#kind);
      return;
    }
    const refused = /Invalid ProductInstanceIdentifier.{0,200}/.exec(text);
    if (refused !== null && !/^Failure/i.test(text)) this.#book.add("failure-reason", refused[0], at, this.#kind);
  }

  #withdrawExchange(): void {
    const ofKind = this.#kind;
    this.#book.withdraw(
      ({ kind, about, evidence }) =>
        about === ofKind &&
        (kind === "unanswered-request" || (kind === "failure-reason" && /^(NO RESPONSE|["{])/.test(evidence.text))),
    );
  }

  #settleExchange(next: Line | null): void {
    if (this.#request !== null && this.#response !== null)
      this.#book.add("unanswered-request", this.#request.text.trim(), this.#response, this.#kind);
    [this.#request, this.#response] = [next, null];
  }

  #readClock(text: string, at: Line): void {
    const isClock = /^(Current time|Time source is|No time source|\*?\d\d:\d\d:\d\d)/.test(text);
    if (!isClock) return;
    this.#deviceNowMs = readDeviceTime(text) ?? this.#deviceNowMs;
    if (/^(No time source|\*\d\d:)/.test(text)) this.#book.add("clock-source", "none", at);
    if (/^Time source is NTP/.test(text)) this.#book.add("clock-source", "ntp", at);
  }

  /** `license  (entitlement)  count  OUT OF COMPLIANCE` of a summary. */
  #readTableRow(text: string, at: Line): void {
    const row =
      /^(\S.{0,80}?)\s+\([^)]{1,120}\)\s+\d{1,9}\s+(OUT OF COMPLIANCE|EVAL[A-Z ]*|IN USE|NOT IN USE|AUTHORIZED)\b/.exec(
        text,
      );
    if (row !== null) this.#book.add("license-status", row[2] ?? "", at, row[1] ?? "");
  }
}

/** A date in milliseconds says nothing to people (BET-29). */
function explained(reason: string): string {
  const clock = /device date '(\d{11,14})'/.exec(reason);
  if (clock === null) return reason;
  return `${reason} (the device's clock said ${new Date(Number(clock[1])).toISOString().slice(0, 19)}Z)`;
}

type PairReader = (value: string, section: string, at: Line, book: FactBook) => void;

const pairReaders: Readonly<Record<string, PairReader>> = {
  Status: (value, section, at, book) => {
    if (section === "Registration") {
      book.add("registration-status", value, at);
      book.add("model", "classic", at);
    }
    if (/^REGISTERED - SPECIFIC LICENSE RESERVATION/.test(value)) book.add("reservation", value, at);
    if (section === "License Authorization" && value !== "Not Applicable") book.add("authorization-status", value, at);
    if (section === "Smart Licensing Using Policy" && value === "ENABLED") book.add("model", "policy", at);
    if (section === "" && /^OUT OF COMPLIANCE/.test(value)) book.add("license-status", value, at);
  },
  "Evaluation Period Remaining": (value, _section, at, book) => {
    const days = /^(\d{1,5}) days?/.exec(value);
    if (days !== null) book.add("evaluation-days", Number(days[1]), at);
  },
  Type: (value, _section, at, book) => book.add("transport-type", value, at),
  URL: readUrl,
  "Cslu address": readUrl,
  "Default URL": () => undefined,
  Address: (value, section, at, book) => {
    if (section === "Proxy" && !none.test(value)) book.add("proxy-address", value, at);
  },
  Username: (value, section, at, book) => {
    if (section === "Proxy") book.add("proxy-credentials", none.test(value) ? "none" : "configured", at);
  },
  "Overall State": (value, _section, at, book) => {
    if (!none.test(value)) book.add("overall-state", value, at);
  },
  "Reporting ACK required": (value, _section, at, book) =>
    book.add("acknowledgement-required", /^yes/i.test(value) ? "yes" : "no", at),
  "Last ACK received": (value, _section, at, book) =>
    book.add("last-acknowledgement", none.test(value) ? "none" : value, at),
  "Reporting push interval": (value, _section, at, book) => {
    const days = /^(\d{1,6})/.exec(value);
    if (days !== null) book.add("push-interval-days", Number(days[1]), at);
  },
  "Maximum Display": (value, _section, at, book) => {
    const missing = /MIA: (\d{1,9})/.exec(value);
    if (missing !== null) book.add("reports-missing", Number(missing[1]), at);
  },
  "License reservation": (value, _section, at, book) => {
    if (/^ENABLED/i.test(value)) book.add("reservation", value, at);
  },
  "Reservation status": (value, _section, at, book) => {
    if (/specific|universal|reservation/i.test(value)) book.add("reservation", value, at);
  },
  "Smart Agent for Licensing": (value, _section, at, book) => book.add("agent-version", value, at),
  "Clock sync-ed with NTP": (value, _section, at, book) =>
    book.add("clock-source", /^true/i.test(value) ? "ntp" : "none", at),
  UDI: (value, _section, at, book) => {
    const found = member.exec(value);
    if (found?.[1] !== undefined) readProduct(found[1], at, book);
  },
};

function readUrl(value: string, _section: string, at: Line, book: FactBook): void {
  if (none.test(value)) return;
  const url = /^https?:\/\/\S{1,500}/i.exec(value)?.[0];
  if (url === undefined) return;
  book.add("transport-url", url, at, "license smart");
}

const families: readonly (readonly [RegExp, string])[] = [
  [/^C9800/i, "c9800"],
  [/^(ASAv|ASA\d|FPR)/i, "asa"],
  [/^(N\dK|N\d{4})/i, "nx-os"],
  [/^(NCS|ASR-?9|8[128]\d\d)/i, "ios-xr"],
  [/^(C[1-9]\d{3}|CSR|ISR|ASR|IR\d|IE-|C8000V|WS-)/i, "ios-xe"],
];

export function readProduct(pid: string, at: Line, book: FactBook): void {
  if (book.facts.some(({ kind, value }) => kind === "product-id" && value === pid)) return;
  book.add("product-id", pid, at);
  const family = families.find(([pattern]) => pattern.test(pid));
  if (family !== undefined) book.add("platform", family[1], at);
}
