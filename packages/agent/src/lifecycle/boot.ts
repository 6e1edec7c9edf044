// The start of an agent, told in the order in which the field's devices log it.

import { formatUdi } from "@countersign/protocol";
import { retryDelayMs } from "./back-off.ts";
import { isClassic } from "./classic/classic-state.ts";
import { notePrivacy } from "./configuration.ts";
import { describeAttempt, isCryptographyReady, takeAttempt, withFirstAttempt } from "./cryptography.ts";
import type { AgentEffect } from "./effect.ts";
import type { AgentEvent } from "./event.ts";
import { tickSeconds } from "./metering.ts";
import { resumeMeasuring } from "./open-report.ts";
import { planPush } from "./push-plan.ts";
import type { AgentState } from "./state.ts";
import { syslog } from "./syslog.ts";
import { inOrder, recordEvent, type Transition, unchanged } from "./transition.ts";

/** As the agent names itself: release and build. */
export const agentVersion = "0.1.0_rel/1";

type Booted = Extract<AgentEvent, { type: "booted" }>;

export function boot(state: AgentState, event: Booted, now: number): Transition {
  return inOrder(state, now, [
    (s) => unchanged(withFirstAttempt(initialize(s, event, now), event.cryptographyRefusal, now)),
    (s) => ({ state: s, effects: describeStart(s, event) }),
    (s) => (event.reason === "first" ? unchanged(s) : resumeMeasuring(s, event.reason === "reload", now)),
    (s) => ({ state: s, effects: isCryptographyReady(s) ? completeStart(s) : [] }),
  ]);
}

export function tryCryptography(state: AgentState, refusal: string | null, now: number): Transition {
  return takeAttempt(state, refusal, completeStart, now);
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

/**
 * In the order of LOG-26, up to what waits for cryptography. What the field calls a checkpoint is the stored state, which is read
 * before this; the platform's own lines are the product's to record.
 */
function describeStart(state: AgentState, { reason }: Booted): readonly AgentEffect[] {
  const devices = state.installation.members.map(({ udi, role }) => ({ udi: formatUdi(udi), haRole: role }));
  const highAvailability = (eventType: string) => recordEvent("HA_EVENT", { eventType });
  return [
    recordEvent("INIT_START", { version: agentVersion, ...(isClassic(state) ? { model: "classic" } : {}) }),
    describeAttempt(state),
    recordEvent("READY"),
    syslog.agentReady(),
    recordEvent("ENABLED"),
    syslog.agentEnabled(),
    recordEvent("EXPORT_FLAG", { exportAllowed: booleanText(state.trust.exportControlAllowed) }),
    ...usagesOf(state).map(({ count, tag }) =>
      recordEvent("TAG_AUTHORIZED", { count: String(count), entitlementTag: tag }),
    ),
    highAvailability("SmartAgentEvtHArmfInitialize"),
    // Which devices there are is known before who speaks for them.
    ...devices.map(({ udi }) => recordEvent("HA_CHASSIS_ROLE", { udi })),
    highAvailability("SmartAgentEvtHArmfRegister"),
    ...devices.map((device) => recordEvent("HA_CHASSIS_ROLE", device)),
    highAvailability("SmartAgentEvtHAchkptRegister"),
    ...devices.map((device) => recordEvent("HA_ROLE", device)),
    recordEvent("INIT_CONFIG_READ_BEGIN"),
    ...(reason === "first" ? [recordEvent("HOSTNAME_CHANGE")] : []),
    highAvailability("SmartAgentSetNVPairs"),
    recordEvent("INIT_CONFIG_READ_DONE"),
    recordEvent("HA_CONFIG"),
    ...devices.map((device) => recordEvent("HA_UDI", device)),
    recordEvent("INIT_SYSTEM_INIT"),
  ];
}

/** The end of LOG-26, as soon as the keys can be used. */
function completeStart(state: AgentState): readonly AgentEffect[] {
  return [
    recordEvent("INIT_COMPLETE"),
    notePrivacy(state),
    ...(isInUse(state) && !isClassic(state) ? [recordEvent("UTILITY_REPORT_START")] : []),
  ];
}

/** As the event log spells it (LOG-19). */
function booleanText(value: boolean): "True" | "False" {
  return value ? "True" : "False";
}

function usagesOf(state: AgentState) {
  return Object.values(state.metering.usages).filter((usage) => usage.count > 0);
}

function isInUse(state: AgentState): boolean {
  return usagesOf(state).length > 0;
}
