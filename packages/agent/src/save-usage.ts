// Usage as a licence file, for a site without a connection (REP-16): the reports signed as they would be for a push.

import { encodeLicenseFile, type SignedReport, sudiOf } from "@countersign/protocol";
import { AgentError } from "./agent-error.ts";
import { senderOf } from "./exchange/exchange-context.ts";
import { reportSigner } from "./exchange/sign-reports.ts";
import { hostnameOf } from "./exchange/what-is-told.ts";
import type { AgentState } from "./lifecycle/state.ts";
import type { Runtime, RuntimePorts } from "./runtime.ts";

/** Which reports: all that are kept, those that nobody acknowledged, those with usage of the last days, or one. */
export type UsageSelection = "all" | "unreported" | { readonly days: number } | { readonly reportId: number };

/** Reports as they leave the device: payload, header and signature byte for byte. */
export type PulledReport = { readonly reportId: number; readonly report: SignedReport };

export type UsageFile = { readonly content: string; readonly reportIds: readonly number[] };

const dayMs = 86_400_000;

/** Closes the open reports first, so that the file carries usage up to now. Throws `report_not_found` when there is nothing. */
export async function collectUsage(
  selection: UsageSelection,
  runtime: Runtime,
  ports: RuntimePorts,
): Promise<UsageFile> {
  await closeReports(runtime);
  const reports = await handOut(await selectReports(selection, ports), runtime, ports);
  if (reports.length === 0) throw new AgentError("report_not_found");
  return {
    content: encodeLicenseFile({
      reports: reports.map(({ report }) => report),
      managerObjects: [],
      systemInfo: systemInfo(runtime.state, ports),
    }),
    reportIds: reports.map(({ reportId }) => reportId),
  };
}

/** Ends every open report, so that what is taken next carries usage up to now. */
export async function closeReports(runtime: Runtime): Promise<void> {
  await runtime.dispatch({ type: "reports-close-requested", reason: "CurrentUsageRequested" });
}

/** Reports that somebody takes at a time: a year of them is never in memory at once. */
const pulledAtOnce = 40;

/**
 * Closed reports for somebody who asks for them, a few at a time. Each waits for its acknowledgement from the moment it is
 * given (UNACK); one whose taker lost it is given again. Open reports stay open.
 */
export async function* pullReports(
  selection: UsageSelection,
  runtime: Runtime,
  ports: RuntimePorts,
): AsyncGenerator<readonly PulledReport[]> {
  const chosen = await selectReports(selection, ports);
  for (let at = 0; at < chosen.length; at += pulledAtOnce) {
    const reports = await handOut(chosen.slice(at, at + pulledAtOnce), runtime, ports);
    await noteUsageFile(
      reports.map(({ reportId }) => reportId),
      runtime,
      ports,
    );
    yield reports;
  }
}

async function handOut(
  chosen: readonly number[],
  runtime: Runtime,
  ports: RuntimePorts,
): Promise<readonly PulledReport[]> {
  const signer = await reportSigner({ state: runtime.state, keys: ports.keys });
  const { reports, newIds } = await ports.reports.handOut(chosen, signer);
  if (newIds.length > 0) await runtime.dispatch({ type: "reports-handed-out", reportIds: newIds });
  return reports;
}

/** The machine marks them as handed to somebody whose acknowledgement is owed. */
export async function noteUsageFile(
  reportIds: readonly number[],
  runtime: Runtime,
  ports: RuntimePorts,
): Promise<void> {
  const reports = reportIds.flatMap((reportId) => {
    const entry = ports.reports.find(reportId);
    return entry === undefined || entry.status === "open" ? [] : [{ reportId, status: entry.status }];
  });
  await runtime.dispatch({ type: "usage-file-written", reports });
}

async function selectReports(selection: UsageSelection, ports: RuntimePorts): Promise<readonly number[]> {
  const held = [...ports.reports.entries()].filter((entry) => entry.status !== "open");
  if (selection === "all") return held.map((entry) => entry.reportId);
  if (selection === "unreported") {
    return held.filter((entry) => entry.status !== "refused").map((entry) => entry.reportId);
  }
  if ("reportId" in selection) return [selection.reportId];
  const sinceSeconds = (ports.clock.now() - selection.days * dayMs) / 1000;
  const chosen: number[] = [];
  for (const { reportId } of held) {
    if ((await endSeconds(reportId, ports)) >= sinceSeconds) chosen.push(reportId);
  }
  return chosen;
}

async function endSeconds(reportId: number, ports: RuntimePorts): Promise<number> {
  const body = await ports.reports.read(reportId);
  if (body === null || body.kind === "measurements") return 0;
  const measurements = body.kind === "draft" ? body.report.measurements : measurementsOf(body.report);
  return measurements.at(-1)?.end_time ?? 0;
}

/** Of a report that this agent wrote itself. */
function measurementsOf(report: SignedReport): readonly { readonly end_time: number }[] {
  return (JSON.parse(report.payload) as { measurements: { end_time: number }[] }).measurements;
}

function systemInfo(state: AgentState, ports: RuntimePorts): string {
  const { installation } = state;
  const sudi = sudiOf(senderOf(state).udi);
  const nonce = BigInt(`0x${Buffer.from(ports.randomness.bytes(8)).toString("hex")}`).toString(10);
  return JSON.stringify({
    sudi,
    timestamp: ports.clock.now(),
    nonce,
    hostname: hostnameOf(state),
    software_tag_identifier: installation.productTag,
    device_list: installation.members.map((member) => ({
      sudi: sudiOf(member.udi),
      hostname: hostnameOf(state),
      software_tag_identifier: installation.productTag,
    })),
  });
}
