// The one place where an error becomes a text that somebody outside reads. What has no entry in a table of public texts
// becomes an incident id here and a line in the log; its own words never leave the manager.

import { type AnswerContent, ProtocolError } from "@countersign/protocol";
import { TooMuchReceived } from "@countersign/terminal";
import {
  administrationErrors,
  DeviceRefusal,
  deviceRefusals,
  FloorRefusal,
  floorRefusals,
  isStorageOutage,
  ManagerError,
  ReportsNotStored,
} from "../errors.ts";
import { internalFailureText } from "../trust/refusal-texts.ts";
import { protocolRefusalText } from "../use-cases/protocol-refusal-text.ts";

/** Wait that a device is asked for after a failure of the manager itself. */
const retryAfterFailureSeconds = 60;

/** Writes the failure to the log under the id that it answers. */
export type IncidentReporter = (cause: unknown) => string;

/** What a device is answered when its request failed; `code` for logs and metrics. */
export function deviceRefusalOf(
  error: unknown,
  reportIncident: IncidentReporter,
): { readonly content: AnswerContent; readonly code: string } {
  if (error instanceof DeviceRefusal) return failed(error.code, error.publicText, error.remedy);
  if (error instanceof ProtocolError) return failed(error.code, protocolRefusalText(error), error.remedy);
  const code = failureCodeOf(error);
  const { remedy } = deviceRefusals[code];
  const content = {
    statusCode: code === "internal" ? "FAILED" : "OK_TRY_AGAIN",
    statusMessage: internalFailureText,
    retryTimeSeconds: retryAfterFailureSeconds,
    data: { code, remedy, incident_id: reportIncident(error) },
  } as const;
  return { content, code };
}

/** Where the database failed, what the device has is whole and only wants to be sent again: that is no refusal of it. */
function failureCodeOf(error: unknown): "storage_unavailable" | "ack_storage_failed" | "internal" {
  const cause = error instanceof ReportsNotStored ? error.cause : error;
  if (isStorageOutage(cause)) return "storage_unavailable";
  return error instanceof ReportsNotStored ? "ack_storage_failed" : "internal";
}

function failed(code: string, statusMessage: string, remedy: string) {
  const content = { statusCode: "FAILED", statusMessage, retryTimeSeconds: 0, data: { code, remedy } } as const;
  return { content, code };
}

/** The answer to a device that is asked to come again because the manager is busy. */
export function busyContent(retryTimeSeconds: number): AnswerContent {
  const { meaning, remedy } = deviceRefusals.overloaded;
  return { statusCode: "OK_TRY_AGAIN", statusMessage: meaning, retryTimeSeconds, data: { code: "overloaded", remedy } };
}

/** What the administration API answers instead of a result. */
export type Problem = {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly incidentId?: string;
};

/** HTTP status and body of a failed administration request. */
export function problemOf(
  error: unknown,
  reportIncident: IncidentReporter,
): { readonly status: number; readonly problem: Problem } {
  if (error instanceof ManagerError) {
    const isOutage = isStorageOutage(error);
    if (isOutage) reportIncident(error);
    return {
      status: isOutage ? 503 : statusOf(error.code),
      problem: { code: error.code, message: error.message, remedy: administrationErrors[error.code].remedy },
    };
  }
  if (error instanceof ProtocolError) {
    return { status: 400, problem: { code: error.code, message: protocolRefusalText(error), remedy: error.remedy } };
  }
  if (error instanceof FloorRefusal) {
    const { meaning, remedy } = floorRefusals[error.code];
    return { status: 403, problem: { code: error.code, message: meaning, remedy } };
  }
  if (error instanceof TooMuchReceived) {
    const { meaning, remedy } = deviceRefusals.overloaded;
    return { status: error.statusCode, problem: { code: "overloaded", message: meaning, remedy } };
  }
  const known = problemOfHttp(error);
  if (known !== undefined) return known;
  const { meaning, remedy } = deviceRefusals.internal;
  return { status: 500, problem: { code: "internal", message: meaning, remedy, incidentId: reportIncident(error) } };
}

function statusOf(code: string): number {
  if (code.endsWith("_unknown")) return 404;
  if (code.endsWith("_exists") || code.endsWith("_removed")) return 409;
  if (code === "enrolment_refused") return 409;
  if (code === "operator_not_permitted") return 403;
  if (code === "upstream_refused" || code === "upstream_unreachable") return 502;
  if (code === "overloaded") return 503;
  return 400;
}

/** A body that did not come to its end. */
export const cutBody: { readonly status: number; readonly problem: Problem } = {
  status: 400,
  problem: { code: "body_cut", message: "The body has another length than announced.", remedy: "Send the whole body." },
};

/** What the HTTP library itself refuses, in our words. */
const httpProblems: Readonly<Record<string, { readonly status: number; readonly problem: Problem }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: {
    status: 413,
    problem: {
      code: "body_too_large",
      message: "The body is larger than the limit.",
      remedy: "Send it in smaller parts.",
    },
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    problem: {
      code: "media_type_unknown",
      message: "The content type is not one this route takes.",
      remedy: "Send application/json.",
    },
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: cutBody,
};

function problemOfHttp(error: unknown): { readonly status: number; readonly problem: Problem } | undefined {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  return Object.hasOwn(httpProblems, code) ? httpProblems[code] : undefined;
}
