// What we print is read back by a reader as strict as the public ones, from fixtures of invented devices.

import assert from "node:assert/strict";
import { test } from "node:test";
import { renderAirEntities } from "../render/show-license-air-entities.ts";
import { renderLicenseAll } from "../render/show-license-all.ts";
import { renderLicenseAuthorization } from "../render/show-license-authorization.ts";
import { renderEventLog } from "../render/show-license-eventlog.ts";
import { renderHistory } from "../render/show-license-history.ts";
import { renderRumDetail, renderRumList } from "../render/show-license-rum.ts";
import { renderLicenseStatus } from "../render/show-license-status.ts";
import { renderLicenseSummary } from "../render/show-license-summary.ts";
import { renderTechSupport } from "../render/show-license-tech-support.ts";
import { renderLicenseUdi } from "../render/show-license-udi.ts";
import { renderLicenseUsage } from "../render/show-license-usage.ts";
import {
  authorizedRouter,
  failingRouter,
  freshChassis,
  freshStack,
  history,
  options,
  proxiedOffline,
  refusedRouter,
  reportDetail,
  reportRows,
  trustedRouter,
  trustedStack,
  wireless,
} from "../test-support/fixture-views.ts";
import type { Reading } from "./strict-lines.ts";
import {
  readAirEntities,
  readAll,
  readAuthorization,
  readEventLog,
  readHistory,
  readRumDetail,
  readRumList,
  readStatus,
  readSummary,
  readTechSupport,
  readUdi,
  readUsage,
} from "./strict-reader.ts";

const views = {
  authorizedRouter,
  refusedRouter,
  failingRouter,
  freshChassis,
  freshStack,
  proxiedOffline,
  trustedRouter,
  trustedStack,
  wireless,
};

/** The value at a path of keys. */
function at(reading: Reading, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Reading)[key], reading);
}

for (const [name, view] of Object.entries(views)) {
  test(`status, all, tech support, summary, usage, udi and authorization of ${name} are read without a refusal`, () => {
    readStatus(renderLicenseStatus(view, options));
    readAll(renderLicenseAll(view, options));
    readTechSupport(renderTechSupport(view, options));
    readSummary(renderLicenseSummary(view, options));
    readUsage(renderLicenseUsage(view));
    readUdi(renderLicenseUdi(view));
    readAuthorization(renderLicenseAuthorization(view, options));
  });
}

test("what stands in the three large outputs is the same", () => {
  const status = readStatus(renderLicenseStatus(trustedStack, options));
  const all = readAll(renderLicenseAll(trustedStack, options));
  const tech = readTechSupport(renderTechSupport(trustedStack, options));
  for (const section of ["policy", "account_information", "data_privacy", "miscellaneous"]) {
    assert.deepEqual(all[section], status[section]);
    assert.deepEqual(tech[section], status[section]);
  }
  assert.deepEqual(all.usage_reporting, status.usage_reporting);
  assert.deepEqual(all.trust_code_installed, status.trust_code_installed);
  assert.equal(at(tech, "usage_reporting", "reporting_push_interval"), "30  days State(4) InPolicy(60)");
});

test("[TRU-16] [TRU-17] each trust state is read back for each device, with its TrustId", () => {
  const trusted = readTechSupport(renderTechSupport(trustedStack, options));
  assert.deepEqual(at(trusted, "other_info", "trust_data", "csl2701a002"), {
    p: "C9300-48P",
    trustvalue: "Trust Data INSTALLED",
    trustid: 606,
  });
  assert.equal(at(trusted, "other_info", "overall_trust"), "INSTALLED (2)");
  const failing = readTechSupport(renderTechSupport(failingRouter, options));
  assert.equal(at(failing, "other_info", "trust_data", "csl2705e001", "trustvalue"), "NOT INSTALLED");
  assert.equal(at(failing, "other_info", "overall_trust"), "No ID");
});

test("[TRU-18] [REP-15] every kind of message has its own five captions", () => {
  const tech = readTechSupport(renderTechSupport(trustedRouter, options));
  for (const kind of [
    "trust_establishment",
    "trust_acknowledgement",
    "trust_sync",
    "usage_reporting",
    "result_polling",
  ]) {
    assert.deepEqual(Object.keys(at(tech, "communication_statistics", kind) as Reading), [
      "attempts",
      "ongoing_failure",
      "last_response",
      "failure_reason",
      "last_success_time",
      "last_failure_time",
    ]);
  }
  assert.equal(
    at(tech, "communication_statistics", "usage_reporting", "last_response"),
    "OK_POLL on Jan 24 23:20:50 2031 UTC",
  );
});

test("[HW-7] the supervisors of a chassis are two rows with one identity", () => {
  const { udi, ha_udi_list: list } = readUdi(renderLicenseUdi(freshChassis));
  assert.deepEqual(list, { active: udi, standby: udi });
});

test("summary rows keep license, entitlement, count and status apart", () => {
  assert.deepEqual(
    at(readSummary(renderLicenseSummary(freshStack, options)), "license_usage", "C9300-48 Network Advan..."),
    {
      license: "network-advantage",
      entitlement: "C9300-48 Network Advan...",
      count: "2",
      status: "IN USE",
    },
  );
});

test("event log, history and RUM reports are read back", () => {
  const events = [{ atMs: 0, name: "HA_ROLE", details: { udi: "PID:A,SN:B", note: 'two "words"\nand a line' } }];
  const lines = [`SAEVT_HA_ROLE udi="PID:A,SN:B" note="two 'words' and a line"`];
  assert.deepEqual(readEventLog(renderEventLog(events, options)), lines);
  assert.deepEqual(readEventLog(renderEventLog([], options)), []);
  const read = readHistory(renderHistory(history, options));
  assert.deepEqual(read.trust_establishment, { request: 1, response: 1, outcome: 1 });
  assert.deepEqual(read.usage_reporting, { request: 1, no_response: 1, outcome: 1 });
  assert.deepEqual(read.import_policy, { state: "No past Import history" });
  assert.deepEqual(
    Object.keys(readRumList(renderRumList(reportRows))),
    reportRows.map((row) => `${row.reportId}`),
  );
  assert.equal(readRumDetail(renderRumDetail(reportDetail, options)).close_reason, "CurrentUsageRequested");
  assert.equal(readAirEntities(renderAirEntities(wireless, options)).no_of_aps_newly_added_with_last_report, 1);
});

const spoiled: Readonly<Record<string, (text: string) => string>> = {
  "a caption in another case": (text) => text.replace("Next ACK deadline", "Next ack deadline"),
  "an eighth line in Usage Reporting": (text) =>
    text.replace("  Last report push", "  Pushed by: rule\n  Last report push"),
  "a line of Usage Reporting in another place": (text) =>
    text.replace(/( {2}Next report push.*\n)( {2}Last report push.*\n)/, "$2$1"),
  "a policy value without its origin": (text) =>
    text.replace(/Report on change \(days\): (\d+) \([^)]*\)/, "Report on change (days): $1"),
  "a Utility status of other words": (text) => text.replace("Status: DISABLED", "Status: OFF"),
  "a member row of the trust code without its blank": (text) => text.replace("  Active: PID:", "  Active:PID:"),
};

for (const [what, spoil] of Object.entries(spoiled)) {
  test(`${what} is refused`, () => {
    const good = renderLicenseStatus(trustedStack, options);
    const bad = spoil(good);
    assert.notEqual(bad, good);
    assert.throws(() => readStatus(bad), { name: "StrictReadError" });
  });
}
