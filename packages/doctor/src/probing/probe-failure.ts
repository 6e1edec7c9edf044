// A probe stops at the stage that fails, with a reason of the closed table that devices use too.

import { type CommunicationFailureCode, communicationFailures, type ProtocolErrorCode } from "@countersign/protocol";

export type ProbeFailureCode = CommunicationFailureCode | ProtocolErrorCode;

export class ProbeFailure extends Error {
  override readonly name = "ProbeFailure";
  readonly code: ProbeFailureCode;

  constructor(code: ProbeFailureCode, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.code = code;
  }
}

/** By the names that sockets and OpenSSL use. */
const socketCodes: Readonly<Record<string, CommunicationFailureCode>> = {
  ENOTFOUND: "name_not_found",
  ENODATA: "name_not_found",
  EAI_AGAIN: "name_not_found",
  ECONNREFUSED: "connection_refused",
  ETIMEDOUT: "connection_timed_out",
  EHOSTUNREACH: "host_unreachable",
  ENETUNREACH: "host_unreachable",
  EADDRNOTAVAIL: "host_unreachable",
  EINVAL: "host_unreachable",
  ECONNRESET: "connection_reset",
  EPIPE: "connection_reset",
};

const certificateCodes: Readonly<Record<string, CommunicationFailureCode>> = {
  CERT_HAS_EXPIRED: "certificate_expired",
  CERT_NOT_YET_VALID: "certificate_not_yet_valid",
  ERR_TLS_CERT_ALTNAME_INVALID: "certificate_name_mismatch",
};

export function failureOf(error: unknown, otherwise: CommunicationFailureCode, place: string): ProbeFailure {
  if (error instanceof ProbeFailure) return error;
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  return new ProbeFailure(socketCodes[code] ?? otherwise, `${place}: ${message}`, { cause: error });
}

/** Everything else that OpenSSL says of a chain means that it does not end where it should. */
export function certificateFailureCode(authorizationError: string): CommunicationFailureCode {
  return certificateCodes[authorizationError] ?? "certificate_untrusted";
}

export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

export function textOfFailure(code: ProbeFailureCode): string {
  return code in communicationFailures ? communicationFailures[code as CommunicationFailureCode].text : code;
}
