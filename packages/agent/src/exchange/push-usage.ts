// LICENSE_USAGE: the oldest reports that nobody acknowledged, signed and stored before they are sent.

import { reportsPerDeviceMessageMax, sudiOf } from "@countersign/protocol";
import type { AgentEffect } from "../lifecycle/effect.ts";
import type { ExchangeEvent } from "../lifecycle/event.ts";
import type { ReportEntry } from "../ports.ts";
import { type ExchangeContext, installedTrust } from "./exchange-context.ts";
import { knownHeadEntry, refusedHeadEntry } from "./ledger-talk.ts";
import { readUsageAnswer } from "./read-usage-answer.ts";
import { sendRequest } from "./send-request.ts";
import { reportSigner } from "./sign-reports.ts";
import { hostnameOf, versionEntry } from "./what-is-told.ts";

/** Bodies in one message. Texts inside texts are escaped three times, which at worst makes four times as much of them. */
const bodyBytesMax = 700_000;

export async function pushUsage(
  effect: Extract<AgentEffect, { type: "push-usage" }>,
  context: ExchangeContext,
): Promise<ExchangeEvent> {
  const { exchangeId } = effect;
  const chosen = chooseReports(context.reports.oldestWaiting(reportsPerDeviceMessageMax));
  if (chosen.length === 0) return { type: "nothing-to-report", exchangeId };
  const { reports, newIds } = await context.reports.handOut(chosen, await reportSigner(context));
  if (newIds.length > 0) await context.tell({ type: "reports-handed-out", reportIds: newIds });
  const { state } = context;
  const reply = await sendRequest(
    {
      requestType: "LICENSE_USAGE",
      kind: "usage_reporting",
      isSigned: true,
      data: {
        ...knownHeadEntry(state),
        ...refusedHeadEntry(state),
        hostname: hostnameOf(state),
        software_tag_identifier: state.installation.productTag,
        ...versionEntry(state),
        device_list: state.installation.members.map(({ udi, role }) => ({
          sudi: sudiOf(udi),
          product_instance_identifier: installedTrust(state, udi)?.productInstanceIdentifier ?? "",
          role,
        })),
        rum_reports: reports.map(({ report }) => report),
      },
    },
    context,
  );
  return readUsageAnswer(exchangeId, reply, context);
}

/** As many as fit into a message, at least one. */
function chooseReports(entries: readonly ReportEntry[]): readonly number[] {
  const chosen: number[] = [];
  let bytes = 0;
  for (const entry of entries) {
    bytes += entry.bytes;
    if (chosen.length > 0 && bytes > bodyBytesMax) break;
    chosen.push(entry.reportId);
  }
  return chosen;
}
