import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { utc } from "../render/show-text.ts";
import { formatMessage, type MessageFacts } from "./format-message.ts";

const facts: MessageFacts = {
  line: { facility: "SMART_LIC", severity: 3, mnemonic: "COMM_FAILED", text: 'No way ]\\" out' },
  atMs: Date.parse("2031-08-02T12:13:08.425Z"),
  sequence: 12,
  hostname: "edge 1",
  zone: utc,
  clockIsAuthoritative: true,
  softwareVersion: '17"]\\',
};
const style = { facility: "local7", format: "device", sendsHostname: false } as const;

test("the device format has sequence, time, tag and text, and the host name when it is asked for", () => {
  const rest = 'Aug  2 12:13:08.425: %SMART_LIC-3-COMM_FAILED: No way ]\\" out';
  assert.equal(formatMessage(facts, style), `<187>12: ${rest}`);
  assert.equal(formatMessage(facts, { ...style, facility: "kern", sendsHostname: true }), `<3>12: edge 1: ${rest}`);
});

test("RFC 5424 escapes what would end a value, and leaves blanks out of header fields", () => {
  assert.equal(
    formatMessage(facts, { ...style, format: "rfc5424" }),
    "<187>1 2031-08-02T12:13:08.425Z edge1 SMART_LIC - COMM_FAILED " +
      '[timeQuality tzKnown="1" isSynced="1"][meta sequenceId="12"]' +
      '[origin software="countersign-device" swVersion="17\\"\\]\\\\"]' +
      '[event@32473 facility="SMART_LIC" severity="3" mnemonic="COMM_FAILED"] No way ]\\" out',
  );
});

test("no text makes two messages of one", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.constantFrom("device", "rfc5424"), (text, format) => {
      const message = formatMessage({ ...facts, hostname: text, line: { ...facts.line, text } }, { ...style, format });
      assert.doesNotMatch(message, /[\n\r\0]/);
    }),
  );
});
