// What is logged when somebody logs in to a device, or tries to.

import type { LogLine } from "../syslog-line.ts";

export function loginLine(event: "login" | "refused", user: string, address: string): LogLine {
  const [severity, mnemonic, what] =
    event === "login"
      ? ([5, "LOGIN_SUCCESS", "Login Success"] as const)
      : ([4, "LOGIN_FAILED", "Login failed"] as const);
  return { facility: "SEC_LOGIN", severity, mnemonic, text: `${what} [user: ${user}] [Source: ${address}]` };
}
