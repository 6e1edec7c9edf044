// What an event says of reports was read from the store when an answer, a file or a puller was looked at; other steps may have
// been carried out since. Read again between two steps, it agrees with what the machine counts, so no report leaves a count twice.

import { matchReports } from "./exchange/match-reports.ts";
import type { AgentEvent } from "./lifecycle/event.ts";
import type { ReportStore } from "./ports.ts";

export function asHeldNow(event: AgentEvent, reports: Pick<ReportStore, "find" | "entries">): AgentEvent {
  switch (event.type) {
    case "reports-handed-out":
      return { ...event, reportIds: event.reportIds.filter((reportId) => reports.find(reportId)?.status === "closed") };
    case "usage-file-written":
      return {
        ...event,
        reports: event.reports.flatMap(({ reportId }) => {
          const status = reports.find(reportId)?.status;
          return status === undefined || status === "open" ? [] : [{ reportId, status }];
        }),
      };
    case "usage-acknowledged":
    case "acknowledgement-imported":
      return { ...event, ...matchReports(event.acknowledgement.reports, reports) };
    default:
      return event;
  }
}
