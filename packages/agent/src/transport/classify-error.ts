// From the errors of undici, sockets and OpenSSL to our closed list. The only place that knows their names.

import type { ProxyConfiguration } from "../lifecycle/state.ts";
import { TransportFailure, type TransportFailureCode } from "../transport-failure.ts";

export type Circumstances = { readonly url: URL; readonly proxy: ProxyConfiguration | null };

const codes: Readonly<Record<string, TransportFailureCode>> = {
  ENOTFOUND: "name_not_found",
  EAI_AGAIN: "name_not_found",
  ENODATA: "name_not_found",
  ECONNREFUSED: "connection_refused",
  ETIMEDOUT: "connection_timed_out",
  UND_ERR_CONNECT_TIMEOUT: "connection_timed_out",
  EHOSTUNREACH: "host_unreachable",
  ENETUNREACH: "host_unreachable",
  ENETDOWN: "host_unreachable",
  EADDRNOTAVAIL: "host_unreachable",
  ECONNRESET: "connection_reset",
  EPIPE: "connection_reset",
  UND_ERR_HEADERS_TIMEOUT: "answer_timed_out",
  UND_ERR_BODY_TIMEOUT: "answer_timed_out",
  // The server closed the connection before it said anything.
  UND_ERR_SOCKET: "empty_answer",
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

export function classifyError(error: unknown, circumstances: Circumstances): TransportFailure {
  for (const cause of causesOf(error)) {
    if (cause instanceof TransportFailure) return cause;
    const status = proxyStatus(cause);
    if (status !== null) return proxyFailure(status, circumstances.proxy, error);
    const code = errorCode(cause);
    const known = codes[code] ?? (/^(ERR_SSL|ERR_TLS|EPROTO)/.test(code) ? "tls_handshake_failed" : undefined);
    if (known !== undefined) return failureOf(known, circumstances, error);
  }
  return new TransportFailure("unexpected", error instanceof Error ? error.message : "", { cause: error });
}

function failureOf(code: TransportFailureCode, { url, proxy }: Circumstances, cause: unknown): TransportFailure {
  const proxied = proxy === null ? undefined : atProxy[code];
  if (proxied !== undefined && proxy !== null)
    return new TransportFailure(proxied, `${proxy.address}:${proxy.port}`, { cause });
  return new TransportFailure(code, url.host, { cause });
}

/** undici tells a refused CONNECT by a text with the status in it. */
function proxyStatus(error: unknown): number | null {
  const match = error instanceof Error ? /Proxy response \((\d{3})\)/.exec(error.message) : null;
  return match === null ? null : Number(match[1]);
}

function proxyFailure(status: number, proxy: ProxyConfiguration | null, cause: unknown): TransportFailure {
  if (status !== 407) return new TransportFailure("proxy_refused", `HTTP ${status}`, { cause });
  const code = proxy?.username == null ? "proxy_authentication_needed" : "proxy_authentication_refused";
  return new TransportFailure(code, "HTTP 407", { cause });
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
