import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { encodeIdToken, protocolErrors } from "@countersign/protocol";
import { administrationErrors, deviceRefusals } from "../errors.ts";
import { withoutSecrets } from "./log-fields.ts";
import { createLogger, type LogLevel } from "./logger.ts";

function recording(level: LogLevel = "debug") {
  const destination = new PassThrough();
  const logger = createLogger({ level, destination, clock: { now: () => Date.parse("2031-05-01T00:00:00Z") } });
  const text = () => String(destination.read() ?? "");
  return {
    logger,
    text,
    lines: () =>
      text()
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
  };
}

const token = encodeIdToken({
  uuid: "00000000-0000-4000-8000-000000000001",
  expiresAtMs: 1_735_689_600_000,
  secret: Buffer.alloc(32, 7),
});

test("a line says when, how severe, what, and the fields that are allowed", () => {
  const { logger, lines } = recording();
  logger.info("request_answered", { requestType: "HELLO", durationMs: 3 });
  assert.deepEqual(lines(), [
    {
      level: "info",
      time: "2031-05-01T00:00:00.000Z",
      program: "manager",
      requestType: "HELLO",
      durationMs: 3,
      event: "request_answered",
    },
  ]);
});

test("a field that is not on the list, or not of its kind, is never written", () => {
  const { logger, lines } = recording();
  const smuggled: object = { token: "canary", udi: { nested: "canary" }, durationMs: "canary" };
  logger.info("request_answered", smuggled);
  assert.deepEqual(Object.keys(lines()[0]), ["level", "time", "program", "event"]);
});

test("an allowed text that quotes a secret loses it, and loses control characters", () => {
  assert.equal(withoutSecrets(`bad token ${token}`).includes(token.slice(0, 24)), false);
  assert.equal(withoutSecrets("line\nbreak"), "line break");
  const harmless = "00000000-0000-4000-8000-000000000001 PID:C9300-48UN,SN:LABSN000001 licences.example.com";
  assert.equal(withoutSecrets(harmless), harmless);
});

test("a code of ours is readable in a line however long it is; what only stands in its place is not", () => {
  const { logger, lines, text } = recording();
  const codes = [...Object.keys(protocolErrors), ...Object.keys(deviceRefusals), ...Object.keys(administrationErrors)];
  assert.ok(codes.some((code) => code.length > 24));
  for (const code of codes) logger.info("request_answered", { code });
  assert.deepEqual(
    lines().map(({ code }) => code),
    codes,
  );
  logger.info("request_answered", { code: token });
  assert.equal(text().includes(token.slice(0, 24)), false);
});

test("errors are written with their causes, but a parser's message, which quotes its input, is not", () => {
  const { logger, text } = recording();
  let cause: unknown;
  try {
    JSON.parse(`{"token":canary}`);
  } catch (error) {
    cause = error;
  }
  logger.error("request_failed", { incidentId: "i" }, new Error("the database is locked", { cause }));
  const line = text();
  assert.match(line, /the database is locked/);
  assert.match(line, /SyntaxError/);
  assert.doesNotMatch(line, /canary/);
});
