// Which answers a relay may give by its own signature (spec/protocol.md, section 16).

import type { StatusCode } from "./envelope.ts";
import type { RequestType } from "./messages/message-table.ts";

const usageTypes: readonly RequestType[] = ["LICENSE_USAGE", "POLL_REQ"];

/** Statuses that a relay may answer, by request type; every other answer is a manager's alone. */
export function mayRelayAnswer(requestType: RequestType, statusCode: StatusCode): boolean {
  switch (statusCode) {
    case "OK_TRY_AGAIN":
      return true;
    case "OK":
    case "OK_POLL":
      return usageTypes.includes(requestType);
    case "FAILED":
      return requestType === "POLL_REQ";
    default:
      return statusCode satisfies never;
  }
}
