// One event on a device in the classic model. What both models share is done by what the policy model has for it; what only that
// model has is refused, with the classic way to the same end (GEN-6).

import { formatUdi } from "@countersign/protocol";
import { leaving, noteFileWritten } from "../acknowledgement.ts";
import { boot, tryCryptography } from "../boot.ts";
import { changeClock, changeHostname, configure } from "../configuration.ts";
import type { AgentEvent } from "../event.ts";
import { resetToFactory } from "../factory-reset.ts";
import { changeMembers } from "../members.ts";
import { setUsage } from "../metering.ts";
import { moveCounts } from "../open-report.ts";
import { closeForRequest } from "../reporting.ts";
import type { AgentState } from "../state.ts";
import { inOrder, notify, recordEvent, type Transition, unchanged } from "../transition.ts";
import { planAuthorization } from "./authorization.ts";
import { takeClassicResult } from "./classic-results.ts";
import {
  classicOf,
  conversionOf,
  withAuthorization,
  withConversion,
  withEvaluation,
  withRegistration,
} from "./classic-state.ts";
import { requestConversion, stopConversion } from "./conversion.ts";
import { removeRegistration } from "./identity.ts";
import { changeSoftware } from "./licensing-model.ts";
import { dropAttempt, requestDeregistration, requestRegistration, requestRenewal } from "./registration.ts";

export function takeClassicEvent(state: AgentState, event: AgentEvent, now: number): Transition {
  switch (event.type) {
    case "booted":
      // While the device was off nothing was used.
      return boot(withEvaluation(state, { countedUntilMs: null }), event, now);
    case "cryptography-tried":
      return tryCryptography(state, event.refusal, now);
    case "configured":
      return tryAtOnce(configure(state, event.change, now), state, now);
    case "hostname-changed":
      return changeHostname(state, event.hostname);
    case "software-upgraded":
      return changeSoftware(state, event, now);
    case "usage-set": {
      const before = state.metering.usages[event.tag]?.count ?? 0;
      return inOrder(state, now, [
        (s) => setUsage(s, event, now),
        (s) => unchanged(before === event.count ? s : planAuthorization(s, now)),
      ]);
    }
    case "members-changed":
      return changeClassicMembers(state, event.members, now);
    case "clock-changed":
      return moveClassicTimes(changeClock(state, event.deltaSeconds), event.deltaSeconds);
    case "factory-reset-requested":
      return inOrder(state, now, [
        (s) =>
          event.what === "policy"
            ? unchanged(s)
            : inOrder(s, now, [dropAttempt, (without) => removeRegistration(without, null, now)]),
        (s) => resetToFactory(s, event.what, now),
      ]);
    case "registration-requested":
      return requestRegistration(state, event, now);
    case "deregistration-requested":
      return requestDeregistration(state, now);
    case "renewal-requested":
      return requestRenewal(state, event.what, now);
    case "conversion-requested":
      return requestConversion(state, event.converting, now);
    case "conversion-stopped":
      return stopConversion(state);
    case "trust-requested":
    case "trust-file-requested":
      return refuse(state, "trust", "license smart register idtoken <token>");
    case "sync-requested":
      return refuse(state, "sync", "license smart renew auth");
    case "authorization-requested":
    case "authorization-return-requested":
      return refuse(state, "authorization", "license smart register idtoken <token>");
    // Reports of an earlier software with the policy model wait for the next one.
    case "reports-close-requested":
      return closeForRequest(state, event.reason, now);
    case "usage-file-written":
      return noteFileWritten(state, event.reports, now);
    case "reports-handed-out":
      return unchanged(moveCounts(state, { closed: -event.reportIds.length, pending: event.reportIds.length }));
    case "reports-merged":
      return unchanged(moveCounts(state, { ...leaving(event.removed), mergedTotal: event.removed.length }));
    case "reports-lost":
      return unchanged(moveCounts(state, leaving(event.reports)));
    case "acknowledgement-imported":
    case "policy-imported":
    case "trust-imported":
    case "authorization-imported":
      return { state, effects: [recordEvent("IMPORT_IGNORED", { what: event.type, model: "classic" })] };
    case "stopping":
    case "timer":
      return unchanged(state);
    default:
      return takeClassicResult(state, event, now);
  }
}

/** A person asked for what the policy model has; the words for the same end here stand beside it. */
function refuse(state: AgentState, request: "trust" | "sync" | "authorization", instead: string): Transition {
  const message = `This software has classic Smart Licensing; use ${instead}`;
  return { state, effects: [notify({ type: "request-refused", request, code: "other_licensing_model", message })] };
}

