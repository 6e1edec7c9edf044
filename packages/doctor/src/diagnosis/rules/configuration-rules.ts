// What a configuration lacks or has wrong, and call-home of the classic model.

import type { Rule } from "../rule.ts";
import { advise, ask, configure, save, send } from "../step.ts";

export const configurationRules = {
  source_interface_missing: {
    severity: "warning",
    title: "The HTTP client has no source interface",
    meaning: "Licensing leaves by the interface of the HTTP client. It must be named, even where there is only one.",
    standsFor: ["FAIL-16", "TRN-9"],
    when: [{ fact: "config-missing", matches: /^ip http client source-interface$/ }],
    remedy: [configure("ip http client source-interface <INTERFACE>", "ios-xe"), save("write memory", "ios-xe")],
    verify: [ask("show running-config | include ip http client", "ios-xe"), send("license smart sync all", "ios-xe")],
  },
  client_trustpoint_missing: {
    severity: "warning",
    title: "The trustpoint is set for the web pages and not for licensing",
    meaning:
      "ip http secure-trustpoint is the server of the web pages. Licensing is the HTTP client and has a line of its own.",
    standsFor: ["FAIL-17", "TRN-10", "SEC-5"],
    when: [{ fact: "config-missing", matches: /^ip http client secure-trustpoint$/ }],
    remedy: [
      ask("show crypto pki trustpoints", "ios-xe"),
      configure("ip http client secure-trustpoint <TRUSTPOINT>", "ios-xe"),
      save("write memory", "ios-xe"),
    ],
    verify: [ask("show running-config | include ip http client", "ios-xe"), send("license smart sync all", "ios-xe")],
  },
  call_home_not_available: {
    severity: "fault",
    title: "Call-home is not ready to carry licensing",
    meaning: "Call-home is off, no profile is active, or the active profile does not carry licensing data.",
    standsFor: ["FAIL-4a", "FAIL-4b", "LOG-16", "TRN-24"],
    when: [
      { fact: "failure-reason", matches: /communications? transport (is )?not available/i },
      { fact: "log", matches: /communications? transport (is )?not available|CALL_HOME_FAILED_TO_ENABLE/i },
    ],
    remedy: [
      ask("show call-home profile all", "ios-xe"),
      configure("service call-home", "ios-xe"),
      configure("call-home", "ios-xe"),
      configure("profile CiscoTAC-1", "ios-xe"),
      configure("active", "ios-xe"),
      configure("reporting smart-licensing-data", "ios-xe"),
      save("write memory", "ios-xe"),
    ],
    verify: [ask("show call-home smart-licensing", "ios-xe"), send("license smart register idtoken <TOKEN>", "ios-xe")],
  },
  call_home_message_failed: {
    severity: "fault",
    title: "Call-home could not send its message",
    meaning: "Name, route, port 443, source interface, VRF or the address in the active profile: one of them is wrong.",
    standsFor: ["FAIL-5a", "FAIL-5b", "LOG-17", "TRN-18", "TRN-19"],
    when: [
      { fact: "failure-reason", matches: /fail to send out call home|communication message send error/i },
      {
        fact: "log",
        matches: /fail to send out (call home|smart licensing)|communication message send error|SL_MESSAGE_FAILED/i,
      },
    ],
    remedy: [
      ask("show call-home profile all", "ios-xe"),
      ask("telnet <HOST> 443"),
      ask("show running-config | include name-server|ip host|ip http client|vrf", "ios-xe"),
      ask("show ip route <HOST>", "ios-xe"),
      configure("ip http client source-interface <INTERFACE>", "ios-xe"),
      ask("show call-home", "asa"),
      advise("Let every firewall on the way pass TCP 443 to the address in the active profile."),
    ],
    verify: [
      send("license smart renew auth", "ios-xe"),
      send("license smart renew auth", "asa"),
      ask("show license status"),
    ],
  },
  several_profiles_active: {
    severity: "fault",
    title: "More than one call-home profile is active, or none",
    meaning: "Licensing takes exactly one.",
    standsFor: ["FAIL-34", "TRN-24"],
    when: [
      { fact: "active-profiles", atLeast: 2 },
      { fact: "active-profiles", atMost: 0 },
    ],
    remedy: [
      ask("show call-home profile all", "ios-xe"),
      configure("call-home", "ios-xe"),
      configure("profile <PROFILE>", "ios-xe"),
      configure("no active", "ios-xe"),
    ],
    verify: [ask("show call-home smart-licensing", "ios-xe")],
  },
  on_prem_address_wrong: {
    severity: "fault",
    title: "The on-premises address in the call-home profile is spelt wrong",
    meaning: "Its path is /Transportgateway/services/DeviceRequestHandler, in exactly these capitals.",
    standsFor: ["FAIL-34", "TRN-26"],
    when: [
      {
        fact: "transport-url",
        matches:
          /\/(?!Transportgateway\/services\/DeviceRequestHandler)[Tt][Rr][Aa][Nn][Ss][Pp][Oo][Rr][Tt][Gg][Aa][Tt][Ee][Ww][Aa][Yy]\//,
        about: /^call-home$/,
      },
    ],
    remedy: [
      configure("no destination address http <WRONG-ADDRESS>", "ios-xe"),
      configure("destination address http https://<HOST>/Transportgateway/services/DeviceRequestHandler", "ios-xe"),
    ],
    verify: [ask("show call-home profile all", "ios-xe")],
  },
  address_of_other_model: {
    severity: "warning",
    title: "The address belongs to the other licensing model",
    meaning: "The policy model talks to smartreceiver.cisco.com, the classic model to tools.cisco.com.",
    standsFor: ["GEN-4", "AMB-1", "FAIL-34"],
    when: [{ fact: "transport-url", matches: /^https?:\/\/tools\.cisco\.com/i }],
    and: [
      { fact: "model", matches: /^policy$/ },
      { fact: "transport-type", matches: /^smart$/i },
    ],
    remedy: [configure("license smart url default", "ios-xe"), save("write memory", "ios-xe")],
    verify: [ask("show license status | section Transport", "ios-xe"), send("license smart sync all", "ios-xe")],
  },
  on_prem_too_old: {
    severity: "fault",
    title: "The on-premises server is too old for the policy model",
    meaning: "Devices of 17.3.2 and later need an on-premises server of 8-202102 or later.",
    standsFor: ["FAIL-26", "AMB-2"],
    when: [{ fact: "log", matches: /REPORTING_NOT_SUPPORTED|down rev/ }],
    remedy: [advise("Upgrade the on-premises server to 8-202102 or later; then synchronise it.")],
    verify: [send("license smart sync all", "ios-xe"), ask("show license status", "ios-xe")],
  },
  keys_not_saved: {
    severity: "warning",
    title: "The licensing keys are not saved",
    meaning: "After a reload or a switchover the device would stand there without its registration.",
    standsFor: ["FAIL-32", "SEC-10", "LOG-12"],
    when: [{ fact: "log", matches: /PKI-4-NOCONFIGAUTOSAVE|SMART_LIC-4-CONFIG_NOT_SAVED/ }],
    remedy: [save("write memory", "ios-xe")],
    verify: [ask("show logging | include NOCONFIGAUTOSAVE|CONFIG_NOT_SAVED", "ios-xe")],
  },
} as const satisfies Record<string, Rule>;
