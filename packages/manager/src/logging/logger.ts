// Structured log lines (JSON, one a line) through pino; see log-fields.ts for what may stand in them.

import type { LogLines } from "@countersign/terminal";
import { pino } from "pino";
import { allowedFields, type LogFields, loggedError } from "./log-fields.ts";

/** What happened; a closed list, so that a reader can search for it. */
export const logEvents = [
  "manager_started",
  "manager_stopping",
  "manager_stopped",
  "request_answered",
  "request_failed",
  "request_unreadable",
  "request_deferred",
  "request_cut",
  "administration_answered",
  "administration_failed",
  "bearer_refused",
  "certificate_renewed",
  "certificate_renewal_failed",
  "connection_failed",
  "dependency_failing",
  "usage_thread_failed",
  "operators_taken_over",
  "report_bodies_purged",
  "purge_failed",
  "upkeep_failed",
  "upstream_synced",
  "upstream_sync_failed",
] as const;
export type LogEvent = (typeof logEvents)[number];

export type LogLevel = "error" | "warn" | "info" | "debug" | "silent";

export interface Logger {
  debug(event: LogEvent, fields?: LogFields): void;
  info(event: LogEvent, fields?: LogFields): void;
  warn(event: LogEvent, fields?: LogFields): void;
  /** `cause` is written with name, code, cleaned message and stack. */
  error(event: LogEvent, fields?: LogFields, cause?: unknown): void;
}

export type LoggerOptions = {
  readonly level: LogLevel;
  readonly destination: LogLines;
  readonly clock: { now(): number };
};

export function createLogger({ level, destination, clock }: LoggerOptions): Logger {
  const out = pino(
    {
      level,
      base: { program: "manager" },
      messageKey: "event",
      formatters: { level: (label) => ({ level: label }) },
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
    },
    destination,
  );
  return {
    debug: (event, fields = {}) => out.debug(allowedFields(fields), event),
    info: (event, fields = {}) => out.info(allowedFields(fields), event),
    warn: (event, fields = {}) => out.warn(allowedFields(fields), event),
    error: (event, fields = {}, cause) => {
      const error = cause === undefined ? {} : { error: loggedError(cause) };
      out.error({ ...allowedFields(fields), ...error }, event);
    },
  };
}
