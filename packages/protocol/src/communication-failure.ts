// Every way in which a message can fail to get through, as one closed table: the stage, and the text that people read. Device,
// syslog, statistics, portal and doctor use the same one. The documented texts are used word for word where there is one.

/** Where a failure happened, in the order in which a message meets the stages. */
export const failureStages = ["name", "tcp", "proxy", "tls", "http", "envelope", "signature", "refused"] as const;
export type FailureStage = (typeof failureStages)[number];

export const communicationFailures = {
  address_not_configured: { stage: "name", text: "The communications transport is not available" },
  address_malformed: { stage: "name", text: "The communications transport is not available" },
  transport_not_supported: { stage: "name", text: "The communications transport is not available" },
  name_not_found: { stage: "name", text: "Unable to resolve server hostname/domain name" },
  connection_refused: { stage: "tcp", text: "Connection refused" },
  connection_timed_out: { stage: "tcp", text: "Connection timed out" },
  host_unreachable: { stage: "tcp", text: "Host or network unreachable" },
  connection_reset: { stage: "tcp", text: "Connection reset by the server" },
  proxy_name_not_found: { stage: "proxy", text: "Unable to resolve the proxy's hostname/domain name" },
  proxy_unreachable: { stage: "proxy", text: "Unable to connect to the proxy" },
  proxy_authentication_needed: { stage: "proxy", text: "The proxy demands a username and password" },
  proxy_authentication_refused: { stage: "proxy", text: "The proxy refused the username and password" },
  proxy_refused: { stage: "proxy", text: "The proxy refused to connect to the server" },
  certificate_untrusted: { stage: "tls", text: "The server's TLS certificate does not end in a trusted root" },
  certificate_expired: { stage: "tls", text: "The server's TLS certificate has expired" },
  certificate_not_yet_valid: { stage: "tls", text: "The server's TLS certificate is not valid yet; check the clocks" },
  certificate_name_mismatch: { stage: "tls", text: "The server's TLS certificate is for another name" },
  certificate_revoked: { stage: "tls", text: "The server's TLS certificate has been revoked" },
  revocation_unknown: { stage: "tls", text: "Whether the server's TLS certificate was revoked cannot be found out" },
  tls_handshake_failed: { stage: "tls", text: "The TLS handshake failed; the server may not speak HTTPS on this port" },
  http_status: { stage: "http", text: "The server answered with an HTTP error" },
  empty_answer: { stage: "http", text: "Received empty response from server" },
  answer_timed_out: { stage: "http", text: "Connection timed out" },
  answer_too_large: { stage: "http", text: "The server's answer is larger than any valid answer" },
  aborted: { stage: "http", text: "The exchange was stopped" },
  unexpected: { stage: "http", text: "Communication message send error" },
} as const satisfies Record<string, { readonly stage: FailureStage; readonly text: string }>;

export type CommunicationFailureCode = keyof typeof communicationFailures;
