import assert from "node:assert/strict";
import { test } from "node:test";
import type { HistoryMessageView, HistoryOutcome } from "../license-view.ts";
import { explainMessage } from "./explain-message.ts";

const atMs = Date.UTC(2031, 0, 24);
const message = (outcome: HistoryOutcome, kind: HistoryMessageView["kind"] = "result_polling"): HistoryMessageView => ({
  kind,
  sentAtMs: atMs,
  body: "{}",
  outcome,
});
const answered = (status: string, response: object): HistoryOutcome => ({
  type: "answered",
  atMs,
  status,
  body: JSON.stringify({ signature: {}, response: JSON.stringify({ status_code: status, ...response }) }),
});

test("[BET-14] a poll that was refused says so, with the manager's words, its code and what to do", () => {
  const refused = answered("FAILED", {
    status_message: "Invalid ProductInstanceIdentifier: 7 provided in the polling request 9",
    response_data: JSON.stringify({ code: "identity_not_valid", remedy: "Run a trust sync." }),
  });
  assert.equal(
    explainMessage(message(refused)),
    'FAILED: refused, code identity_not_valid, "Invalid ProductInstanceIdentifier: 7 provided in the polling request 9", ' +
      "Run a trust sync.",
  );
  assert.equal(explainMessage(message(answered("FAILED", {}))), "FAILED: refused");
});

test("[BET-14] every outcome of a message is explained", () => {
  const explained = (outcome: HistoryOutcome) => explainMessage(message(outcome, "usage_reporting"));
  assert.equal(explained(answered("OK", {})), "OK: the manager acknowledged the reports");
  assert.match(explained(answered("OK_POLL", {})), /^OK_POLL: the manager has the reports/);
  assert.match(explained(answered("OK_TRY_AGAIN", { retry_time_seconds: 120 })), /after 120 s$/);
  assert.match(explained(answered("OK_TRY_AGAIN", { retry_time_seconds: 0 })), /it is sent again$/);
  assert.match(explained({ type: "answered", atMs, status: "", body: "<html>" }), /^unreadable: /);
  assert.match(explained({ type: "answered", atMs, status: "", body: "" }), /^empty: /);
  assert.match(explained({ type: "no_answer", atMs, reason: "Connection timed out" }), /^no reply: /);
  assert.match(explained({ type: "under_way" }), /^waiting: /);
});
