// What is logged when somebody logs in to a device, or tries to.

import type { LogLine } from "../syslog-line.ts";

/** Of a name that anybody may send; a longer one would push what was logged before out of the buffer. */
export const loggedNameCharactersMax = 64;

export function loginLine(event: "login" | "refused", user: string, address: string): LogLine {
  const [severity, mnemonic, what] =
    event === "login"
      ? ([5, "LOGIN_SUCCESS", "Login Success"] as const)
      : ([4, "LOGIN_FAILED", "Login failed"] as const);
  return { facility: "SEC_LOGIN", severity, mnemonic, text: `${what} [user: ${shownName(user)}] [Source: ${address}]` };
}

/** Without brackets, so that no name can end its own and write another source behind it. */
function shownName(name: string): string {
  const characters = [...name.replace(/[[\]]/g, "?")];
  if (characters.length <= loggedNameCharactersMax) return characters.join("");
  return `${characters.slice(0, loggedNameCharactersMax).join("")}...`;
}
