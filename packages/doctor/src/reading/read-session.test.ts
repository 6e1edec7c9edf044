// Whole sessions as they are pasted, and input that nobody pasted in good faith.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { diagnose } from "../diagnosis/diagnose.ts";
import { factsMax } from "../diagnosis/fact.ts";
import { fixtures } from "../diagnosis/rule-fixtures.test-support.ts";
import { readSession } from "./read-session.ts";
import { lineCharactersMax, sessionBytesMax } from "./reading-limits.ts";

const evening = `Load for five secs: 1%/0%; one minute: 1%; five minutes: 0%
wlc-1#show version
Cisco IOS XE Software, Version 17.09.02
wlc-1#show license tech support
Time source is NTP, 11:04:51.711 UTC Mon Sep 1 2031
Smart Licensing Using Policy:
  Status: ENABLED
Transport:
  Type: Smart
  URL: https://licences.example.org/licservice/license
  Proxy:
    Address: proxy.example.org
    Username: licensing
    Password: canary-password-1
Policy:
  Reporting ACK required: yes (CISCO default)
Usage Reporting:
  Last ACK received: <none>
  Next ACK deadline: Sep 21 11:04:51 2031 UTC
  Reporting push interval: 30  days State(2) InPolicy(90)
Trust Code Installed: <none>
Product Information
===================
UDI: PID:C9800-CL-K9,SN:9ABCDEFGHIJ
Communication Statistics:
=======================
Trust Establishment:
  Attempts: Total=2, Success=0, Fail=2  Ongoing Failure: Overall=2 Communication=2
  Last Response: NO REPLY on Sep 01 11:00:51 2031 UTC
    Failure Reason: <none>
wlc-1#license smart trust idtoken canary-token-2 all force
wlc-1#show logging
*Sep  1 11:00:51.112: %SMART_LIC-3-COMM_FAILED: Communications failure with the Cisco Smart Software Manager
*Sep  1 11:00:52.112: %LINEPROTO-5-UPDOWN: Line protocol on Interface Vlan39, changed state to up
wlc-1#telnet licences.example.org 443
Trying licences.example.org (192.0.2.7, 443)...
% Connection timed out; remote host not responding
wlc-1#ping licences.example.org
Sending 5, 100-byte ICMP Echos to 192.0.2.7, timeout is 2 seconds:
!!!!!
Success rate is 100 percent (5/5), round-trip min/avg/max = 1/1/2 ms
wlc-1#show running-config
Building configuration...
Current configuration : 4711 bytes
!
username ada secret 9 canary-secret-3
ip http secure-trustpoint TP-self-signed-1
license smart transport smart
ip name-server 192.0.2.53
end
`;

test("[TOP-13] [BET-3] one pasted session leads from the device to the stage that fails, each finding with its line", () => {
  const findings = diagnose(readSession(Buffer.from(evening), "evening.txt").facts);
  assert.deepEqual(
    findings.map(({ severity, code }) => `${severity} ${code}`),
    [
      "fault connection_timed_out",
      "fault trust_attempts_stopped",
      "warning source_interface_missing",
      "warning client_trustpoint_missing",
      "warning mandatory_acknowledgement_missing",
      "warning acknowledgement_due",
    ],
  );
  const [first] = findings;
  assert.deepEqual(first?.evidence[0], {
    source: "evening.txt",
    place: "line 37",
    text: "% Connection timed out; remote host not responding",
  });
  assert.equal(first?.remedy[0]?.command, "show ip route licences.example.org");
});

test("line ends, prompts and indentation make no difference", () => {
  const codes = (text: string) => diagnose(readSession(Buffer.from(text), "x").facts).map(({ code }) => code);
  const plain = codes(evening);
  assert.deepEqual(codes(evening.replaceAll("\n", "\r\n")), plain);
  assert.deepEqual(codes(`\ufeff${evening.replaceAll("wlc-1#", "wlc-1#")}`), plain);
  const flat = evening.replace(/^ +/gm, "");
  assert.deepEqual(codes(flat), plain);
});

test("[BET-11] tokens, passwords and secrets of a session are in no fact", () => {
  const text = `${evening}
license smart register idtoken canary-token-4 force
Aug 22 12:13:08.425: %SMART_LIC-3-COMM_FAILED: failure {"id_token":"canary-token-5"} https://ada:canary-password-6@licences.example.org
ip http client password 0 canary-password-7
Failure reason: idtoken=canary-token-8 refused
`;
  const said = JSON.stringify(readSession(Buffer.from(text), "x").facts);
  assert.doesNotMatch(said, /canary/);
  assert.match(said, /<token>/);
});

test("what is beyond the limits is said, and nothing before it is lost", () => {
  const line = "Clock sync-ed with NTP: False\n";
  const filled = (bytes: number) => Buffer.concat([Buffer.from(line), Buffer.alloc(bytes - line.length, 0x20)]);
  assert.deepEqual(readSession(filled(sessionBytesMax), "x").leftOut, []);
  const [more] = [readSession(filled(sessionBytesMax + 1), "x")];
  assert.deepEqual([more.leftOut.length, more.facts.length], [1, 1]);
  const long = (characters: number) => `${" ".repeat(characters - line.length + 1)}${line}`;
  assert.equal(readSession(Buffer.from(long(lineCharactersMax)), "x").facts.length, 1);
  assert.equal(readSession(Buffer.from(long(lineCharactersMax + 7)), "x").facts.length, 0);
  assert.deepEqual(readSession(Buffer.from(line.repeat(factsMax)), "x").leftOut, []);
  const many = readSession(Buffer.from(line.repeat(factsMax + 1)), "x");
  assert.deepEqual([many.facts.length, many.leftOut], [factsMax, ["1 more facts than a report holds"]]);
});

test("any bytes are read, and any mixture of what devices print", () => {
  const pieces = Object.values(fixtures).flatMap(({ speaks, silent }) =>
    [...speaks, ...silent]
      .filter((each): each is string => typeof each === "string")
      .flatMap((text) => text.split("\n")),
  );
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: "binary" })), { maxLength: 40 }),
      (lines) => {
        const { facts } = readSession(Buffer.from(lines.join("\n")), "x");
        for (const { evidence } of facts) assert.doesNotMatch(evidence.text, /\p{Cc}/u);
        diagnose(facts);
      },
    ),
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => void readSession(bytes, "x")));
});
