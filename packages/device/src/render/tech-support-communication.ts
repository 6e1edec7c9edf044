// Communication Statistics and Upcoming Scheduled Jobs of show license tech support.

import {
  classicMessageKinds,
  type KindStatistics,
  type LicenseView,
  type MessageKind,
  messageKinds,
} from "../license-view.ts";
import { dateOrNone, oneLine, type ShowOptions, showDate, showDuration, underlined } from "./show-text.ts";

const kindCaptions: Readonly<Record<MessageKind, string>> = {
  trust_establishment: "Trust Establishment",
  trust_acknowledgement: "Trust Acknowledgement",
  usage_reporting: "Usage Reporting",
  result_polling: "Result Polling",
  authorization_request: "Authorization Request",
  authorization_confirmation: "Authorization Confirmation",
  authorization_return: "Authorization Return",
  trust_sync: "Trust Sync",
  hello: "Hello Message",
  registration: "Registration",
  id_renewal: "ID Certificate Renewal",
  authorization: "Authorization",
  deregistration: "Deregistration",
  conversion: "Conversion",
};

export function communicationBlock(view: LicenseView, options: ShowOptions): readonly string[] {
  const shown: readonly string[] = view.classic === null ? messageKinds : classicMessageKinds;
  const kinds = (Object.keys(kindCaptions) as MessageKind[]).flatMap((kind) => {
    const statistics = view.communication.statistics[kind];
    return statistics === undefined || !shown.includes(kind)
      ? []
      : [`${kindCaptions[kind]}:`, ...kindLines(statistics, options)];
  });
  const isDirect = view.classic?.registration.isRegistered ?? view.slots.some((slot) => slot.trust === "installed");
  const level = isDirect ? "DIRECT" : "INDIRECT";
  return [
    ...underlined("Communication Statistics:").slice(0, 1),
    "=".repeat(23),
    `Communication Level Allowed: ${level}`,
    `Overall State: ${overallState(view, level)}`,
    ...kinds,
  ];
}

function overallState(view: LicenseView, level: string): string {
  if (view.transport.type === "off") return "Device configured for Offline transport";
  if (level === "INDIRECT" && ["smart", "callhome"].includes(view.transport.type))
    return "Insufficient trust for direct communication";
  return "<empty>";
}

/** The same five captions for every kind (SHO-15). */
function kindLines(kind: KindStatistics, options: ShowOptions): readonly string[] {
  const ongoing = `Overall=${kind.ongoingFailures} Communication=${kind.ongoingCommunicationFailures}`;
  const response =
    kind.lastResponse === null
      ? "<none>"
      : `${kind.lastResponse.text} on ${showDate(kind.lastResponse.atMs, options.zone)}`;
  return [
    `  Attempts: Total=${kind.total}, Success=${kind.succeeded}, Fail=${kind.failed}  Ongoing Failure: ${ongoing}`,
    `  Last Response: ${response}`,
    `    Failure Reason: ${failureReason(kind)}`,
    `  Last Success Time: ${dateOrNone(kind.lastSuccessAtMs, options.zone)}`,
    `  Last Failure Time: ${dateOrNone(kind.lastFailure?.atMs ?? null, options.zone)}`,
  ];
}

/** While a failure lasts its reason is never empty (BET-18): the text, else the code. */
export function failureReason(kind: KindStatistics): string {
  if (kind.ongoingFailures === 0 || kind.lastFailure === null) return "<none>";
  const { message, stage, code } = kind.lastFailure;
  return `${oneLine(message) === "" ? code : oneLine(message)} (stage ${stage}, code ${code})`;
}

export function jobsBlock(view: LicenseView, options: ShowOptions): readonly string[] {
  const jobs = view.jobs.map((job) => `${job.name}: ${jobTime(job.next, options)}`);
  return [...underlined("Upcoming Scheduled Jobs"), `Current time: ${showDate(options.nowMs, options.zone)}`, ...jobs];
}

function jobTime(next: number | "never" | "unavailable", options: ShowOptions): string {
  if (next === "never") return "Expired Not Rescheduled";
  if (next === "unavailable") return "Not Available";
  const date = showDate(next, options.zone);
  if (next <= options.nowMs) return `${date}  (Expired)`;
  // Printed dates have whole seconds, so what remains is counted between whole seconds too.
  const remainingMs = (Math.floor(next / 1000) - Math.floor(options.nowMs / 1000)) * 1000;
  return `${date} (${showDuration(remainingMs)} remaining)`;
}
