// What a relay logs: JSON, one line each, of these events and these fields and no others, so that passwords, tokens and messages
// stay out by construction.

import type { LogLines } from "@countersign/terminal";
import { pino } from "pino";

export type LogEvent =
  | "relay_started"
  | "relay_stopped"
  | "request_held"
  | "request_settled"
  | "request_refused"
  | "request_failed"
  | "answer_not_believed"
  | "manager_away"
  | "manager_reached"
  | "device_collected"
  | "device_failed"
  | "results_forgotten"
  | "certificate_renewed"
  | "certificate_renewal_failed";

/** Numbers, identities of devices, names that a person gave, and codes of our own. */
export type LogFields = {
  readonly udi?: string;
  readonly device?: string;
  readonly outcome?: string;
  readonly code?: string;
  readonly count?: number;
  readonly host?: string;
  readonly port?: number;
  readonly isSecure?: boolean;
};

export type LogLevel = "error" | "warn" | "info" | "debug" | "silent";

export interface Log {
  info(event: LogEvent, fields: LogFields): void;
  warn(event: LogEvent, fields: LogFields): void;
  /** Of the cause only its kind and the lines of our code are written: its text may quote anything. */
  error(event: LogEvent, fields: LogFields, cause: unknown): void;
}

export function createLog(level: LogLevel, destination: LogLines): Log {
  const out = pino(
    {
      level,
      base: { program: "relay" },
      messageKey: "event",
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    destination,
  );
  return {
    info: (event, fields) => out.info(fields, event),
    warn: (event, fields) => out.warn(fields, event),
    error: (event, fields, cause) => out.error({ ...fields, error: kindOf(cause) }, event),
  };
}

function kindOf(cause: unknown): { readonly name: string; readonly code?: string; readonly stack: readonly string[] } {
  if (!(cause instanceof Error)) return { name: typeof cause, stack: [] };
  const stack = (cause.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  const code = "code" in cause && typeof cause.code === "string" ? { code: cause.code.slice(0, 80) } : {};
  return { name: cause.name, ...code, stack: stack.slice(0, 12).map((line) => line.trim()) };
}
