// Files that ask for authorization codes or give them back, for a site without a connection. Nothing in them is signed: whoever
// gives one to a manager vouches for it.

import { type AuthorizationWish, encodeLicenseFile, sudiOf } from "@countersign/protocol";
import { AgentError } from "./agent-error.ts";
import { hostnameOf } from "./exchange/what-is-told.ts";
import { authorizationWishes } from "./lifecycle/authorization.ts";
import { activeMember } from "./lifecycle/installation.ts";
import type { AgentState } from "./lifecycle/state.ts";

/** Text of the licence file. Throws `request_refused` when nothing is asked for, or nobody has trust. */
export function authorizationRequestFile(state: AgentState): string {
  if (state.authorization.attempt === null)
    throw new AgentError("request_refused", "No authorization code is asked for; enter the request first");
  const wishes = authorizationWishes(state);
  if (wishes.length === 0)
    throw new AgentError("request_refused", "No device that asks has trust; establish trust first");
  return authorizationFile(wishes, state);
}

export function authorizationFile(wishes: readonly AuthorizationWish[], state: AgentState): string {
  const { productTag } = state.installation;
  const systemInfo = JSON.stringify({
    sudi: sudiOf(activeMember(state).udi),
    hostname: hostnameOf(state),
    software_tag_identifier: productTag,
  });
  return encodeLicenseFile({ reports: [], managerObjects: [], systemInfo, authorizationRequest: wishes });
}
