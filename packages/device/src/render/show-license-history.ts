// show license history message: grouped by kind as the field shows it, or in one order of time (BET-16). When no answer
// came, it says so, how long was waited and why (BET-1); what each message came to is said in words (BET-14); each kind
// keeps its own section (BET-15, REP-15).

import type {
  ClassicMessageKind,
  HistoryMessageView,
  HistoryView,
  ImportKind,
  ImportView,
  MessageKind,
} from "../license-view.ts";
import { explainMessage } from "./explain-message.ts";
import { oneLine, type ShowOptions, showDate } from "./show-text.ts";

const groupedKinds: Readonly<Partial<Record<MessageKind, string>>> = {
  trust_establishment: "Trust Establishment",
  usage_reporting: "Usage Reporting",
  result_polling: "Result Polling",
  authorization_request: "Authorization Request",
  authorization_return: "Authorization Return",
  trust_sync: "Trust Sync",
};

/** Of a device in the classic model. */
const classicKinds: Readonly<Record<ClassicMessageKind, string>> = {
  registration: "Registration",
  id_renewal: "ID Certificate Renewal",
  authorization: "Authorization",
  deregistration: "Deregistration",
  conversion: "Conversion",
};

const allKinds: Readonly<Record<MessageKind, string>> = {
  trust_establishment: "Trust Establishment",
  trust_acknowledgement: "Trust Acknowledgement",
  usage_reporting: "Usage Reporting",
  result_polling: "Result Polling",
  authorization_request: "Authorization Request",
  authorization_confirmation: "Authorization Confirmation",
  authorization_return: "Authorization Return",
  trust_sync: "Trust Sync",
  hello: "Hello Message",
  ...classicKinds,
};

const importCaptions: Readonly<Record<ImportKind, string>> = {
  policy: "POLICY",
  auth: "AUTH",
  trust_code: "TRUST CODE",
  rum_ack: "RUM ACK",
  conversion_ack: "CONVERSION ACK",
  account_info: "ACCOUNT INFO",
};

const rule = "=".repeat(52);

export function renderHistory(history: HistoryView, options: ShowOptions): string {
  const sections = Object.entries(history.model === "classic" ? classicKinds : groupedKinds).flatMap(
    ([kind, caption]) => {
      const messages = history.messages.filter((message) => message.kind === kind);
      return [
        `${caption}:`,
        ...(messages.length === 0 ? ["  No past history"] : messages.flatMap((one) => messageLines(one, options))),
      ];
    },
  );
  const imports = (Object.keys(importCaptions) as ImportKind[]).flatMap((kind) => [
    `Import ${importCaptions[kind]}:`,
    ...importLines(
      history.imports.filter((one) => one.kind === kind),
      options,
    ),
    "",
  ]);
  return [
    "Message History (oldest to newest):",
    rule,
    ...sections,
    "",
    "Import Message History (oldest to newest):",
    rule,
    ...imports.slice(0, -1),
  ].join("\n");
}

/** Every message and import in one row of time, each under its kind. */
export function renderHistoryByTime(history: HistoryView, options: ShowOptions): string {
  const entries = [
    ...history.messages.map((one) => ({
      atMs: one.sentAtMs,
      lines: [`${allKinds[one.kind]}:`, ...messageLines(one, options)],
    })),
    ...history.imports.map((one) => ({
      atMs: one.receivedAtMs,
      lines: [`Import ${importCaptions[one.kind]}:`, ...importLines([one], options)],
    })),
  ].sort((one, other) => one.atMs - other.atMs);
  const lines = entries.length === 0 ? ["  No past history"] : entries.flatMap((entry) => entry.lines);
  return ["Message History (in order of time):", rule, ...lines].join("\n");
}

function messageLines(message: HistoryMessageView, options: ShowOptions): readonly string[] {
  return [
    `  REQUEST: ${showDate(message.sentAtMs, options.zone)}`,
    ...bodyLines(message.body),
    ...outcomeLines(message, options),
    `  OUTCOME: ${oneLine(explainMessage(message))}`,
  ];
}

function outcomeLines({ outcome, sentAtMs }: HistoryMessageView, options: ShowOptions): readonly string[] {
  switch (outcome.type) {
    case "answered": {
      const body = outcome.body === "" ? ["    <empty answer>"] : bodyLines(outcome.body);
      return [`  RESPONSE: ${showDate(outcome.atMs, options.zone)}`, ...body];
    }
    case "no_answer":
      return [
        `  NO RESPONSE after ${Math.max(0, Math.round((outcome.atMs - sentAtMs) / 1000))} s: ${oneLine(outcome.reason)}`,
      ];
    case "under_way":
      return ["  WAITING for the response"];
    default:
      return outcome satisfies never;
  }
}

/** The field prints messages on one line. */
function bodyLines(body: string): readonly string[] {
  return [`    ${oneLine(body)}`];
}

/** Each caption names what arrived: account information is not a policy (BET-17). */
function importLines(imports: readonly ImportView[], options: ShowOptions): readonly string[] {
  if (imports.length === 0) return ["  No past Import history"];
  return imports.flatMap((one) => [
    `  Received on ${showDate(one.receivedAtMs, options.zone)}`,
    ...bodyLines(one.content),
  ]);
}
