// For each rule what makes it speak, and what is close to that and must not: texts as a person pastes them, or facts where they
// come from a probe or a capture. Devices, serial numbers and accounts are invented.

import type { Fact, FactKind } from "./fact.ts";
import type { FindingCode } from "./rule-table.ts";

export type Fixture = { readonly speaks: readonly (string | Fact)[]; readonly silent: readonly (string | Fact)[] };

export function fact(kind: FactKind, value: string | number, about = ""): Fact {
  return { kind, value, about, evidence: { source: "test", place: "stage tls", text: String(value) } };
}

const probe = (code: string) => fact("probe-failed", code);
const policy = "Smart Licensing Using Policy:\n  Status: ENABLED\n";
const smart = "Transport:\n  Type: Smart\n  URL: https://licences.example.org/licservice/license\n";
const commFailed =
  "Aug 22 12:13:08.425: %SMART_LIC-3-COMM_FAILED: Communications failure with the Cisco Smart Software Manager";
const statistic = (kind: string, attempts: string, response: string, reason = "<none>") => `
${kind}:
  Attempts: ${attempts}
  Last Response: ${response}
    Failure Reason: ${reason}
`;
const failing = "Total=2, Success=0, Fail=2  Ongoing Failure: Overall=2 Communication=2";
const healed = "Total=3, Success=1, Fail=2  Ongoing Failure: Overall=0 Communication=0";
const classic = (reason: string) => `
Registration:
  Status: REGISTERING - REGISTRATION IN PROGRESS
  Export-Controlled Functionality: NOT ALLOWED
  Initial Registration: FAILED on Oct 22 14:25:31 2031 EST
    Failure reason: ${reason}
  Next Registration Attempt: Oct 22 14:45:34 2031 EST
`;
const authorization = (status: string, rest = "") => `
License Authorization:
  Status: ${status}
${rest}`;
const configuration = (lines: string) => `sw1#show running-config
Building configuration...

Current configuration : 4711 bytes
!
hostname sw1
${lines}
end
`;
const complete = `license smart transport smart
ip name-server 192.0.2.53
ip http client source-interface Vlan10
`;
const telnet = (answer: string) =>
  `sw1#telnet licences.example.org 443\nTrying licences.example.org (192.0.2.7, 443)...${answer}\n`;
const pingFails = `sw1#ping licences.example.org
Sending 5, 100-byte ICMP Echos to 192.0.2.7, timeout is 2 seconds:
.....
Success rate is 0 percent (0/5)
`;

