// Trust that nobody has to enter a token for: towards a manager on premises a device asks by itself as soon as its address is
// configured (TRU-8, ONP-2). It cannot know who answers there, so being asked for a token is no failure to shout about: a
// relay, or a manager that lets in nobody without one, is asked again a day later.

import { isCryptographyReady } from "./cryptography.ts";
import { speakerOf } from "./installation.ts";
import type { AgentConfiguration, AgentState } from "./state.ts";
import { type Transition, unchanged } from "./transition.ts";
import { beginTrustAttempt } from "./trust.ts";

/** The path of a manager on premises among the addresses of transport smart (TRN-6, AMB-4). */
const onPremisesPath = "/SmartTransport";

/** True for an address that a person configured and at which trust may be had without a token. */
export function mayAskWithoutToken({ transport, urls }: AgentConfiguration): boolean {
  if (transport === "cslu") return urls.cslu !== null;
  if (transport !== "smart" || urls.smart === null || !URL.canParse(urls.smart)) return false;
  return new URL(urls.smart).pathname === onPremisesPath;
}

/**
 * Begins to seek trust where none is needed to ask for it, and ends that where the address has changed. Decided in every step
 * from what is, so that it does not matter whether trust was never there, was reset, or was lost by the manager.
 */
export function seekTrustByItself(state: AgentState, now: number): Transition {
  const { attempt, lostSinceMs } = state.trust;
  const isPossible = mayAskWithoutToken(state.configuration);
  if (attempt !== null) {
    if (attempt.token !== null || isPossible) return unchanged(state);
    return unchanged({ ...state, trust: { ...state.trust, attempt: null } });
  }
  const isNeeded = speakerOf(state) === null || lostSinceMs !== null;
  if (!isPossible || !isNeeded || !isCryptographyReady(state)) return unchanged(state);
  return beginTrustAttempt(state, state.installation.members, { token: null, scope: "all", force: false }, now);
}
