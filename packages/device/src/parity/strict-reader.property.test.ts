// Whatever stands in names, reasons and dates: what we print is read back line by line, and says what was meant.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { LicenseView } from "../license-view.ts";
import { renderLicenseAll } from "../render/show-license-all.ts";
import { renderHistory } from "../render/show-license-history.ts";
import { renderLicenseStatus } from "../render/show-license-status.ts";
import { renderTechSupport } from "../render/show-license-tech-support.ts";
import { oneLine } from "../render/show-text.ts";
import { failingRouter, history, options, trustedStack } from "../test-support/fixture-views.ts";
import type { Reading } from "./strict-lines.ts";
import { readAll, readHistory, readStatus, readTechSupport } from "./strict-reader.ts";

const nasty = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 40 }),
  fc.constantFrom(
    "a\nUsage Reporting:",
    "Status: ENABLED",
    "x (y):",
    "\u001b[2J",
    "Utility:\r\n  Status: DISABLED",
    "<none>",
  ),
);
const instants = fc.integer({ min: 0, max: 4_102_444_800_000 });

test("names from outside never make a second line, nor reach the terminal", () => {
  fc.assert(
    fc.property(nasty, nasty, nasty, nasty, (smartAccount, virtualAccount, policyName, reason) => {
      const failure = { stage: "http" as const, code: "http_status", message: reason, atMs: options.nowMs };
      const kind = {
        ...failingRouter.communication.statistics.usage_reporting,
        ongoingFailures: 1,
        lastFailure: failure,
      };
      const view: LicenseView = {
        ...trustedStack,
        account: { smartAccount, virtualAccount, asOfMs: options.nowMs },
        policy: { ...trustedStack.policy, inForce: { ...trustedStack.policy.inForce, name: policyName } },
        trust: { ...trustedStack.trust, refusal: { atMs: 0, code: "refused", message: reason, udis: [] } },
        communication: {
          ...trustedStack.communication,
          statistics: { ...trustedStack.communication.statistics, usage_reporting: kind },
          peer: { name: smartAccount, version: reason, production: false, capabilities: [policyName] },
        },
      };
      const texts = [
        renderLicenseStatus(view, options),
        renderLicenseAll(view, options),
        renderTechSupport(view, options),
      ];
      for (const text of texts) assert.doesNotMatch(text, /[^\P{Cc}\n]/u);
      const status = readStatus(texts[0] ?? "");
      assert.equal((status.account_information as Reading).virtual_account, oneLine(virtualAccount));
      assert.equal((status.policy as Reading).policy_name, oneLine(policyName));
      readAll(texts[1] ?? "");
      readTechSupport(texts[2] ?? "");
    }),
  );
});

test("message bodies of any content leave every section of the history in its place", () => {
  fc.assert(
    fc.property(nasty, nasty, (request, response) => {
      const message = history.messages[0];
      assert(message !== undefined);
      const outcome = { type: "answered", atMs: 0, status: "", body: `{${response}` } as const;
      const messages = [{ ...message, body: `{${request}`, outcome }];
      const read = readHistory(renderHistory({ model: "policy", messages, imports: [] }, options));
      assert.deepEqual(read.trust_establishment, { request: 1, response: 1, outcome: 1 });
    }),
  );
});

test("every date is printed so that it is read back to the same second", () => {
  fc.assert(
    fc.property(instants, instants, (lastAckAtMs, nextPushAtMs) => {
      const view = { ...trustedStack, reporting: { ...trustedStack.reporting, lastAckAtMs, nextPushAtMs } };
      const reporting = readStatus(renderLicenseStatus(view, options)).usage_reporting as Reading;
      const seconds = (text: unknown) => Date.parse(String(text)) / 1000;
      assert.equal(seconds(reporting.last_ack_received), Math.floor(lastAckAtMs / 1000));
      assert.equal(seconds(reporting.next_report_push), Math.floor(nextPushAtMs / 1000));
    }),
  );
});
