// For those who look inside: test license smart after `service internal`, and the trace by its other name (DIA-30).

import type { ReportState } from "../../license-view.ts";
import { rumDetailJson } from "../../render/show-json.ts";
import { renderRumDetail } from "../../render/show-license-rum.ts";
import { answerOf, type CommandHandler, type ConsoleNode, shown } from "../command-context.ts";
import { hidden, keyword, number } from "../command-node.ts";
import { trace } from "./debug.ts";

const exec = ["exec"] as const;

function refusing(code: string, message: string, remedy: string): CommandHandler {
  return async () => answerOf({ outcome: "refused", code, message, remedy }, "");
}

/** As on the field's devices, nothing of it is there before `service internal`. */
function internal(action: CommandHandler): CommandHandler {
  const locked = refusing("service_internal_off", "This command is internal.", "Enter `service internal` first.");
  return (context, given) => (context.reader.runningConfiguration().serviceInternal ? action : locked)(context, given);
}

const report: CommandHandler = async ({ reader, options }, given) => {
  const found = await reader.report(Number(given["report-id"]));
  if (found !== null) return shown(renderRumDetail(found, options), rumDetailJson(found));
  return {
    outcome: "refused",
    text: "The requested item was not found",
    json: { code: "report_not_found", message: "The requested item was not found" },
  };
};

const stateWords: Readonly<Record<ReportState, string>> = {
  OPEN: "Open",
  CLOSED: "Closed",
  PENDING: "Pending",
  UNACK: "Unack",
  REFUSED: "Refused",
  ACK: "Ack",
  DELETED: "Deleted",
};

const reportIds: CommandHandler = async ({ reader }) => {
  const reports = (await reader.reports()).map(({ reportId, state }) => ({ reportId, state }));
  const lines = reports.map(
    ({ reportId, state }) => `report_id:${reportId} state:SmartAgentRumState${stateWords[state]}`,
  );
  return shown(lines.join("\n"), { reports });
};

const noTelemetry = refusing("no_telemetry", "This software collects no telemetry: there is nothing to show.", "");
const noDevelopmentRoots = refusing(
  "no_development_certificates",
  "Licensing believes the roots that this device was given, and has no others to change to.",
  "Start the device with the root of the manager that it is to believe.",
);

const smart: readonly ConsoleNode[] = [
  keyword("dev-cert", "Not on this device", {
    next: ["disable", "enable"].map((word) =>
      keyword(word, "Not on this device", { action: internal(noDevelopmentRoots) }),
    ),
  }),
  keyword("rum", "Usage reports", {
    next: [
      keyword("show", "One of them", {
        next: [number("report-id", [0, Number.MAX_SAFE_INTEGER], "Report id", { action: internal(report) })],
      }),
    ],
  }),
  keyword("rum-report", "Usage reports", {
    next: [keyword("id", "Ids and states of all", { action: internal(reportIds) })],
  }),
  keyword("telemetry", "Not on this device", {
    next: [keyword("show", "Not on this device", { action: internal(noTelemetry) })],
  }),
];

/** At the root of the tree; what the platform can have happen to it stands beside what is internal. */
export function testCommands(ofPlatform: readonly ConsoleNode[]): ConsoleNode {
  const license = hidden<CommandHandler>("license", "Licensing", {
    next: [keyword("smart", "Smart licensing", { next: smart })],
  });
  const branch = { modes: exec, next: [...ofPlatform, license] };
  const help = "Simulation: what takes hands on a real device";
  return ofPlatform.length > 0 ? keyword("test", help, branch) : hidden("test", "Internal", branch);
}

const alwaysTraced: CommandHandler = async () =>
  shown("% Licensing is always traced at level debug; there was nothing to set.", { outcome: "done", level: "debug" });
const oneLevel = refusing(
  "trace_level_fixed",
  "Licensing is always traced at level debug.",
  "Filter the lines: `show platform software trace message ios active R0 | include <expression>`.",
);
const otherLevels = ["emergency", "error", "info", "noise", "notice", "verbose", "warning"] as const;

/** `ios [switch] active R0`, as the documents have it. */
function ofActive(
  branch: Pick<ConsoleNode, "action"> & { readonly next?: readonly ConsoleNode[] },
): readonly ConsoleNode[] {
  const active = keyword<CommandHandler>("active", "The active device", {
    next: [keyword("r0", "Its route processor", branch)],
  });
  return [
    keyword("ios", "Processes of the software", {
      next: [active, keyword("switch", "Of a stack", { next: [active] })],
    }),
  ];
}

const levels: readonly ConsoleNode[] = [
  keyword("debug", "As it is", { action: alwaysTraced }),
  ...otherLevels.map((level) => keyword<CommandHandler>(level, "Not on this device", { action: oneLevel })),
];

/** The component of licensing; the documents print it in two ways. */
const components: readonly ConsoleNode[] = ["infra-sl", "infra-s1"].map((name) =>
  keyword(name, "Licensing", { next: levels }),
);

function platformSoftwareTrace(next: readonly ConsoleNode[]): ConsoleNode {
  return keyword("platform", "The platform", {
    next: [keyword("software", "Its software", { next: [keyword("trace", "Traces", { next })] })],
  });
}

/** At the root of the tree. */
export const traceLevelCommands: readonly ConsoleNode[] = [
  keyword("set", "Set what is no configuration", {
    modes: exec,
    next: [platformSoftwareTrace(ofActive({ next: components }))],
  }),
];

/** Below `show`. */
export const showTraceCommands: readonly ConsoleNode[] = [
  {
    ...platformSoftwareTrace([keyword("message", "What licensing did lately", { next: ofActive({ action: trace }) })]),
    modes: exec,
  },
];
