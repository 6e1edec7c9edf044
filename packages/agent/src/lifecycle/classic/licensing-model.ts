// The model follows the software (GEN-2, GEN-18 to GEN-20). An upgrade from classic keeps who the device is and what it uses: its
// classic ID certificate speaks for it until the manager has given a trust code, without a token (HW-9). See
// docs/decisions/0150-an-upgrade-keeps-the-identity.md.

import { upgradeSoftware } from "../configuration.ts";
import type { AgentEvent } from "../event.ts";
import { removeTrust } from "../factory-reset.ts";
import { speakerOf } from "../installation.ts";
import { setUsage } from "../metering.ts";
import type { AgentState } from "../state.ts";
import { type Change, inOrder, recordEvent, type Transition, unchanged } from "../transition.ts";
import { requestTrust } from "../trust.ts";
import { planTrustSync } from "../trust-sync.ts";
import { type ClassicState, classicOf, isClassic, noClassicAuthorization, noRegistration } from "./classic-state.ts";
import { dropAttempt, finishDeregistration, withoutExchange } from "./registration.ts";

type Upgraded = Extract<AgentEvent, { readonly type: "software-upgraded" }>;

export function changeSoftware(state: AgentState, event: Upgraded, now: number): Transition {
  const model = event.licensingModel ?? (isClassic(state) ? "classic" : "policy");
  return inOrder(state, now, [
    (s) => upgradeSoftware(s, event.softwareVersion, now),
    (s) => {
      if (model === "policy") return isClassic(s) ? toPolicy(s, now) : unchanged(s);
      return isClassic(s) ? unchanged(s) : toClassic(s);
    },
  ]);
}

/** A deregistration that waits for an answer ends here: nobody in the other model would ask for it, and none is trusted who wanted to leave. */
function toPolicy(state: AgentState, now: number): Transition {
  const { attempt, isLeaving } = classicOf(state).registration;
  if (!isLeaving && attempt?.isWithdrawn !== true) return takePolicyModel(state, now);
  const message = "The software has changed before the manager answered";
  const failure = { stage: "tcp", code: "software_changed", message, atMs: now } as const;
  return inOrder(withoutExchange(state), now, [(s) => finishDeregistration(s, failure, now), takePolicyModel]);
}

function takePolicyModel(state: AgentState, now: number): Transition {
  const classic = classicOf(state);
  const { attempt, previous, renewalKeys } = classic.registration;
  const unused = [...Object.values(renewalKeys), ...Object.values(previous).map(({ keyId }) => keyId)];
  const inUse = Object.values(state.trust.members).flatMap((one) => (one.status === "none" ? [] : [one.keyId]));
  const keyIds = unused.filter((keyId) => !inUse.includes(keyId));
  const changed: AgentState = {
    ...withoutExchange(state),
    licensingModel: "policy",
    classic: { ...unconverting(classic), registration: noRegistration, authorization: noClassicAuthorization },
  };
  return inOrder(changed, now, [
    (s) => ({
      state: s,
      effects: [
        recordEvent("MODEL_CHANGE", { model: "policy" }),
        ...dropAttempt(state).effects,
        ...(keyIds.length === 0 ? [] : [{ type: "delete-keys" as const, keyIds }]),
      ],
    }),
    measureWhatIsUsed,
    (s) => unchanged(speakerOf(s) === null ? s : planTrustSync(s, "all", now)),
    // A token serves both models: what was being tried is tried on.
    (s) =>
      attempt === null
        ? unchanged(s)
        : requestTrust(s, { token: attempt.token, scope: "all", force: attempt.force }, now),
  ]);
}

/** What is converted stays so; the policy model converts nothing. */
function unconverting(classic: ClassicState): ClassicState {
  const { conversion } = classic;
  return conversion === undefined ? classic : { ...classic, conversion: { ...conversion, attempt: null } };
}

/** The classic model measured nothing: usage begins with the upgrade, and so do the deadlines of the policy. */
function measureWhatIsUsed(state: AgentState, now: number): Transition {
  const unmeasured = Object.values(state.metering.usages).filter(({ openReport }) => openReport === null);
  const usages = Object.fromEntries(
    Object.entries(state.metering.usages).filter(([, { openReport }]) => openReport !== null),
  );
  const emptied: AgentState = {
    ...state,
    metering: { ...state.metering, usages, firstUseAtMs: null, changedAtMs: null, classesChanged: [] },
  };
  const again = unmeasured
    .filter(({ count }) => count > 0)
    .map(
      ({ tag, licenseClass, count }): Change =>
        (s) =>
          setUsage(s, { tag, licenseClass, count }, now),
    );
  const measured = inOrder(emptied, now, again);
  return {
    state: measured.state,
    effects: measured.effects.filter(({ type }) => type !== "record-event" && type !== "notify"),
  };
}

/** Trust belongs to the policy model and ends with it; the evaluation period goes on where it stood. Reports that are open go on being measured. */
function toClassic(state: AgentState): Transition {
  const removed = removeTrust(withoutExchange(state));
  const classic = classicOf(state);
  return {
    state: {
      ...removed.state,
      licensingModel: "classic",
      classic: { ...classic, registration: noRegistration, authorization: noClassicAuthorization },
    },
    effects: [recordEvent("MODEL_CHANGE", { model: "classic" }), ...removed.effects],
  };
}
