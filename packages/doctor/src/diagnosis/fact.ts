// What was seen, whatever it was seen with: show output, log lines, a configuration, a live probe, a capture. A fact is one small
// statement with the place where it stands; rules read facts and nothing else.

/** Every kind of fact, with what its value says. */
export const factKinds = {
  model: "licensing model: policy or classic",
  platform: "c9800, ios-xe, ios-xr, nx-os or asa",
  "product-id": "product identifier of a device",
  release: "software release as one number: 17.9.1 is 170901",
  "agent-version": "version of the licensing agent",
  "registration-status": "classic: status of the registration",
  "authorization-status": "classic: status of the authorization",
  "failure-reason": "reason that the device gives for its last failure, while the failure lasts",
  "last-response": "how the last message of a kind ended, while its failures last",
  "failures-in-a-row": "messages of a kind that failed since the last success",
  "trust-code": "none, or when the trust code was installed",
  "member-without-trust": "a member of a stack or pair that has no trust code",
  "member-with-trust": "a member of a stack or pair that has one",
  "transport-type": "smart, cslu, callhome, off",
  "transport-url": "address that messages are sent to",
  "server-host": "host name or address of the licensing server",
  "proxy-address": "proxy that is configured",
  "proxy-credentials": "configured or none",
  "overall-state": "what the agent says of communication as a whole",
  "acknowledgement-required": "yes or no",
  "acknowledgement-due-days": "days until an acknowledgement is due; negative when overdue",
  "last-acknowledgement": "none, or when it came",
  "push-interval-days": "how often usage is reported; 0 for not at all",
  "reports-missing": "reports that are listed and not in storage",
  "reports-purged": "reports that were thrown away without an acknowledgement",
  reservation: "a licence reservation that is installed or configured",
  "license-status": "status of a licence in use",
  "evaluation-days": "days of evaluation that are left",
  "access-point-report": "when access points are reported next",
  "clock-source": "ntp or none",
  "unanswered-request": "a request in the message history that has no answer",
  log: "a log line that nothing later takes back",
  event: "an event of the licensing agent's log that nothing later takes back",
  config: "a line of the running configuration",
  "config-missing": "a line that a complete running configuration does not have",
  "active-profiles": "how many call-home profiles are active",
  "ping-percent": "share of the pings that came back",
  "tcp-test": "open, refused, timed out, unresolved",
  "tcp-port-mismatch": "the port that was tried is not the one that was asked for",
  "probe-passed": "a stage of a live probe that went well",
  "probe-failed": "reason code of the stage at which a live probe failed",
  "probe-status": "HTTP status that a probe got",
  "server-certificate-issuer": "issuer of the certificate that a server showed",
  "unexpected-issuer": "issuer that a server's certificate has where another one was expected",
  "server-certificate-days": "days until the certificate that a server showed expires",
  "clock-offset-seconds": "how much this machine's clock is ahead of the server's",
  "capture-connection": "how far a captured connection came",
  "capture-alert": "a TLS alert: who sent it, and which",
  "capture-reset": "a reset: whose address it carries, and in which stage",
  "capture-forged-reset": "a reset whose hop count differs from that of the side it claims to come from",
  "capture-silence": "a connection that nobody answered, or that fell silent",
  "capture-client-certificate": "asked for, shown, or empty",
  "capture-proxy-answer": "plain HTTP status of a proxy",
  "capture-plain-http": "a licensing message that was sent without TLS",
  "relay-certificate": "a relay's own certificate: valid, due, ends_soon or ended",
  "relay-renewal-failing-days": "for how many days a relay has failed to renew it",
  "relay-manager-away-minutes": "for how many minutes a relay has not reached its manager",
  "relay-storage": "failing, where a relay cannot keep what it is given",
} as const;

export type FactKind = keyof typeof factKinds;

export type Evidence = {
  /** Whose words: a file, a command, a probe. */
  readonly source: string;
  /** `line 12`, `frame 4`, `stage tls`. */
  readonly place: string;
  /** What stands there, without secrets. */
  readonly text: string;
};

export type Fact = {
  readonly kind: FactKind;
  readonly value: string | number;
  /** Of what: a section, a message kind, a device, a log mnemonic; "" for the whole. */
  readonly about: string;
  readonly evidence: Evidence;
};

export const evidenceCharactersMax = 400;
/** Facts of one run; what comes after them is counted and not read. */
export const factsMax = 20_000;

/** Control characters must not reach a terminal, and a line of a megabyte helps nobody. */
export function evidenceText(text: string): string {
  const printable = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ").trim();
  return printable.length <= evidenceCharactersMax ? printable : `${printable.slice(0, evidenceCharactersMax - 1)}…`;
}
