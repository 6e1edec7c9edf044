// Stage tls: certificates, clocks, and who opens what was sealed.

import type { Rule } from "../rule.ts";
import { advise, ask, configure, debug, replace, save, send, weaken } from "../step.ts";
import { tryThePath } from "./path-rules.ts";

const revocationOff = [
  weaken("crypto pki trustpoint SLA-TrustPoint", "ios-xe"),
  weaken("revocation-check none", "ios-xe"),
  save("write memory", "ios-xe"),
];

export const certificateRules = {
  clock_wrong: {
    severity: "fault",
    title: "The clocks of device and server are too far apart",
    meaning:
      "Messages carry the time, and one that is more than an hour off is refused; a certificate may not be valid yet by a clock that is behind. Without NTP a device does not trust its own clock.",
    standsFor: ["FAIL-3a", "SEC-14", "LOG-15", "BET-29"],
    when: [
      { fact: "failure-reason", matches: /device date .{0,40}offset beyond|clock is .{0,60}(behind|ahead)/i },
      { fact: "log", matches: /CERTIFICATE_INVALID_NOT_YET_VALID/ },
      { fact: "clock-offset-seconds", atLeast: 3600 },
      { fact: "clock-offset-seconds", atMost: -3600 },
      { fact: "probe-failed", matches: /^certificate_not_yet_valid$/ },
    ],
    remedy: [
      ask("show clock detail"),
      ask("show ntp associations", "ios-xe"),
      configure("ntp server <NTP-SERVER>"),
      advise("Without NTP: clock set <hh:mm:ss> <day> <month> <year>, and then"),
      configure("clock calendar-valid", "ios-xe"),
    ],
    verify: [ask("show clock detail"), send("license smart sync all", "ios-xe"), ask("show license status")],
  },
  clock_not_synchronised: {
    severity: "note",
    title: "The device's clock is not synchronised",
    meaning: "It works as long as the clock happens to be right within an hour.",
    standsFor: ["SEC-14"],
    when: [{ fact: "clock-source", matches: /^none$/ }],
    yieldsTo: ["clock_wrong"],
    remedy: [configure("ntp server <NTP-SERVER>")],
    verify: [ask("show clock detail")],
  },
  crl_unreachable: {
    severity: "fault",
    title: "The list of revoked certificates cannot be fetched",
    meaning:
      "The device asks whether the server's certificate was revoked, at an address that it cannot reach, and waits. Against an on-premises server the address is usually out of reach by design.",
    standsFor: ["FAIL-7a", "FAIL-7b", "FAIL-15", "SEC-7", "LOG-7", "LOG-18", "BET-33"],
    when: [
      { fact: "log", matches: /PKI-3-CRL_FETCH_FAIL/ },
      { fact: "failure-reason", matches: /^waiting for reply|cannot be found out/i },
      { fact: "probe-failed", matches: /^revocation_unknown$/ },
    ],
    remedy: [
      ask("show running-config | section crypto pki trustpoint SLA-TrustPoint", "ios-xe"),
      ...revocationOff,
      advise("Better, where it can be done: let the device reach the list's address."),
    ],
    verify: [send("license smart sync all", "ios-xe"), ask("show logging | include CRL_FETCH", "ios-xe")],
  },
  revocation_check_on: {
    severity: "warning",
    title: "SLA-TrustPoint checks revocation",
    meaning: "Against an on-premises server this fails as soon as the list of revoked certificates is out of reach.",
    standsFor: ["FAIL-15", "FAIL-7b"],
    when: [{ fact: "config-missing", matches: /^revocation-check none under SLA-TrustPoint$/ }],
    yieldsTo: ["crl_unreachable"],
    remedy: revocationOff,
    verify: [ask("show running-config | section SLA-TrustPoint", "ios-xe")],
  },
  tls_intercepted: {
    severity: "fault",
    title: "Somebody on the way opens the encrypted connection",
    meaning:
      "The certificate that came is not the licensing server's: its issuer is a firewall or proxy that decrypts TLS. Licensing refuses that, and rightly.",
    standsFor: ["FAIL-14", "FAIL-33", "TOP-15", "SEC-11"],
    when: [{ fact: "unexpected-issuer" }, { fact: "server-certificate-issuer", matches: interceptorNames() }],
    remedy: [
      advise("Exempt <HOST> from TLS inspection on the firewall or proxy that issued this certificate."),
      advise("Where that is not allowed: make its root a trustpoint of the device, by hand:"),
      weaken("crypto pki trustpoint LicRoot", "ios-xe"),
      weaken("enrollment terminal", "ios-xe"),
      weaken("revocation-check none", "ios-xe"),
      weaken("crypto pki authenticate LicRoot", "ios-xe"),
    ],
    verify: [advise("countersign doctor probe https://<HOST>: the issuer must be the one you expect"), ...tryThePath],
  },
  server_certificate_refused: {
    severity: "fault",
    title: "The server's certificate is not accepted",
    meaning: "Its root is not one that is trusted here, it has expired or was revoked, or it is for another name.",
    standsFor: ["BET-28"],
    when: [
      { fact: "probe-failed", matches: /^certificate_(untrusted|expired|name_mismatch|revoked)$/ },
      {
        fact: "failure-reason",
        matches: /TLS certificate (does not end|has expired|is for another|has been revoked)/i,
      },
      {
        fact: "capture-alert",
        matches: /^client: (unknown_ca|certificate_expired|bad_certificate|certificate_unknown)$/,
      },
      { fact: "server-certificate-days", atMost: 0 },
    ],
    yieldsTo: ["tls_intercepted"],
    remedy: [
      ask("show crypto pki trustpoints", "ios-xe"),
      advise("Expired: renew it on the server; an on-premises server renews it when it synchronises."),
      advise(
        "Another name: send to the name that stands in the certificate, and map it with ip host where there is no DNS.",
      ),
      advise("Unknown root: give the device the root of this server."),
    ],
    verify: tryThePath,
  },
  server_certificate_expires: {
    severity: "warning",
    title: "The server's certificate expires within 30 days",
    meaning: "When it does, every device fails at the same time.",
    standsFor: ["BET-28"],
    when: [{ fact: "server-certificate-days", atLeast: 0, atMost: 30 }],
    yieldsTo: ["server_certificate_refused"],
    remedy: [advise("Renew it on the server now; an on-premises server renews it when it synchronises.")],
    verify: [advise("countersign doctor probe https://<HOST>")],
  },
  client_certificate_refused: {
    severity: "fault",
    title: "The server refuses the device's certificate",
    meaning:
      "The server sent a TLS alert after it saw the device's certificate: the one that the HTTP client shows is invalid or expired.",
    standsFor: ["FAIL-13", "SEC-2", "SEC-3", "DIA-18"],
    when: [
      {
        fact: "capture-alert",
        matches: /^server: (unknown_ca|bad_certificate|certificate_expired|certificate_unknown|certificate_required)$/,
      },
    ],
    remedy: [
      ask("show crypto pki trustpoints", "ios-xe"),
      ask("show crypto pki certificates", "ios-xe"),
      configure("ip http client secure-trustpoint <TRUSTPOINT>", "ios-xe"),
      advise(
        "<TRUSTPOINT>: CISCO_IDEVID_SUDI where the device has it, else TP-self-signed-…; the 9800-CL has only the latter.",
      ),
      save("write memory", "ios-xe"),
    ],
    verify: tryThePath,
  },
  client_certificate_empty: {
    severity: "warning",
    title: "The server asks for a certificate and the device shows none",
    meaning: "Servers that insist end the connection then.",
    standsFor: ["FAIL-17", "SEC-1", "DIA-18"],
    when: [{ fact: "capture-client-certificate", matches: /^empty$/ }],
    yieldsTo: ["client_certificate_refused"],
    remedy: [configure("ip http client secure-trustpoint <TRUSTPOINT>", "ios-xe")],
    verify: tryThePath,
  },
  tls_handshake_failed: {
    severity: "fault",
    title: "The encrypted connection does not come about",
    meaning:
      "TCP is open, and the handshake ends in an error: no common version or cipher, or no TLS at all on that port.",
    standsFor: ["FAIL-22", "DIA-26"],
    when: [
      { fact: "probe-failed", matches: /^tls_handshake_failed$/ },
      { fact: "failure-reason", matches: /TLS handshake failed|SSL handshake/i },
      {
        fact: "capture-alert",
        matches:
          /^(client|server): (handshake_failure|protocol_version|internal_error|decode_error|insufficient_security|unrecognized_name|inappropriate_fallback)$/,
      },
    ],
    yieldsTo: ["client_certificate_refused", "server_certificate_refused", "tls_intercepted"],
    remedy: [
      debug("debug ip http client all", "ios-xe"),
      debug("debug ssl openssl states", "ios-xe"),
      debug("debug ssl openssl errors", "ios-xe"),
      debug("debug crypto pki messages", "ios-xe"),
      debug("debug crypto pki transactions", "ios-xe"),
      send("license smart sync all", "ios-xe"),
      advise("undebug all, as soon as the failure has been seen"),
    ],
    verify: tryThePath,
  },
  plain_http: {
    severity: "warning",
    title: "Licensing messages travel unencrypted",
    meaning:
      "TCP 80 is no longer used for licensing; anybody on the way can read device and account. A relay on 8182 is the exception.",
    standsFor: ["TRN-11", "BET-42"],
    when: [{ fact: "capture-plain-http" }, { fact: "transport-url", matches: /^http:\/\/(?!.{1,200}\/cslu\/)/i }],
    remedy: [configure("license smart url smart https://<HOST>/licservice/license", "ios-xe")],
    verify: tryThePath,
  },
  on_prem_certificate_expired: {
    severity: "fault",
    title: "The on-premises server's own certificate has expired",
    meaning:
      "The triple message about missing serial numbers and signed data means one thing: the certificate with which that server signs was not renewed in time.",
    standsFor: ["FAIL-6a", "FAIL-6b", "LOG-28", "BET-28"],
    when: [
      { fact: "failure-reason", matches: /missing id cert serial number/i },
      { fact: "event", matches: /missing id cert serial number/i },
      { fact: "log", matches: /missing id cert serial number/i },
    ],
    remedy: [
      advise("Synchronise the on-premises server with the cloud: that renews its certificate."),
      ask("show running-config | include ip host", "ios-xe"),
      advise("The address in call-home must be the common name of its certificate; without DNS add ip host for it."),
      send("license smart renew id", "ios-xe"),
    ],
    verify: [ask("show license status")],
  },
  server_named_by_address: {
    severity: "note",
    title: "The server is named by its IP address",
    meaning:
      "TLS compares the address with the certificate, and a certificate is usually for a name. If the handshake fails, this is why.",
    standsFor: ["FAIL-6c", "SEC-13", "BET-26"],
    when: [{ fact: "transport-url", matches: /^https:\/\/(\d{1,3}\.){3}\d{1,3}[:/]/ }],
    remedy: [
      configure("ip host <NAME-IN-THE-CERTIFICATE> <ADDRESS>", "ios-xe"),
      advise("and that name in the address; only where neither DNS nor ip host can be had:"),
      weaken("no http secure server-identity-check", "ios-xe"),
    ],
    verify: tryThePath,
  },
  signature_does_not_match: {
    severity: "fault",
    title: "Device and server no longer agree on the device's key",
    meaning:
      "The server verifies with another key than the one the device signs with, as after a restore or a lost key.",
    standsFor: ["FAIL-9a", "FAIL-9b", "BET-32"],
    when: [
      { fact: "failure-reason", matches: /data and signature do not match|signature_mismatch/i },
      { fact: "log", matches: /data and signature do not match/i },
    ],
    remedy: [
      advise("Make a new token in the virtual account of this device."),
      replace("license smart deregister", "ios-xe"),
      replace("license smart register idtoken <TOKEN> force", "ios-xe"),
      save("write memory", "ios-xe"),
      advise("In the policy model instead of the two commands: license smart trust idtoken <TOKEN> all force"),
    ],
    verify: [ask("show license status")],
  },
  answer_signature_refused: {
    severity: "fault",
    title: "The server's answer is not signed by a manager that is trusted here",
    meaning: "TLS and HTTP work. What answers signs with a key whose chain does not end in the licensing root given.",
    standsFor: ["BET-27"],
    when: [
      {
        fact: "probe-failed",
        matches: /^(signature_|certificate_(foreign|unknown|malformed|purpose|chain)|nonce_|request_type_mismatch)/,
      },
    ],
    remedy: [advise("Compare the licensing root's fingerprint with the one that the manager's administrator has.")],
    verify: [advise("countersign doctor probe URL --licensing-root FILE")],
  },
} as const satisfies Record<string, Rule>;

/** Issuers whose products open TLS on the way; a licensing server's certificate never comes from one. */
function interceptorNames(): RegExp {
  return /fortinet|fortigate|palo ?alto|zscaler|blue ?coat|check ?point|sophos|barracuda|netskope|umbrella|forcepoint|mitmproxy|squid|untrusted ca|ssl[- ]?(inspection|decrypt|proxy)|tls[- ]?inspection/i;
}