export const fixtures: Readonly<Record<FindingCode, Fixture>> = {
  name_not_resolved: {
    speaks: [
      `${commFailed} (CSSM) : Unable to resolve server hostname/domain name`,
      statistic(
        "Trust Establishment",
        failing,
        "NO REPLY on Jan 24 2031",
        "Unable to resolve server hostname/domain name",
      ),
      "sw1#telnet licences.example.org 443\n% Bad IP address or host name% Unknown command or computer name\n",
      probe("proxy_name_not_found"),
    ],
    silent: [
      statistic("Trust Establishment", healed, "OK on Jan 24 2031", "Unable to resolve server hostname/domain name"),
      `${commFailed} (CSSM) : Unable to resolve server hostname/domain name\nAug 22 12:14:08.425: %SMART_LIC-5-COMM_RESTORED: Communications with the CSSM restored`,
    ],
  },
  name_lookup_not_configured: {
    speaks: [configuration("license smart transport smart\nip http client source-interface Vlan10")],
    silent: [
      configuration(complete),
      configuration("license smart transport smart\nip host licences.example.org 192.0.2.7"),
    ],
  },
  connection_timed_out: {
    speaks: [
      `${commFailed} (CSSM) : Connection timed out`,
      '2031-01-24 15:17:46.341 UTC SAEVT_COMM_FAIL error="Connection timed out"',
      telnet("\n% Connection timed out; remote host not responding"),
      fact("capture-silence", "no answer to SYN"),
    ],
    silent: [
      telnet(" Open"),
      '2031-01-24 15:17:46.341 UTC SAEVT_COMM_FAIL error="Connection timed out"\n2031-01-24 15:35:22.627 UTC SAEVT_COMM_RESTORED',
    ],
  },
  connection_refused: {
    speaks: [
      telnet("\n% Connection refused by remote host"),
      probe("connection_refused"),
      fact("capture-reset", "SYN"),
    ],
    silent: [telnet(" Open"), fact("capture-reset", "data")],
  },
  connection_reset: {
    speaks: [probe("connection_reset"), fact("capture-reset", "TLS")],
    silent: [fact("capture-reset", "SYN"), fact("capture-reset", "end")],
  },
  firewall_resets: {
    speaks: [fact("capture-forged-reset", "hops 61, before 49")],
    silent: [fact("capture-reset", "data")],
  },
  no_answer: {
    speaks: [
      statistic("Usage Reporting", failing, "NO REPLY on Jan 24 23:10:01 2031 UTC"),
      'Trust Establishment:\nREQUEST: Aug 22 12:12:01 2031 UTC\n{"request":"x"}\nRESPONSE: Aug 22 12:12:02 2031 UTC\n\nUsage Reporting:\nNo past history\n',
    ],
    silent: [
      'Trust Establishment:\nREQUEST: Aug 22 12:12:01 2031 UTC\n{"request":"x"}\nRESPONSE: Aug 22 12:12:02 2031 UTC\n{"response":"y"}\n',
      statistic("Usage Reporting", healed, "NO REPLY on Jan 24 23:10:01 2031 UTC"),
    ],
  },
  relay_unreachable: {
    speaks: [`Transport:\n  Type: cslu\n${statistic("Hello Message", failing, "NO REPLY on Jan 24 2031")}`],
    silent: [`Transport:\n  Type: cslu\n${statistic("Hello Message", healed, "OK on Jan 24 2031")}`],
  },
  communication_failed_unexplained: {
    speaks: [commFailed],
    silent: [`${commFailed} (CSSM) : Connection timed out`, "%SMART_LIC-5-COMM_RESTORED: Communications restored"],
  },
  empty_answer: {
    speaks: [`${commFailed} (CSSM) : Received empty response from server`],
    silent: [commFailed],
  },
  http_error: { speaks: [probe("http_status"), probe("invalid_json")], silent: [probe("empty_answer")] },
  proxy_wants_password: {
    speaks: [probe("proxy_authentication_needed"), fact("capture-proxy-answer", "407")],
    silent: [probe("proxy_refused"), fact("capture-proxy-answer", "403")],
  },
  proxy_refuses: {
    speaks: [fact("capture-proxy-answer", "403"), probe("proxy_refused")],
    silent: [fact("capture-proxy-answer", "407"), fact("capture-proxy-answer", "200")],
  },
  proxy_unreachable: { speaks: [probe("proxy_unreachable")], silent: [probe("connection_refused")] },
  ping_fails_port_open: {
    speaks: [pingFails + telnet(" Open")],
    silent: [pingFails + telnet("\n% Connection refused by remote host"), telnet(" Open")],
  },
  ping_is_no_test: { speaks: [pingFails], silent: ["Success rate is 100 percent (5/5)", pingFails + telnet(" Open")] },
  tested_another_port: {
    speaks: ["sw1#telnet licences.example.org 443\nTrying licences.example.org (192.0.2.7, 80)... Open\n"],
    silent: [telnet(" Open")],
  },
  device_is_offline: {
    speaks: ["Overall State: Device configured for Offline transport", "Transport:\n  Type: Transport Off"],
    silent: ["Overall State: <empty>", smart],
  },
  last_resort: {
    speaks: [
      statistic(
        "Usage Reporting",
        "Total=205, Success=0, Fail=205  Ongoing Failure: Overall=205 Communication=205",
        "NO REPLY",
      ),
    ],
    silent: [
      statistic(
        "Usage Reporting",
        "Total=205, Success=106, Fail=99  Ongoing Failure: Overall=99 Communication=99",
        "NO REPLY",
      ),
    ],
  },
  clock_wrong: {
    speaks: [
      classic(`{"timestamp":["The device date '1526135268653' is offset beyond the allowed tolerance limit."]}`),
      "%PKI-3-CERTIFICATE_INVALID_NOT_YET_VALID: Certificate chain validation has failed. The certificate (SN: 01) is not yet valid.",
      fact("clock-offset-seconds", 3600),
      fact("clock-offset-seconds", -3600),
    ],
    silent: [fact("clock-offset-seconds", 3599), fact("clock-offset-seconds", -3599), "Clock sync-ed with NTP: False"],
  },
  clock_not_synchronised: {
    speaks: ["Clock sync-ed with NTP: False", "No time source, *17:05:54.449 UTC Mon Jul 29 2031"],
    silent: ["Clock sync-ed with NTP: True", "Time source is NTP, 11:04:51.711 UTC Fri Sep 1 2031"],
  },
  crl_unreachable: {
    speaks: [
      "%PKI-3-CRL_FETCH_FAIL: CRL fetch for trustpoint SLA-TrustPoint failed Reason : Failed to select socket. Timeout : 5 (Connection timed out)",
      authorization(
        "OUT OF COMPLIANCE on Jul 26 2031",
        "  Last Communication Attempt: PENDING on Aug 02 2031\n    Failure reason: Waiting for reply\n",
      ),
    ],
    silent: [authorization("AUTHORIZED on Jul 26 2031", "  Last Communication Attempt: SUCCEEDED on Aug 02 2031\n")],
  },
  revocation_check_on: {
    speaks: [
      configuration(
        `${complete}license smart url https://onprem.example.org/SmartTransport\ncrypto pki trustpoint SLA-TrustPoint\n enrollment pkcs12\n revocation-check crl`,
      ),
    ],
    silent: [
      configuration(
        `${complete}license smart url https://onprem.example.org/SmartTransport\ncrypto pki trustpoint SLA-TrustPoint\n revocation-check none`,
      ),
      configuration(`${complete}crypto pki trustpoint SLA-TrustPoint\n revocation-check crl`),
    ],
  },
  tls_intercepted: {
    speaks: [fact("server-certificate-issuer", "O=Fortinet, CN=FG100E"), fact("unexpected-issuer", "CN=Inspection")],
    silent: [fact("server-certificate-issuer", "CN=Countersign TLS CA")],
  },
  server_certificate_refused: {
    speaks: [
      probe("certificate_expired"),
      fact("capture-alert", "client: unknown_ca"),
      fact("server-certificate-days", -1),
    ],
    silent: [fact("capture-alert", "server: unknown_ca"), fact("server-certificate-days", 31)],
  },
  server_certificate_expires: {
    speaks: [fact("server-certificate-days", 30)],
    silent: [fact("server-certificate-days", 31), fact("server-certificate-days", -1)],
  },
  client_certificate_refused: {
    speaks: [fact("capture-alert", "server: unknown_ca")],
    silent: [fact("capture-alert", "client: unknown_ca"), fact("capture-alert", "server: close_notify")],
  },
  client_certificate_empty: {
    speaks: [fact("capture-client-certificate", "empty")],
    silent: [fact("capture-client-certificate", "shown")],
  },
  tls_handshake_failed: {
    speaks: [probe("tls_handshake_failed"), fact("capture-alert", "server: handshake_failure")],
    silent: [fact("capture-alert", "server: close_notify")],
  },
  plain_http: {
    speaks: [
      fact("capture-plain-http", "POST /licservice/license"),
      "Transport:\n  Type: Smart\n  URL: http://licences.example.org/licservice/license",
    ],
    silent: [smart, "Transport:\n  Type: cslu\n  Cslu address: http://192.0.2.8:8182/cslu/v1/pi"],
  },
  on_prem_certificate_expired: {
    speaks: [
      '2031-01-24 15:17:46.341 UTC SAEVT_DEREGISTER_STATUS msgStatus="LS_INVALID_DATA" error="Missing Id cert serial number field; Missing signing cert serial number field; Signed data and certificate does does not match"',
    ],
    silent: ['2031-01-24 15:17:46.341 UTC SAEVT_DEREGISTER_STATUS msgStatus="LS_SUCCESS"'],
  },
  server_named_by_address: {
    speaks: ["Transport:\n  Type: Smart\n  URL: https://192.0.2.7/SmartTransport"],
    silent: [smart],
  },
  signature_does_not_match: {
    speaks: [
      "%SMART_LIC-3-AUTH_RENEW_FAILED: Authorization renewal with the Cisco Smart Software Manager (CSSM) : Error received from Smart Software Manager: Data and signature do not match for udi PID:C9000,SN:ABC12345678",
      authorization(
        "AUTHORIZED on Mar 12 2031",
        "  Last Communication Attempt: FAILED on Mar 12 2031\n    Failure reason: Data and signature do not match\n",
      ),
    ],
    silent: [
      "%SMART_LIC-3-AUTH_RENEW_FAILED: Authorization renewal : Data and signature do not match for udi PID:C9000,SN:A\n%SMART_LIC-6-AUTH_RENEW_SUCCESS: Authorization renewal successful",
    ],
  },
  answer_signature_refused: {
    speaks: [probe("certificate_foreign"), probe("signature_mismatch")],
    silent: [probe("certificate_expired")],
  },
  source_interface_missing: {
    speaks: [configuration("license smart transport smart\nip name-server 192.0.2.53")],
    silent: [configuration(complete), configuration("hostname only"), "license smart transport smart\n"],
  },
  client_trustpoint_missing: {
    speaks: [configuration(`${complete}ip http secure-trustpoint TP-self-signed-1`)],
    silent: [
      configuration(
        `${complete}ip http secure-trustpoint TP-self-signed-1\nip http client secure-trustpoint TP-self-signed-1`,
      ),
      configuration(complete),
    ],
  },
  call_home_not_available: {
    speaks: [
      classic("Communication transport not available"),
      "%CALL_HOME-3-CALL_HOME_FAILED_TO_ENABLE: Failed to enable call-home from Smart Agent for Licensing",
    ],
    silent: [
      "%CALL_HOME-3-CALL_HOME_FAILED_TO_ENABLE: Failed to enable call-home\n%SMART_LIC-6-AGENT_REG_SUCCESS: Smart Agent for Licensing Registration successful",
    ],
  },
  call_home_message_failed: {
    speaks: [
      "%CALL_HOME-5-SL_MESSAGE_FAILED: Fail to send out Smart Licensing message to: https://192.0.2.1/its/service/oddce/services/DDCEService (ERR 205 : Request Aborted)",
      classic("Fail to send out Call Home HTTP message."),
    ],
    silent: [classic("Product Already Registered")],
  },
  several_profiles_active: {
    speaks: [
      configuration('service call-home\ncall-home\n profile "CiscoTAC-1"\n  active\n profile "Own"\n  active'),
      configuration('service call-home\ncall-home\n profile "CiscoTAC-1"\n  no active'),
    ],
    silent: [
      configuration('service call-home\ncall-home\n profile "CiscoTAC-1"\n  no active\n profile "Own"\n  active'),
    ],
  },
  on_prem_address_wrong: {
    speaks: [
      configuration(
        'call-home\n profile "Own"\n  active\n  destination address http https://onprem.example.org/transportgateway/services/DeviceRequestHandler',
      ),
    ],
    silent: [
      configuration(
        'call-home\n profile "Own"\n  active\n  destination address http https://onprem.example.org/Transportgateway/services/DeviceRequestHandler',
      ),
    ],
  },
  address_of_other_model: {
    speaks: [
      `${policy}Transport:\n  Type: Smart\n  URL: https://tools.cisco.com/its/service/oddce/services/DDCEService`,
    ],
    silent: [`${policy}${smart}`],
  },
  on_prem_too_old: {
    speaks: [
      "%SMART_LIC-4-REPORTING_NOT_SUPPORTED: The CSSM OnPrem is down rev and does not support the enhanced policy and usage reporting mode",
    ],
    silent: ["%SMART_LIC-6-REPORTING_REQUIRED: A Usage report acknowledgement will be required in 89 days."],
  },
  keys_not_saved: {
    speaks: [
      '%PKI-4-NOCONFIGAUTOSAVE: Configuration was modified. Issue "write memory" to save new IOS PKI configuration',
    ],
    silent: [
      '%PKI-4-NOCONFIGAUTOSAVE: Configuration was modified. Issue "write memory"\nsw1#write memory\nBuilding configuration...\n[OK]\n',
      "%PKI-6-CONFIGAUTOSAVE: Running configuration saved to NVRAM",
    ],
  },
  product_already_registered: {
    speaks: [
      classic("Product Already Registered"),
      classic("The product regid.x and sudi containing udiSerialNumber:ABC1,udiPid:C9300 has already been registered."),
      classic("Existing Product Instance has Consumption and Force Flag is False"),
    ],
    silent: [classic("Your request could not be processed right now. Please try again")],
  },
  request_not_processed: {
    speaks: [classic("Your request could not be processed right now. Please try again")],
    silent: [classic("Product Already Registered")],
  },
  identity_unknown: {
    speaks: [
      statistic(
        "Usage Reporting",
        failing,
        "INVALID STATUS CODE on Jan 24 2031",
        '{"product_instance_identifier":["The identity for the instance f0a1 is not valid.Please re-register the instance."]}',
      ),
    ],
    silent: [
      statistic(
        "Usage Reporting",
        failing,
        "INVALID STATUS CODE on Jan 24 2031",
        "Invalid ProductInstanceIdentifier: f0a1 provided in the polling request 7",
      ),
    ],
  },
  poll_refused: {
    speaks: [
      'Result Polling:\nREQUEST: Aug 22 2031\n{"a":1}\nRESPONSE: Aug 22 2031\n{"response":{"status_code":"FAILED","status_message":"Invalid ProductInstanceIdentifier: f0a1 provided in the polling request 7"}}\n',
    ],
    silent: [
      'Result Polling:\nREQUEST: Aug 22 2031\n{"a":1}\nRESPONSE: Aug 22 2031\n{"response":{"status_code":"OK"}}\n',
    ],
  },
  trust_attempts_stopped: {
    speaks: [`Trust Code Installed: <none>\n${statistic("Trust Establishment", failing, "NO REPLY on Jan 24 2031")}`],
    silent: [
      `Trust Code Installed: Jan 24 13:00:00 2031 UTC\n${statistic("Trust Establishment", failing, "NO REPLY on Jan 24 2031")}`,
    ],
  },
  trust_refused: {
    speaks: [
      "%SMART_LIC-3-TRUST_CODE_INSTALL_FAILED: The install of a new licensing trust code has failed on P:C9300,S:ABC: already installed",
    ],
    silent: [
      "%SMART_LIC-3-TRUST_CODE_INSTALL_FAILED: The install has failed on P:C9300,S:ABC\n%SMART_LIC-6-TRUST_INSTALL_SUCCESS: A new licensing trust code was successfully installed on P:C9300,S:ABC.",
    ],
  },
  trust_not_installed: {
    speaks: [`${smart}Trust Code Installed: <none>`],
    silent: [
      "Transport:\n  Type: cslu\nTrust Code Installed: <none>",
      `${smart}Trust Code Installed: Jan 24 13:00:00 2031 UTC`,
    ],
  },
  member_without_trust: {
    speaks: [
      "P:C9800-40-K9,S:ABC1: P:C9800-40-K9,S:ABC1, state[2], Trust Data INSTALLED  TrustId:1\nP:C9800-40-K9,S:ABC2: No Trust Data\n",
      "Trust Code Installed:\n  Active: PID:C9300-24P,SN:ABC1\n    INSTALLED on Jan 24 2031\n  Standby: PID:C9300-24P,SN:ABC2\n    NOT INSTALLED\n",
    ],
    silent: [
      "P:C9800-40-K9,S:ABC1: No Trust Data\nP:C9800-40-K9,S:ABC2: No Trust Data\n",
      "Trust Code Installed:\n  Active: PID:C9300-24P,SN:ABC1\n    INSTALLED on Jan 24 2031\n  Standby: PID:C9300-24P,SN:ABC2\n    INSTALLED on Jan 24 2031\n",
    ],
  },
  out_of_compliance: {
    speaks: [
      authorization("OUT OF COMPLIANCE on Jul 26 09:24:09 2031 UTC"),
      "%SMART_LIC-3-OUT_OF_COMPLIANCE: One or more entitlements are out of compliance",
      "  network-advantage   (C9300-48 Network Advan...)        2 OUT OF COMPLIANCE",
    ],
    silent: [
      authorization("AUTHORIZED on Jul 26 09:24:09 2031 UTC"),
      "%SMART_LIC-3-OUT_OF_COMPLIANCE: One or more entitlements are out of compliance\n%SMART_LIC-5-IN_COMPLIANCE: All entitlements and licenses in use on this device are authorized",
    ],
  },
  authorization_expired: {
    speaks: [authorization("AUTHORIZATION EXPIRED on Jul 26 2031"), authorization("EVAL EXPIRED on Jul 26 2031")],
    silent: [authorization("EVAL MODE")],
  },
  evaluation_ends: {
    speaks: [authorization("EVAL MODE", "  Evaluation Period Remaining: 30 days, 18 hours, 43 minutes, 0 seconds")],
    silent: [authorization("EVAL MODE", "  Evaluation Period Remaining: 65 days, 18 hours, 43 minutes, 0 seconds")],
  },
  not_registered: {
    speaks: ["Registration:\n  Status: UNREGISTERED\n"],
    silent: ["Registration:\n  Status: REGISTERED\n"],
  },
  code_missing: {
    speaks: [
      "%SMART_LIC-3-NOT_AUTHORIZED: The entitlement regid.x in Not Authorized to be used. Reason: License not present",
    ],
    silent: [
      "%SMART_LIC-6-AUTHORIZATION_INSTALL_SUCCESS: A new licensing authorization code was successfully installed",
    ],
  },
  mandatory_acknowledgement_missing: {
    speaks: [
      "Cisco IOS XE Software, Version 17.09.02\nLast ACK received: <none>\nUDI: PID:C9800-CL-K9,SN:9ABCDEFGHIJ\n",
    ],
    silent: [
      "Cisco IOS XE Software, Version 17.06.05\nLast ACK received: <none>\nUDI: PID:C9800-CL-K9,SN:9ABCDEFGHIJ\n",
      "Cisco IOS XE Software, Version 17.09.02\nLast ACK received: <none>\nUDI: PID:C9800-40-K9,SN:9ABCDEFGHIJ\n",
    ],
  },
  acknowledgement_overdue: {
    speaks: ["Time source is NTP, 11:04:51.711 PDT Tue Sep 2 2031\nNext ACK deadline: Sep 02 11:04:50 2031 PDT\n"],
    silent: [
      "Time source is NTP, 11:04:51.711 PDT Tue Sep 2 2031\nNext ACK deadline: Sep 02 11:04:51 2031 PDT\n",
      "Next ACK deadline: Sep 02 11:04:50 2001 PDT\n",
      "Reporting ACK required: no\nCurrent time: Sep 02 11:04:51 2031 PDT\nNext ACK deadline: Sep 01 11:04:50 2031 PDT\n",
    ],
  },
  acknowledgement_due: {
    speaks: ["Current time: Sep 01 11:00:00 2031 PDT\nNext ACK deadline: Oct 01 11:00:00 2031 PDT\n"],
    silent: ["Current time: Sep 01 11:00:00 2031 PDT\nNext ACK deadline: Oct 01 11:02:00 2031 PDT\n"],
  },
  reports_missing: {
    speaks: [
      "Maximum Display: 703  In Storage: 598,  MIA: 96(105)",
      "Total: 707,  Purged: 390(390)\nTotal Acknowledged Received: 389,  Waiting for Ack: 0(300)",
    ],
    silent: [
      "Maximum Display: 3  In Storage: 3,  MIA: 0(0)",
      "Total: 4,  Purged: 4\nTotal Acknowledged Received: 4,  Waiting for Ack: 0",
    ],
  },
  reservation_left_over: {
    speaks: [
      `${policy}Reservation Info\n  License reservation: ENABLED\n`,
      `${policy}Registration:\n  Status: REGISTERED - SPECIFIC LICENSE RESERVATION\n`,
    ],
    silent: [
      `${policy}License reservation: DISABLED\n  Reservation status: NOT INSTALLED\n`,
      "License reservation: ENABLED",
    ],
  },
  access_points_wait: {
    speaks: ["Upcoming license report time.....................: 15:38:15.237 UTC Fri Aug 27 2031"],
    silent: ["Last license report time.........................: 07:38:15.237 UTC Fri Aug 27 2031"],
  },
  push_interval_zero: {
    speaks: ["Reporting push interval: 0 (no reporting)"],
    silent: ["Reporting push interval: 30  days"],
  },
  relay_certificate_ended: {
    speaks: [fact("relay-certificate", "ended")],
    silent: [fact("relay-certificate", "ends_soon")],
  },
  relay_certificate_ends: {
    speaks: [fact("relay-certificate", "ends_soon")],
    silent: [fact("relay-certificate", "due"), fact("relay-certificate", "ended")],
  },
  relay_renewal_fails: {
    speaks: [fact("relay-renewal-failing-days", 7)],
    silent: [fact("relay-renewal-failing-days", 6)],
  },
  relay_manager_away: {
    speaks: [fact("relay-manager-away-minutes", 60)],
    silent: [fact("relay-manager-away-minutes", 59)],
  },
  relay_cannot_keep: {
    speaks: [fact("relay-storage", "failing")],
    silent: [fact("relay-certificate", "valid")],
  },
  boot_lines_harmless: {
    speaks: [
      '2031-01-24 13:58:23.922 UTC SAEVT_INIT_CRYPTO success="False" error="Crypto Initialization has not been completed"',
      '2031-01-24 13:58:42.700 UTC SAEVT_LICENSE_USAGE count="0" type="destroy" entitlementTag="regid.x"',
    ],
    silent: ['2031-01-24 13:59:14.143 UTC SAEVT_INIT_CRYPTO success="True"'],
  },
};