/** Whatever waits for a retry need not wait any longer: the way is another one. */
function tryAtOnce({ state, effects }: Transition, before: AgentState, now: number): Transition {
  const isNewWay = (["transport", "urls", "proxy", "vrf"] as const).some(
    (name) => JSON.stringify(before.configuration[name]) !== JSON.stringify(state.configuration[name]),
  );
  if (!isNewWay) return { state, effects };
  const { registration, authorization } = classicOf(state);
  const { attempt, renewalFailuresInARow, nextRenewalAtMs } = registration;
  const tried = withRegistration(state, {
    attempt: attempt && { ...attempt, nextAttemptAtMs: now },
    nextRenewalAtMs: renewalFailuresInARow > 0 ? now : nextRenewalAtMs,
  });
  const isFailing = authorization.failuresInARow > 0;
  const asked = isFailing ? withAuthorization(tried, { nextAtMs: now }) : tried;
  const { attempt: converting } = conversionOf(state);
  const isRetried = converting !== null && converting.failuresInARow > 0;
  const next = isRetried ? withConversion(asked, { attempt: { ...converting, nextAttemptAtMs: now } }) : asked;
  return { state: next, effects };
}

/** Devices that left take their keys with them; who is there now is told with the next authorization. */
function changeClassicMembers(state: AgentState, slots: Parameters<typeof changeMembers>[1], now: number): Transition {
  const changed = changeMembers(state, slots, now);
  if (changed.state === state) return changed;
  const isThere = new Set(changed.state.installation.members.map(({ udi }) => formatUdi(udi)));
  const { registration } = classicOf(changed.state);
  const there = <T>(all: Readonly<Record<string, T>>): Readonly<Record<string, T>> =>
    Object.fromEntries(Object.entries(all).filter(([udi]) => isThere.has(udi)));
  const gone = <T>(all: Readonly<Record<string, T>>): readonly T[] =>
    Object.entries(all).flatMap(([udi, one]) => (isThere.has(udi) ? [] : [one]));
  const keyIds = [...gone(registration.renewalKeys), ...gone(registration.previous).map(({ keyId }) => keyId)];
  const kept = withRegistration(changed.state, {
    renewalKeys: there(registration.renewalKeys),
    previous: there(registration.previous),
  });
  return {
    state: planAuthorization(forgetConversions(kept, there), now),
    effects: [...changed.effects, ...(keyIds.length === 0 ? [] : [{ type: "delete-keys" as const, keyIds }])],
  };
}

/** A device that comes back asks again, and is told the same. */
function forgetConversions(
  state: AgentState,
  there: <T>(all: Readonly<Record<string, T>>) => Readonly<Record<string, T>>,
): AgentState {
  if (classicOf(state).conversion === undefined) return state;
  const { attempt, done } = conversionOf(state);
  const licenses = there(attempt?.licenses ?? {});
  const isLeft = Object.keys(licenses).length > 0;
  return withConversion(state, { attempt: attempt && isLeft ? { ...attempt, licenses } : null, done: there(done) });
}

/** Waits keep their length; what the manager dated (certificates, the end of an authorization) stays. */
function moveClassicTimes({ state, effects }: Transition, deltaSeconds: number): Transition {
  const by = deltaSeconds * 1000;
  const moved = (atMs: number | null): number | null => (atMs === null ? null : Math.max(0, atMs + by));
  const { registration, authorization, evaluation } = classicOf(state);
  const { attempt } = registration;
  const timed = withEvaluation(
    withAuthorization(
      withRegistration(state, {
        attempt: attempt && {
          ...attempt,
          startedAtMs: Math.max(0, attempt.startedAtMs + by),
          nextAttemptAtMs: Math.max(0, attempt.nextAttemptAtMs + by),
        },
        nextRenewalAtMs: moved(registration.nextRenewalAtMs),
      }),
      { nextAtMs: moved(authorization.nextAtMs) },
    ),
    { countedUntilMs: moved(evaluation.countedUntilMs) },
  );
  const { attempt: converting } = conversionOf(state);
  if (converting === null) return { state: timed, effects };
  const nextAttemptAtMs = Math.max(0, converting.nextAttemptAtMs + by);
  return { state: withConversion(timed, { attempt: { ...converting, nextAttemptAtMs } }), effects };
}
