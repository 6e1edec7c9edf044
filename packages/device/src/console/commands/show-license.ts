// show license ... and its equivalent spellings (CLI-23).

import type { ClassicView, LicenseView } from "../../license-view.ts";
import { severityNames } from "../../logging-configuration.ts";
import { type EventSeverity, eventSeverities, isAtLeast } from "../../render/event-severity.ts";
import {
  classicAllJson,
  classicStatusJson,
  classicSummaryJson,
  classicTechSupportJson,
  classicUsageJson,
  renderClassicAll,
  renderClassicStatus,
  renderClassicSummary,
  renderClassicTechSupport,
  renderClassicUsage,
} from "../../render/show-classic.ts";
import {
  airEntitiesJson,
  allJson,
  authorizationJson,
  eventLogJson,
  historyJson,
  rumDetailJson,
  rumListJson,
  statusJson,
  summaryJson,
  techSupportJson,
  udiJson,
  usageJson,
} from "../../render/show-json.ts";
import {
  type AirList,
  airListOf,
  airLists,
  renderAirEntities,
  renderAirList,
} from "../../render/show-license-air-entities.ts";
import { renderLicenseAll } from "../../render/show-license-all.ts";
import { renderLicenseAuthorization } from "../../render/show-license-authorization.ts";
import { renderEventLog } from "../../render/show-license-eventlog.ts";
import { renderHistory, renderHistoryByTime } from "../../render/show-license-history.ts";
import { renderRumDetail, renderRumList } from "../../render/show-license-rum.ts";
import { renderLicenseStatus } from "../../render/show-license-status.ts";
import { renderLicenseSummary } from "../../render/show-license-summary.ts";
import { renderTechSupport } from "../../render/show-license-tech-support.ts";
import { renderLicenseUdi } from "../../render/show-license-udi.ts";
import { renderLicenseUsage } from "../../render/show-license-usage.ts";
import type { ShowOptions } from "../../render/show-text.ts";
import { type CommandHandler, type ConsoleNode, shown } from "../command-context.ts";
import { keyword, number, spelling } from "../command-node.ts";
import { showPolicyPointers } from "./classic-exec.ts";

const dayMs = 86_400_000;

/** Two forms of a command, of which the software's model has one (GEN-1). */
function inModel(
  policy: CommandHandler,
  render: (view: LicenseView, classic: ClassicView, options: ShowOptions) => string,
  json: (view: LicenseView, classic: ClassicView) => unknown,
): CommandHandler {
  return async (context, given) => {
    const view = context.reader.view();
    if (view.classic === null) return policy(context, given);
    return shown(render(view, view.classic, context.options), json(view, view.classic));
  };
}

/** A command that prints the present view. */
function viewed(
  render: (view: LicenseView, options: ShowOptions) => string,
  json: (view: LicenseView) => unknown,
): CommandHandler {
  return async ({ reader, options }) => {
    const view = reader.view();
    return shown(render(view, options), json(view));
  };
}

const techSupport = inModel(
  viewed(renderTechSupport, techSupportJson),
  renderClassicTechSupport,
  classicTechSupportJson,
);

const eventLog = eventsOf("informational");

function eventsOf(severity: EventSeverity): CommandHandler {
  return async ({ reader, options }, given) => {
    const days = given.days === undefined ? null : Number(given.days);
    const all = await reader.events(days === null ? null : options.nowMs - days * dayMs);
    const events = all.filter((event) => isAtLeast(event, severity));
    return shown(renderEventLog(events, options), eventLogJson(events));
  };
}

/** The log of the field has no grades; whoever looks for a fault leaves out what is harmless (BET-21). */
const graveEvents = keyword<CommandHandler>("severity", "Leave out what is milder", {
  next: eventSeverities.map((severity) =>
    keyword<CommandHandler>(severity, `Severity ${severityNames.indexOf(severity)} and worse`, {
      action: eventsOf(severity),
    }),
  ),
});

const history: CommandHandler = async ({ reader, options }) => {
  const past = await reader.history();
  return shown(renderHistory(past, options), historyJson(past));
};

