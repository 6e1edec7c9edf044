import assert from "node:assert/strict";
import { test } from "node:test";
import { severityNames } from "../logging-configuration.ts";
import { eventSeverities, isAtLeast, severityOf } from "./event-severity.ts";

test("[BET-21] what a device writes while it starts is informational, what wants somebody is graver", () => {
  const atStart = [
    "INIT_START",
    "INIT_CRYPTO",
    "INIT_CONFIG_READ_BEGIN",
    "HA_ROLE",
    "INIT_COMPLETE",
    "READY",
    "LICENSE_USAGE",
  ];
  for (const name of atStart) assert.equal(severityOf({ name: `SAEVT_${name}` }), "informational", name);
  const refused = (attempt: string) => ({ name: "SAEVT_INIT_CRYPTO", details: { success: "False", attempt } });
  assert.deepEqual(["2", "3"].map(refused).map(severityOf), ["informational", "warnings"]);
  assert.equal(severityOf({ name: "SAEVT_COMM_FAIL" }), "warnings");
  assert.equal(severityOf({ name: "COMM_RESTORED" }), "notifications");
  assert.equal(severityOf({ name: "SAEVT_LEDGER_REWRITTEN" }), "errors");
});

test("an event is shown with its own grade and every milder one, and with no graver", () => {
  const name = "SAEVT_TRUST_LOST";
  assert.deepEqual(
    eventSeverities.filter((severity) => isAtLeast({ name }, severity)),
    ["warnings", "notifications", "informational"],
  );
  assert.deepEqual(
    eventSeverities,
    severityNames.filter((severity) => (eventSeverities as readonly string[]).includes(severity)),
  );
});
