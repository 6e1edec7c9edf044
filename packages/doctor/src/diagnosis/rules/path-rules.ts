// Stages name, tcp, proxy and http: the way to the server, before anybody looks at a certificate or a message.

import type { Rule } from "../rule.ts";
import { advise, ask, configure, debug, reload, type Step, send } from "../step.ts";

/** A try from the device itself, on the transport that licensing uses. Ping proves nothing either way. */
export const tryThePath: readonly Step[] = [
  ask("telnet <HOST> 443"),
  send("license smart sync all", "ios-xe"),
  ask("show license history message", "ios-xe"),
];

/** Without end: what a capture on the device needs (it costs memory and is stopped by hand). */
const captureOnTheDevice: readonly Step[] = [
  debug("monitor capture CSSM interface <INTERFACE> both match any", "ios-xe"),
  debug("monitor capture CSSM start", "ios-xe"),
  send("license smart sync all", "ios-xe"),
  debug("monitor capture CSSM stop", "ios-xe"),
  debug("monitor capture CSSM export location flash:licensing.pcap", "ios-xe"),
  advise("countersign doctor capture licensing.pcap, on a machine that has the file"),
];

export const pathRules = {
  name_not_resolved: {
    severity: "fault",
    title: "The name of the licensing server or of the proxy is not resolved",
    meaning:
      "The device asks a DNS server that is missing, does not answer or does not know the name. Nothing is sent, so neither a firewall nor the licensing server has seen the device.",
    standsFor: ["FAIL-10", "FAIL-18", "LOG-3", "TRN-12", "DIA-4"],
    when: [
      { fact: "failure-reason", matches: /unable to resolve/i },
      { fact: "log", matches: /COMM_FAILED.{0,200}unable to resolve/i },
      { fact: "event", matches: /COMM_FAIL.{0,200}unable to resolve/i },
      { fact: "tcp-test", matches: /^unresolved$/ },
      { fact: "probe-failed", matches: /^(name_not_found|proxy_name_not_found)$/ },
    ],
    remedy: [
      ask("show running-config | include name-server|domain lookup|domain name", "ios-xe"),
      configure("ip domain lookup", "ios-xe"),
      configure("ip name-server <DNS-SERVER>", "ios-xe"),
      configure("ip domain lookup source-interface <INTERFACE>", "ios-xe"),
      configure("dns domain-lookup <INTERFACE>", "asa"),
      configure("ip name-server <DNS-SERVER>", "nx-os"),
      advise("In a VRF, name it in both lines: ip name-server vrf <VRF> <DNS-SERVER>, and an interface of that VRF."),
      advise("Without any DNS: ip host <HOST> <ADDRESS>, with the address that another machine resolves."),
    ],
    verify: tryThePath,
  },
  name_lookup_not_configured: {
    severity: "warning",
    title: "The configuration names no DNS server",
    meaning: "Without ip name-server or ip host the device cannot find a server by its name.",
    standsFor: ["FAIL-10", "TRN-14", "TRN-17"],
    when: [{ fact: "config-missing", matches: /^ip name-server or ip host$/ }],
    yieldsTo: ["name_not_resolved"],
    remedy: [configure("ip domain lookup", "ios-xe"), configure("ip name-server <DNS-SERVER>", "ios-xe")],
    verify: tryThePath,
  },
  connection_timed_out: {
    severity: "fault",
    title: "A connection is tried and nobody answers",
    meaning:
      "The name is known, and packets to the server or proxy get no answer. A route is missing, a firewall drops them on the way, or with a proxy its port is wrong.",
    standsFor: ["FAIL-11", "FAIL-19", "DIA-7", "TRN-30", "LOG-6"],
    when: [
      { fact: "failure-reason", matches: /connection timed out|host or network unreachable/i },
      { fact: "log", matches: /COMM_FAILED.{0,200}(connection timed out|unreachable)/i },
      { fact: "event", matches: /COMM_FAIL.{0,200}connection timed out/i },
      { fact: "tcp-test", matches: /^timed out$/ },
      { fact: "probe-failed", matches: /^(connection_timed_out|host_unreachable)$/ },
      { fact: "capture-silence", matches: /^no answer to SYN$/ },
    ],
    remedy: [
      ask("show ip route <HOST>", "ios-xe"),
      ask("show running-config | include ip http client|license smart proxy|license smart vrf", "ios-xe"),
      advise("Let every firewall on the way pass TCP 443 from the device's source interface to <HOST>."),
      advise("With a proxy, compare its port with what its administrator says."),
      ...captureOnTheDevice,
    ],
    verify: tryThePath,
  },
  connection_refused: {
    severity: "fault",
    title: "The server's address answers that nobody listens on this port",
    meaning:
      "Packets arrive. The service is down, the port in the address is wrong, or a firewall answers in its place.",
    standsFor: ["FAIL-11", "DIA-2"],
    when: [
      { fact: "failure-reason", matches: /connection refused/i },
      { fact: "log", matches: /COMM_FAILED.{0,200}connection refused/i },
      { fact: "tcp-test", matches: /^refused$/ },
      { fact: "probe-failed", matches: /^connection_refused$/ },
      { fact: "capture-reset", matches: /^SYN$/ },
    ],
    remedy: [
      ask("show license status", "ios-xe"),
      advise("Compare host and port with what the server's administrator says, and ask whether the service runs."),
    ],
    verify: tryThePath,
  },
  connection_reset: {
    severity: "fault",
    title: "The connection is opened and then cut off",
    meaning:
      "Somebody ends the connection with a reset while it is in use. A firewall that forbids what it sees does so, and a server that is restarted.",
    standsFor: ["FAIL-12", "TOP-15"],
    when: [
      { fact: "failure-reason", matches: /connection reset/i },
      { fact: "probe-failed", matches: /^connection_reset$/ },
      { fact: "capture-reset", matches: /^(TCP|TLS|data)$/ },
    ],
    remedy: [
      advise("Ask who runs the firewall for its log of this connection; exempt <HOST> from inspection."),
      ...captureOnTheDevice,
    ],
    verify: tryThePath,
  },
  firewall_resets: {
    severity: "fault",
    title: "A box on the way sends resets in the server's name",
    meaning:
      "The reset came over another number of hops than the server's own packets. It was made on the way, by a firewall or an inspecting proxy.",
    standsFor: ["FAIL-12", "TOP-15"],
    when: [{ fact: "capture-forged-reset" }],
    remedy: [
      advise("Give the capture's time, addresses and ports to who runs the firewalls; exempt <HOST> on TCP 443."),
    ],
    verify: tryThePath,
  },
  no_answer: {
    severity: "fault",
    title: "Messages are sent and no answer comes back",
    meaning:
      "The device sent a message and got nothing. An empty RESPONSE line in the history looks like an empty answer; there was none. Most likely something on the way drops the answer.",
    standsFor: ["FAIL-12", "FAIL-20", "DIA-11", "BET-1"],
    when: [
      { fact: "last-response", matches: /^NO REPLY/i },
      { fact: "unanswered-request" },
      { fact: "capture-silence", matches: /^fell silent/ },
      { fact: "probe-failed", matches: /^answer_timed_out$/ },
    ],
    yieldsTo: [
      ...["name_not_resolved", "connection_timed_out", "connection_refused", "connection_reset", "tls_intercepted"],
      ...["server_certificate_refused", "client_certificate_refused", "proxy_wants_password", "relay_unreachable"],
      ...["proxy_unreachable", "tls_handshake_failed"],
    ],
    remedy: [
      ask("show license tech support | section Trust", "ios-xe"),
      ask("telnet <HOST> 443"),
      ...captureOnTheDevice,
      debug("debug ip http client all", "ios-xe"),
      debug("debug ssl openssl errors", "ios-xe"),
      advise("undebug all, as soon as the failure has been seen"),
    ],
    verify: tryThePath,
  },
  relay_unreachable: {
    severity: "fault",
    title: "The relay (CSLU) does not answer",
    meaning:
      "Transport is cslu, and every message ends without a reply. The relay is off, its address is wrong, or TCP 8182 is closed on the way. Usage is kept meanwhile.",
    standsFor: ["FAIL-20", "TRN-3", "TRN-4"],
    when: [{ fact: "last-response", matches: /^NO REPLY/i }],
    and: [{ fact: "transport-type", matches: /^cslu$/i }],
    remedy: [
      ask("show license status | include Cslu", "ios-xe"),
      ask("telnet <RELAY> 8182"),
      configure("license smart url cslu http://<RELAY>:8182/cslu/v1/pi", "ios-xe"),
    ],
    verify: [send("license smart sync all", "ios-xe"), ask("show license tech support | section Hello", "ios-xe")],
  },
  communication_failed_unexplained: {
    severity: "fault",
    title: "Communication fails, and the device does not say where",
    meaning:
      "The same log line is written when no DNS server works and when there is no way to the internet. A try by hand tells them apart.",
    standsFor: ["FAIL-10", "FAIL-11", "LOG-3", "LOG-4", "BET-3", "BET-13"],
    when: [
      { fact: "log", matches: /COMM_FAILED: Communications failure/ },
      { fact: "event", matches: /COMM_FAIL/ },
    ],
    yieldsTo: [
      ...["name_not_resolved", "connection_timed_out", "connection_refused", "connection_reset", "no_answer"],
      ...["call_home_not_available", "call_home_message_failed", "empty_answer", "proxy_wants_password"],
      ...["server_certificate_refused", "tls_handshake_failed", "relay_unreachable", "proxy_unreachable"],
    ],
    remedy: [
      ask("telnet <HOST> 443"),
      advise("Names not resolved: DNS. Trying and no answer: route, firewall. Open: go on with TLS."),
      ask("show license history message", "ios-xe"),
      advise("countersign doctor probe https://<HOST>, from a machine in the device's network"),
    ],
    verify: tryThePath,
  },
  empty_answer: {
    severity: "fault",
    title: "The server answers with nothing",
    meaning:
      "Something speaks HTTP there that does not understand this transport: after an upgrade often the address of the old transport, or of an on-premises server that is too old.",
    standsFor: ["GEN-4", "FAIL-26"],
    when: [
      { fact: "failure-reason", matches: /empty response/i },
      { fact: "log", matches: /COMM_FAILED.{0,200}empty response/i },
      { fact: "probe-failed", matches: /^empty_answer$/ },
    ],
    remedy: [
      ask("show license status | section Transport", "ios-xe"),
      configure("license smart transport smart", "ios-xe"),
      configure("license smart url default", "ios-xe"),
      advise("On premises: copy the address for this type of device from the server's own page."),
    ],
    verify: tryThePath,
  },
  http_error: {
    severity: "fault",
    title: "The server answers with an HTTP error, or is no licensing server",
    meaning: "The path is right up to HTTP. The address names another service, or the service is not well.",
    standsFor: ["DIA-8", "TRN-26"],
    when: [
      {
        fact: "probe-failed",
        matches: /^(http_status|answer_too_large|invalid_json|json_too_deep|envelope_invalid|unexpected)$/,
      },
    ],
    remedy: [
      advise("Compare the path of the address: /licservice/license, or /SmartTransport on premises."),
      advise("A page that asks for a login is a captive portal or a proxy: exempt the device."),
    ],
    verify: tryThePath,
  },
  proxy_wants_password: {
    severity: "fault",
    title: "The proxy wants a user name and password",
    meaning:
      "The proxy answers 407. The 9800 cannot log in to a proxy up to 17.9.2, and other devices only when they are told how.",
    standsFor: ["FAIL-25", "TRN-22", "BET-7"],
    when: [
      { fact: "failure-reason", matches: /\b407\b|proxy (demands|refused) (a|the) username/i },
      { fact: "log", matches: /COMM_FAILED.{0,200}(\b407\b|proxy (demands|refused) (a|the) username)/i },
      { fact: "probe-failed", matches: /^proxy_authentication_(needed|refused)$/ },
      { fact: "capture-proxy-answer", matches: /^407$/ },
    ],
    remedy: [
      advise("Let the proxy pass the device's address to <HOST> without a login; or"),
      advise("put a relay (CSLU) between: it can log in to a proxy. Then on the device:"),
      configure("license smart transport cslu", "ios-xe"),
      configure("license smart url cslu http://<RELAY>:8182/cslu/v1/pi", "ios-xe"),
    ],
    verify: [send("license smart sync all", "ios-xe"), ask("show license history message", "ios-xe")],
  },
  proxy_refuses: {
    severity: "fault",
    title: "The proxy does not let this connection through",
    meaning: "The proxy was reached, and its rules forbid a tunnel to the licensing server.",
    standsFor: ["TOP-15", "DIA-5"],
    when: [
      { fact: "failure-reason", matches: /proxy refused to connect/i },
      { fact: "probe-failed", matches: /^proxy_refused$/ },
      { fact: "capture-proxy-answer", matches: /^(4(?!07)|5)\d\d$/ },
    ],
    remedy: [
      advise("Ask who runs the proxy to allow CONNECT to <HOST>, port 443, and look for the server's name there."),
    ],
    verify: tryThePath,
  },
  proxy_unreachable: {
    severity: "fault",
    title: "The proxy cannot be reached",
    meaning: "Address or port of the proxy is wrong, the proxy is off, or a firewall stands before it.",
    standsFor: ["FAIL-19", "DIA-5", "TRN-21"],
    when: [
      { fact: "failure-reason", matches: /unable to connect to the proxy/i },
      { fact: "probe-failed", matches: /^proxy_unreachable$/ },
    ],
    remedy: [
      ask("telnet <PROXY> <PORT>"),
      configure("license smart proxy address <PROXY>", "ios-xe"),
      configure("license smart proxy port <PORT>", "ios-xe"),
    ],
    verify: tryThePath,
  },
  ping_fails_port_open: {
    severity: "note",
    title: "Ping fails and the port is open: this is no fault",
    meaning: "Licensing servers need not answer ping, and not every address of theirs does. The TCP connection counts.",
    standsFor: ["FAIL-35", "DIA-1", "TRN-7", "BET-13", "AMB-13"],
    when: [{ fact: "ping-percent", atMost: 99 }],
    and: [{ fact: "tcp-test", matches: /^open$/ }],
    remedy: [],
    verify: [],
  },
  ping_is_no_test: {
    severity: "note",
    title: "Ping fails; that alone says nothing",
    meaning: "A server that does not answer ping may serve well. Only a try on the TCP port tells.",
    standsFor: ["DIA-1", "DIA-2", "BET-13"],
    when: [{ fact: "ping-percent", atMost: 99 }],
    unless: [{ fact: "tcp-test" }],
    remedy: [ask("telnet <HOST> 443")],
    verify: [],
  },
  tested_another_port: {
    severity: "warning",
    title: "The test went to another port than the one that was asked for",
    meaning: "The device says which port it tries. What this test shows is true for that port only.",
    standsFor: ["BET-19", "DIA-2"],
    when: [{ fact: "tcp-port-mismatch" }],
    remedy: [ask("telnet <HOST> 443")],
    verify: [],
  },
  device_is_offline: {
    severity: "warning",
    title: "The device is set to report by files only",
    meaning:
      "It says that its transport is off or offline, so it sends nothing by itself. That is right in a network without a way out, and then files must be carried in time.",
    standsFor: ["TOP-4", "GEN-7", "GEN-9"],
    when: [
      { fact: "overall-state", matches: /offline transport/i },
      { fact: "transport-type", matches: /^(transport )?off$/i },
    ],
    remedy: [
      configure("license smart transport smart", "ios-xe"),
      send("license smart trust idtoken <TOKEN> all", "ios-xe"),
      advise(
        "Or carry files: license smart save usage unreported file flash:usage.txt, and import what the manager gives back.",
      ),
    ],
    verify: [ask("show license status", "ios-xe")],
  },
  last_resort: {
    severity: "note",
    title: "Many failures in a row: the last step of the guide, not the first",
    meaning:
      "When name, port, certificate and token have been found right, the guides end with a factory reset of licensing. It throws trust and policy away, and on other makers' devices it needs a reload.",
    standsFor: ["DIA-31", "BET-10", "HW-2"],
    when: [{ fact: "failures-in-a-row", atLeast: 100 }],
    remedy: [reload("license smart factory reset", "ios-xe"), reload("reload", "ios-xe")],
    verify: [ask("show license status | include Trust", "ios-xe")],
  },
} as const satisfies Record<string, Rule>;
