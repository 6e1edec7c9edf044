import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { utc } from "./render/show-text.ts";
import { formatSyslogLine } from "./syslog-line.ts";

const atMs = Date.parse("2031-08-22T12:13:08.425Z");

test("[LOG-8] a log line has time, facility, severity, mnemonic and text", () => {
  const line = {
    facility: "SMART_LIC",
    severity: 6 as const,
    mnemonic: "AGENT_READY",
    text: "Smart Agent for Licensing is initialized",
  };
  const printed = "Aug 22 12:13:08.425: %SMART_LIC-6-AGENT_READY: Smart Agent for Licensing is initialized";
  assert.equal(formatSyslogLine(line, atMs, utc, true), printed);
  assert.equal(formatSyslogLine(line, atMs, utc, false), `*${printed}`);
});

test("no text makes two lines of one", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const line = formatSyslogLine({ facility: "A", severity: 1, mnemonic: "B", text }, atMs, utc, true);
      assert.doesNotMatch(line, /[\n\r\u2028\u2029]/);
    }),
  );
});
