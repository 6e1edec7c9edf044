// From the errors of sockets, HTTP and OpenSSL to our closed list. The only place that knows their names.

import { TransportFailure, type TransportFailureCode } from "../transport-failure.ts";

/** `place`: host and port of whoever was spoken to. */
export type Circumstances = { readonly place: string; readonly isProxy: boolean };

const codes: Readonly<Record<string, TransportFailureCode>> = {
  ENOTFOUND: "name_not_found",
  EAI_AGAIN: "name_not_found",
  ENODATA: "name_not_found",
  ECONNREFUSED: "connection_refused",
  ETIMEDOUT: "connection_timed_out",
  EHOSTUNREACH: "host_unreachable",
  ENETUNREACH: "host_unreachable",
  ENETDOWN: "host_unreachable",
  EADDRNOTAVAIL: "host_unreachable",
  ECONNRESET: "connection_reset",
  EPIPE: "connection_reset",
  CERT_HAS_EXPIRED: "certificate_expired",
  CERT_NOT_YET_VALID: "certificate_not_yet_valid",
  ERR_TLS_CERT_ALTNAME_INVALID: "certificate_name_mismatch",
  SELF_SIGNED_CERT_IN_CHAIN: "certificate_untrusted",
  DEPTH_ZERO_SELF_SIGNED_CERT: "certificate_untrusted",
  UNABLE_TO_GET_ISSUER_CERT: "certificate_untrusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "certificate_untrusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "certificate_untrusted",
  CERT_SIGNATURE_FAILURE: "certificate_untrusted",
  CERT_UNTRUSTED: "certificate_untrusted",
  CERT_REJECTED: "certificate_untrusted",
  INVALID_CA: "certificate_untrusted",
  INVALID_PURPOSE: "certificate_untrusted",
  PATH_LENGTH_EXCEEDED: "certificate_untrusted",
  HPE_INVALID_CONSTANT: "tls_handshake_failed",
};

/** A failure to reach the next hop is the proxy's when there is one. */
const atProxy: Partial<Record<TransportFailureCode, TransportFailureCode>> = {
  name_not_found: "proxy_name_not_found",
  connection_refused: "proxy_unreachable",
  connection_timed_out: "proxy_unreachable",
  host_unreachable: "proxy_unreachable",
};

export function classifyError(error: unknown, { place, isProxy }: Circumstances): TransportFailure {
  for (const cause of causesOf(error)) {
    const code = cause instanceof TransportFailure ? cause.code : codeOf(cause);
    if (code === undefined) continue;
    const ofProxy = isProxy ? atProxy[code] : undefined;
    if (ofProxy !== undefined) return new TransportFailure(ofProxy, place, { cause: error });
    return cause instanceof TransportFailure ? cause : new TransportFailure(code, place, { cause: error });
  }
  return new TransportFailure("unexpected", error instanceof Error ? error.message : "", { cause: error });
}

function codeOf(error: unknown): TransportFailureCode | undefined {
  const code = errorCode(error);
  return codes[code] ?? (/^(ERR_SSL|ERR_TLS|EPROTO)/.test(code) ? "tls_handshake_failed" : undefined);
}

function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** The error, what caused it, and the members of an aggregate (one per address that was tried). */
function* causesOf(error: unknown): Iterable<unknown> {
  let current = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth += 1) {
    yield current;
    if (current instanceof AggregateError) yield* current.errors;
    current = current.cause;
  }
}
