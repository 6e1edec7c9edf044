// The start of an agent, in the order in which the field's devices log it: initialisation, privacy, roles, tags, measuring.

import { formatUdi } from "@countersign/protocol";
import { retryDelayMs } from "./back-off.ts";
import type { AgentEffect } from "./effect.ts";
import type { AgentEvent } from "./event.ts";
import { tickSeconds } from "./metering.ts";
import { resumeMeasuring } from "./open-report.ts";
import { planPush } from "./push-plan.ts";
import type { AgentState } from "./state.ts";
import { syslog } from "./syslog.ts";
import { inOrder, recordEvent, type Transition } from "./transition.ts";

/** As the agent names itself: release and build. */
export const agentVersion = "0.1.0_rel/1";

type Booted = Extract<AgentEvent, { type: "booted" }>;

export function boot(state: AgentState, event: Booted, now: number): Transition {
  return inOrder(state, now, [
    (s) => ({ state: initialize(s, event, now), effects: describeInitialization(s) }),
    (s) => (event.reason === "first" ? { state: s, effects: [] } : resumeMeasuring(s, event.reason === "reload", now)),
    (s) => ({ state: s, effects: describeInstallation(s) }),
  ]);
}

function initialize(state: AgentState, event: Booted, now: number): AgentState {
  const { installation, metering, communication } = state;
  const interrupted = communication.inFlight?.requestType;
  const started: AgentState = {
    ...state,
    installation: {
      ...installation,
      initializedAtMs: now,
      reloadRequired: event.reason === "reload" ? false : installation.reloadRequired,
    },
    metering: {
      ...metering,
      nextTickAtMs: now + tickSeconds * 1000,
      nextReportId: Math.max(metering.nextReportId, (event.greatestReportId ?? 0) + 1),
    },
    communication: { ...communication, inFlight: null },
  };
  // Nobody knows what became of a push that the end cut off: send again, the manager recognises what it has.
  return interrupted === "LICENSE_USAGE" ? planPush(started, "retry", now + retryDelayMs(1)) : started;
}

function describeInitialization(state: AgentState): readonly AgentEffect[] {
  const { exportControlAllowed } = state.trust;
  return [
    recordEvent("INIT_START", { version: agentVersion }),
    recordEvent("INIT_CRYPTO", { success: "True" }),
    recordEvent("INIT_CONFIG_READ_BEGIN"),
    recordEvent("INIT_CONFIG_READ_DONE"),
    recordEvent("INIT_SYSTEM_INIT"),
    recordEvent("INIT_COMPLETE"),
    recordEvent("READY"),
    syslog.agentReady(),
    recordEvent("ENABLED"),
    syslog.agentEnabled(),
    recordEvent("EXPORT_FLAG", { exportAllowed: exportControlAllowed ? "True" : "False" }),
  ];
}

function describeInstallation(state: AgentState): readonly AgentEffect[] {
  const { members } = state.installation;
  const { privacy } = state.configuration;
  const inUse = Object.values(state.metering.usages).filter((usage) => usage.count > 0);
  const roles = members.flatMap((member) => {
    const details = { udi: formatUdi(member.udi), haRole: member.role };
    return [recordEvent("HA_CHASSIS_ROLE", details), recordEvent("HA_ROLE", details), recordEvent("HA_UDI", details)];
  });
  return [
    recordEvent("PRIVACY_CHANGED", { enabled: privacy.hostname || privacy.version ? "True" : "False" }),
    ...roles,
    recordEvent("HA_CONFIG"),
    ...inUse.map((usage) => recordEvent("TAG_AUTHORIZED", { count: String(usage.count), entitlementTag: usage.tag })),
    ...(inUse.length > 0 ? [recordEvent("UTILITY_REPORT_START")] : []),
  ];
}
