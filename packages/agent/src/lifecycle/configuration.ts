// Settings, host name, software version and clock: what a person or the platform changes under a running agent. Each takes
// effect at once, and no step ever refuses because the clock is not where it was.

import { formatUdi } from "@countersign/protocol";
import { moveAttempt } from "./cryptography.ts";
import type { AgentEffect } from "./effect.ts";
import { activeMember } from "./installation.ts";
import { closeOpenReports, rebaseMeasurements } from "./open-report.ts";
import { planPush } from "./push-plan.ts";
import { dropPoll } from "./reporting.ts";
import type { AgentConfiguration, AgentState } from "./state.ts";
import { syslog } from "./syslog.ts";
import { inOrder, recordEvent, type Transition, unchanged } from "./transition.ts";

export function configure(state: AgentState, change: Partial<AgentConfiguration>, now: number): Transition {
  const before = state.configuration;
  const configuration = { ...before, ...change };
  const isNewWay = (["transport", "urls", "proxy", "vrf"] as const).some(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(configuration[name]),
  );
  const isNewPeer =
    before.transport !== configuration.transport || JSON.stringify(before.urls) !== JSON.stringify(configuration.urls);
  const hasNewPrivacy = JSON.stringify(before.privacy) !== JSON.stringify(configuration.privacy);
  return inOrder({ ...state, configuration }, now, [
    (s) => ({
      state: s,
      effects: hasNewPrivacy ? [notePrivacy(s)] : [],
    }),
    // Another peer does not know what the first one was asked.
    (s) => (isNewPeer ? dropPoll(s, now) : unchanged(s)),
    (s) => unchanged(isNewWay ? tryAtOnce(s, now) : s),
  ]);
}

/** In the field's words `enabled` while the host name is sent, as it is unless somebody withholds it (LOG-25, MSG-15). */
export function notePrivacy({ configuration }: AgentState): AgentEffect {
  return recordEvent("PRIVACY_CHANGED", { enabled: configuration.privacy.hostname ? "False" : "True" });
}

/** Whatever waits for a retry need not wait any longer: the way is another one. */
function tryAtOnce(state: AgentState, now: number): AgentState {
  const { trust, reporting } = state;
  const attempt = trust.attempt === null ? null : { ...trust.attempt, nextAttemptAtMs: now };
  const isSyncFailing = trust.syncFailuresInARow > 0 && trust.nextSyncAtMs !== null;
  const next: AgentState = {
    ...state,
    trust: { ...trust, attempt, nextSyncAtMs: isSyncFailing ? now : trust.nextSyncAtMs, syncFailuresInARow: 0 },
    reporting: { ...reporting, failuresInARow: 0 },
  };
  return reporting.nextPushRule === "retry" ? planPush(next, "retry", now) : next;
}

/** A name is only a label: identity never depends on it. */
export function changeHostname(state: AgentState, hostname: string): Transition {
  if (hostname === state.installation.hostname) return unchanged(state);
  return {
    state: { ...state, installation: { ...state.installation, hostname } },
    effects: [recordEvent("HOSTNAME_CHANGE")],
  };
}

/** A report names one software version, so an upgrade closes what is open. */
export function upgradeSoftware(state: AgentState, softwareVersion: string, now: number): Transition {
  if (softwareVersion === state.installation.softwareVersion) return unchanged(state);
  const closed = closeOpenReports(state, "SoftwareChange", now);
  return {
    state: { ...closed.state, installation: { ...closed.state.installation, softwareVersion } },
    effects: [
      ...closed.effects,
      recordEvent("SOFTWARE_CHANGE", { udi: formatUdi(activeMember(state).udi), version: softwareVersion }),
    ],
  };
}

/**
 * The wall clock jumped by `deltaSeconds`, in either direction. Everything that this device timed moves with it, so that
 * waits keep their length and running usage keeps its duration; what the manager dated (certificates) stays.
 */
export function changeClock(state: AgentState, deltaSeconds: number): Transition {
  if (deltaSeconds === 0) return unchanged(state);
  const by = deltaSeconds * 1000;
  const move = (atMs: number): number => Math.max(0, atMs + by);
  const moveIfSet = (atMs: number | null): number | null => (atMs === null ? null : move(atMs));
  const { installation, metering, reporting, trust, authorization, communication, policy } = state;
  const moved: AgentState = {
    ...state,
    installation: { ...moveAttempt(installation, by), initializedAtMs: moveIfSet(installation.initializedAtMs) },
    policy: { ...policy, installedAtMs: moveIfSet(policy.installedAtMs) },
    metering: {
      ...rebaseMeasurements(metering, deltaSeconds),
      nextTickAtMs: move(metering.nextTickAtMs),
      measuredUntilMs: move(metering.measuredUntilMs),
      firstUseAtMs: moveIfSet(metering.firstUseAtMs),
      changedAtMs: moveIfSet(metering.changedAtMs),
    },
    reporting: {
      ...reporting,
      lastPushAtMs: moveIfSet(reporting.lastPushAtMs),
      nextPushAtMs: moveIfSet(reporting.nextPushAtMs),
      lastAckAtMs: moveIfSet(reporting.lastAckAtMs),
      lastFileWriteAtMs: moveIfSet(reporting.lastFileWriteAtMs),
      reportingRequiredLoggedAtMs: moveIfSet(reporting.reportingRequiredLoggedAtMs),
      nextProcessAtMs: move(reporting.nextProcessAtMs),
      poll:
        reporting.poll === null
          ? null
          : {
              ...reporting.poll,
              startedAtMs: move(reporting.poll.startedAtMs),
              nextAtMs: move(reporting.poll.nextAtMs),
            },
    },
    trust: {
      ...trust,
      nextSyncAtMs: moveIfSet(trust.nextSyncAtMs),
      lostSinceMs: moveIfSet(trust.lostSinceMs),
      attempt:
        trust.attempt === null
          ? null
          : {
              ...trust.attempt,
              startedAtMs: move(trust.attempt.startedAtMs),
              nextAttemptAtMs: move(trust.attempt.nextAttemptAtMs),
            },
    },
    authorization: {
      ...authorization,
      nextTellAtMs: moveIfSet(authorization.nextTellAtMs),
      attempt:
        authorization.attempt === null
          ? null
          : {
              ...authorization.attempt,
              startedAtMs: move(authorization.attempt.startedAtMs),
              nextAttemptAtMs: move(authorization.attempt.nextAttemptAtMs),
            },
    },
    communication: {
      ...communication,
      failingSinceMs: moveIfSet(communication.failingSinceMs),
      inFlight:
        communication.inFlight === null
          ? null
          : { ...communication.inFlight, startedAtMs: move(communication.inFlight.startedAtMs) },
    },
  };
  return {
    state: moved,
    effects: [syslog.clockChanged(), recordEvent("CLOCK_CHANGE", { seconds: String(deltaSeconds) })],
  };
}
