// Stage refused: registration, trust, tokens, authorization. The message came through and the answer is no.

import type { Rule } from "../rule.ts";
import { advise, ask, debug, replace, type Step, save, send } from "../step.ts";

const seeWhatBecameOfIt: readonly Step[] = [ask("show license status"), ask("show license history message", "ios-xe")];

export const identityRules = {
  product_already_registered: {
    severity: "fault",
    title: "The manager still lists this device as registered",
    meaning: "It was registered before, perhaps before a reset, and its place in the account is still taken.",
    standsFor: ["FAIL-1a", "FAIL-1b", "FAIL-1c", "BET-31"],
    when: [
      { fact: "failure-reason", matches: /already (been )?registered|force flag is false/i },
      { fact: "log", matches: /already (been )?registered|force flag is false/i },
    ],
    remedy: [
      advise("Make a token in the virtual account where this device belongs."),
      replace("license smart register idtoken <TOKEN> force", "ios-xe"),
      replace("license smart register idtoken <TOKEN> force", "asa"),
      advise("In the policy model instead: license smart trust idtoken <TOKEN> all force"),
      save("write memory", "ios-xe"),
    ],
    verify: seeWhatBecameOfIt,
  },
  request_not_processed: {
    severity: "fault",
    title: "The manager could not process the request",
    meaning:
      "Something failed inside the manager. It says nothing about the device; often the same request works later.",
    standsFor: ["FAIL-2a", "FAIL-2b", "BET-30"],
    when: [
      { fact: "failure-reason", matches: /request could not be processed|LS_LICENGINE_FAIL_TO_CONNECT|null pointer/i },
      { fact: "log", matches: /request could not be processed|LS_LICENGINE_FAIL_TO_CONNECT/i },
    ],
    remedy: [
      advise("Make a new token, and try once more after a quarter of an hour:"),
      send("license smart trust idtoken <TOKEN> all", "ios-xe"),
      debug("debug license errors", "c9800"),
      debug("debug call-home smart-licensing all", "ios-xe"),
      advise(
        "undebug all afterwards; give the time and the incident's id, where there is one, to who runs the manager",
      ),
    ],
    verify: seeWhatBecameOfIt,
  },
  identity_unknown: {
    severity: "fault",
    title: "The manager no longer knows this product instance",
    meaning:
      "It was removed there, or the manager was restored from an older copy. Trust looks installed on the device and every message is refused.",
    standsFor: ["FAIL-21", "TRU-4"],
    when: [
      { fact: "failure-reason", matches: /identity for the instance .{0,80}not valid|re-?register the instance/i },
      { fact: "log", matches: /TRUST_LOST/ },
    ],
    remedy: [
      advise("Ask who administers the manager whether the instance was removed on purpose. If not:"),
      replace("license smart trust idtoken <TOKEN> all force", "ios-xe"),
    ],
    verify: [send("license smart sync all", "ios-xe"), ...seeWhatBecameOfIt],
  },
  poll_refused: {
    severity: "fault",
    title: "The manager refuses to say what became of a report",
    meaning:
      "The device asks with an identifier that the manager does not have. The report may never have been acknowledged; it is safe to send it again, it counts once.",
    standsFor: ["FAIL-21", "BET-14"],
    when: [
      { fact: "failure-reason", matches: /invalid ProductInstanceIdentifier/i },
      { fact: "log", matches: /invalid ProductInstanceIdentifier/i },
    ],
    yieldsTo: ["identity_unknown"],
    remedy: [
      send("license smart sync all", "ios-xe"),
      advise("If it is refused again, make a token and install trust anew:"),
      replace("license smart trust idtoken <TOKEN> all force", "ios-xe"),
    ],
    verify: seeWhatBecameOfIt,
  },
  trust_attempts_stopped: {
    severity: "fault",
    title: "Trust was tried, failed, and is not tried again",
    meaning:
      "After its one retry the device says nothing more and waits for the token command. The token is not used up by a failed attempt.",
    standsFor: ["FAIL-24", "BET-4"],
    when: [{ fact: "failures-in-a-row", about: /^Trust Establishment$/, atLeast: 2 }],
    and: [{ fact: "trust-code", matches: /^none$/ }],
    remedy: [
      advise("First remove the cause that the other findings name; then enter the token again:"),
      send("license smart trust idtoken <TOKEN> all", "ios-xe"),
    ],
    verify: seeWhatBecameOfIt,
  },
  trust_refused: {
    severity: "fault",
    title: "The installation of the trust code failed",
    meaning:
      "The answer came and was not taken: trust is there already, the token is not valid, or the clock is wrong.",
    standsFor: ["TRU-4"],
    when: [
      { fact: "log", matches: /TRUST_CODE_INSTALL_FAILED/ },
      { fact: "failure-reason", matches: /token .{0,40}(expired|used up|unknown|not valid|revoked)/i },
    ],
    yieldsTo: [
      ...["name_not_resolved", "connection_timed_out", "connection_refused", "connection_reset", "no_answer"],
      ...["server_certificate_refused", "tls_handshake_failed", "proxy_wants_password", "proxy_refuses"],
      ...["proxy_unreachable", "empty_answer", "clock_wrong", "crl_unreachable"],
    ],
    remedy: [
      ask("show clock detail"),
      advise("Make a new token. Where trust is to be replaced, and only then, with force:"),
      send("license smart trust idtoken <TOKEN> all", "ios-xe"),
      replace("license smart trust idtoken <TOKEN> all force", "ios-xe"),
    ],
    verify: seeWhatBecameOfIt,
  },
  trust_not_installed: {
    severity: "warning",
    title: "No trust code is installed",
    meaning: "Without it the device cannot send signed reports to a manager by itself.",
    standsFor: ["GEN-5", "TOK-5"],
    when: [{ fact: "trust-code", matches: /^none$/ }],
    and: [{ fact: "transport-type", matches: /^smart$/i }],
    yieldsTo: ["trust_attempts_stopped", "trust_refused", "device_is_offline"],
    remedy: [
      advise("Make a token in the virtual account of this device, with one use for each member of a stack or pair."),
      send("license smart trust idtoken <TOKEN> all", "ios-xe"),
    ],
    verify: seeWhatBecameOfIt,
  },
  member_without_trust: {
    severity: "fault",
    title: "One member of the stack or pair has no trust",
    meaning: "A token with one use is used up by the first member. After a switchover the other one cannot report.",
    standsFor: ["FAIL-23", "BET-9", "TOP-14"],
    when: [{ fact: "member-without-trust" }],
    and: [{ fact: "member-with-trust" }],
    remedy: [
      advise("Make a token with as many uses as there are members, at least 2."),
      send("license smart trust idtoken <TOKEN> all", "ios-xe"),
    ],
    verify: [ask("show license status | section Trust", "ios-xe")],
  },
  out_of_compliance: {
    severity: "fault",
    title: "More licences are in use than the virtual account has",
    meaning:
      "Look at the virtual account first: a token of another account puts the device where the licences are not. Else licences are missing. Nothing is switched off.",
    standsFor: ["FAIL-8a", "FAIL-8b", "FAIL-36", "TOK-4", "BET-34"],
    when: [
      { fact: "authorization-status", matches: /^OUT OF COMPLIANCE/i },
      { fact: "log", matches: /SMART_LIC-3-OUT_OF_COMPLIANCE/ },
      { fact: "license-status", matches: /^OUT OF COMPLIANCE/i },
    ],
    remedy: [
      ask("show license status | include Account"),
      ask("show license summary"),
      advise("1. Is this the virtual account that the device belongs to? If not, transfer the device there."),
      advise("2. Are there enough licences of this name in that account? If not, transfer or buy them."),
      send("license smart renew auth", "ios-xe"),
    ],
    verify: [ask("show license summary")],
  },
  authorization_expired: {
    severity: "fault",
    title: "Authorization or evaluation has expired",
    meaning:
      "The device has not spoken with its manager for 90 days, or its 90 days of evaluation are used up. Both only in the classic model.",
    standsFor: ["FAIL-36", "GEN-8"],
    when: [{ fact: "authorization-status", matches: /^(AUTHORIZATION EXPIRED|EVAL(UATION)? EXPIRED)/i }],
    remedy: [
      ask("show license status"),
      send("license smart renew auth", "ios-xe"),
      advise("Not registered at all: make a token, then"),
      send("license smart register idtoken <TOKEN>", "ios-xe"),
    ],
    verify: [ask("show license status")],
  },
  evaluation_ends: {
    severity: "warning",
    title: "The evaluation period is running out",
    meaning: "The device is not registered. Its evaluation counts days of use, and nothing starts it anew.",
    standsFor: ["FAIL-36", "AMB-6"],
    when: [{ fact: "evaluation-days", atMost: 30 }],
    remedy: [send("license smart register idtoken <TOKEN>", "ios-xe"), save("write memory", "ios-xe")],
    verify: [ask("show license status")],
  },
  not_registered: {
    severity: "warning",
    title: "The device is not registered",
    meaning: "In the classic model nothing works before registration. If it was tried, the reason stands beside it.",
    standsFor: ["TOP-13", "DIA-8", "FAIL-36"],
    when: [{ fact: "registration-status", matches: /^(UNREGISTERED|REGISTERING)/i }],
    yieldsTo: [
      ...["product_already_registered", "request_not_processed", "clock_wrong", "call_home_not_available"],
      ...["on_prem_certificate_expired", "call_home_message_failed", "evaluation_ends", "authorization_expired"],
    ],
    remedy: [
      ask("show call-home profile all", "ios-xe"),
      ask("show license tech support"),
      send("license smart register idtoken <TOKEN>", "ios-xe"),
    ],
    verify: [ask("show license status")],
  },
  code_missing: {
    severity: "warning",
    title: "A licence that needs an authorization code is in use without one",
    meaning:
      "Export-controlled and enforced licences need a code for each device. Everything keeps working on our devices.",
    standsFor: ["LOG-14"],
    when: [{ fact: "log", matches: /SMART_LIC-3-NOT_AUTHORIZED|AUTHORIZATION_INSTALL_FAILED/ }],
    remedy: [
      ask("show license authorization", "ios-xe"),
      send("license smart authorization request add all all", "ios-xe"),
    ],
    verify: [ask("show license authorization", "ios-xe")],
  },
} as const satisfies Record<string, Rule>;
