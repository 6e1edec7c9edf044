// What we print is read back by a reader as strict as the public ones, from fixtures of invented devices.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { LicenseView } from "../license-view.ts";
import {
  renderClassicAll,
  renderClassicStatus,
  renderClassicSummary,
  renderClassicTechSupport,
  renderClassicUsage,
} from "../render/show-classic.ts";
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
  classicEvaluating,
  classicLeaving,
  classicRefused,
  classicRegistered,
  classicRenewalFailed,
  classicShort,
  classicWithdrawn,
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

const classicViews = {
  ...{ classicEvaluating, classicRefused, classicRegistered, classicRenewalFailed, classicShort },
  ...{ classicWithdrawn, classicLeaving },
};

for (const [name, view] of Object.entries(classicViews)) {
  test(`[SHO-2] [SHO-3] [SHO-4] [SHO-5] [SHO-11] the classic forms of ${name} are read without a refusal, and say the same`, () => {
    const { classic } = view;
    assert(classic !== null);
    const status = readStatus(renderClassicStatus(view, classic, options));
    const all = readAll(renderClassicAll(view, classic, options));
    const tech = readTechSupport(renderClassicTechSupport(view, classic, options));
    for (const section of ["registration", "license_authorization", "transport", "data_privacy", "utility"]) {
      assert.deepEqual(all[section], status[section]);
      assert.deepEqual(tech[section], status[section]);
    }
    const usage = readUsage(renderClassicUsage(view, classic, options));
    const summary = readSummary(renderClassicSummary(view, classic, options));
    assert.equal(at(summary, "registration", "status"), at(status, "registration", "status"));
    assert.equal(Object.keys(summary.license_usage as Reading).length, view.licenses.length);
    assert.equal(Object.keys(usage.license_name as Reading).length, view.licenses.length);
  });
}

test("[SHO-6] [SHO-7] [SHO-8] [SHO-9] [SHO-10] classic states, attempts, reasons and the evaluation period have the field's words", () => {
  const read = (view: LicenseView): Reading => {
    assert(view.classic !== null);
    return readAll(renderClassicAll(view, view.classic, options));
  };
  const refused = read(classicRefused);
  assert.deepEqual(refused.registration, {
    status: "UNREGISTERED - REGISTRATION FAILED",
    export_controlled_functionality: "NOT ALLOWED",
    initial_registration: "FAILED on Jan 20 08:09:24 2031 UTC",
    failure_reason: "Product Already Registered",
    next_registration_attempt: "Jan 20 08:29:27 2031 UTC",
  });
  assert.deepEqual(refused.license_authorization, {
    status: "EVAL MODE",
    evaluation_period_remaining: "65 days, 18 hours, 43 minutes, 0 seconds",
  });
  assert.deepEqual(read(classicShort).license_authorization, {
    status: "OUT OF COMPLIANCE on Jan 20 08:09:28 2031 UTC",
    shortage: "2 more of network-advantage needed in virtual account Lab",
    last_communication_attempt: "PENDING on Jan 20 09:09:24 2031 UTC",
    failure_reason: "Waiting for reply",
    next_communication_attempt: "Feb 19 08:09:28 2031 UTC",
    communication_deadline: "Apr 20 08:09:28 2031 UTC",
  });
});

test("a classic state in other words is refused", () => {
  const { classic } = classicRegistered;
  assert(classic !== null);
  const good = renderClassicStatus(classicRegistered, classic, options);
  for (const [from, to] of [
    ["Status: AUTHORIZED on", "Status: authorized on"],
    ["Registration Expires:", "Registration expires:"],
    ["License Authorization:\n", "License Authorization:\n  Hint: none\n"],
  ] as const) {
    assert.notEqual(good.replace(from, to), good);
    assert.throws(() => readStatus(good.replace(from, to)), { name: "StrictReadError" });
  }
});

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