const historyByTime: CommandHandler = async ({ reader, options }) => {
  const past = await reader.history();
  return shown(renderHistoryByTime(past, options), historyJson(past));
};

const rumList: CommandHandler = async ({ reader }) => {
  const rows = await reader.reports();
  return shown(renderRumList(rows), rumListJson(rows));
};

const rumDetail: CommandHandler = async ({ reader, options }, given) => {
  const report = await reader.report(Number(given["report-id"]));
  const missing = "The requested item was not found";
  if (report === null)
    return { outcome: "refused", text: missing, json: { code: "report_not_found", message: missing } };
  return shown(renderRumDetail(report, options), rumDetailJson(report));
};

const detail: readonly ConsoleNode[] = [keyword("detail", "Show all of the report", { action: rumDetail })];
const rumBranch: readonly ConsoleNode[] = [
  keyword("id", "By report id", {
    next: [
      keyword("all", "List all reports", { action: rumList }),
      number("report-id", [0, Number.MAX_SAFE_INTEGER], "Report id", { action: rumDetail, next: detail }),
    ],
  }),
];

const airListHelp: Readonly<Record<AirList, string>> = {
  added: "Access points newly added with the last report",
  bulk: "Access points active at the last report",
  deleted: "Access points deleted with the last report",
  "no-change": "Access points that the last two reports have in common",
};

const airBranch: readonly ConsoleNode[] = [
  keyword("entities", "Access points that use licences", {
    next: [
      ...airLists.map((list) =>
        keyword<CommandHandler>(list, airListHelp[list], {
          action: viewed(
            (view) => renderAirList(view, list),
            (view) => ({ accessPoints: airListOf(view, list) }),
          ),
        }),
      ),
      keyword("summary", "Counts and times of the reports", { action: viewed(renderAirEntities, airEntitiesJson) }),
    ],
  }),
];

const historyBranch: readonly ConsoleNode[] = [
  keyword("message", "Messages sent and received", {
    action: history,
    next: [keyword("time-ordered", "All kinds in one order of time", { action: historyByTime })],
  }),
];

const policyShows: readonly ConsoleNode[] = [
  keyword("authorization", "Authorization codes", {
    action: viewed(renderLicenseAuthorization, authorizationJson),
  }),
  keyword("rum", "Usage reports", { next: rumBranch }),
];

/** The tree below `show`; wireless commands only where access points exist. */
export function showLicenseCommands(hasAccessPoints: boolean, isClassic: boolean): readonly ConsoleNode[] {
  const air = keyword("air", "Wireless licensing", { next: airBranch });
  const license = keyword("license", "Licensing", {
    next: [
      keyword("all", "Everything but the inside of the agent", {
        action: inModel(viewed(renderLicenseAll, allJson), renderClassicAll, classicAllJson),
      }),
      ...(isClassic ? showPolicyPointers : policyShows),
      keyword("eventlog", "Event log", {
        action: eventLog,
        next: [number("days", [1, 3650], "Days to look back", { action: eventLog, next: [graveEvents] }), graveEvents],
      }),
      keyword("history", "Past messages", { next: historyBranch }),
      keyword("status", "State of licensing", {
        action: inModel(viewed(renderLicenseStatus, statusJson), renderClassicStatus, classicStatusJson),
      }),
      keyword("summary", "Licences in use", {
        action: inModel(viewed(renderLicenseSummary, summaryJson), renderClassicSummary, classicSummaryJson),
      }),
      keyword("tech", "Everything, for support", {
        next: [keyword("support", "Everything, for support", { action: techSupport })],
      }),
      spelling("tech-support", "Everything, for support", { action: techSupport }),
      keyword("udi", "Identity of the devices", { action: viewed(renderLicenseUdi, udiJson) }),
      keyword("usage", "Licences in use, in detail", {
        action: inModel(viewed(renderLicenseUsage, usageJson), renderClassicUsage, classicUsageJson),
      }),
      ...(hasAccessPoints ? [air] : []),
    ],
  });
  return [license];
}

/** Below `show tech-support`. */
export const techSupportOfLicense: ConsoleNode = keyword("license", "Licensing", { action: techSupport });
