// Every show command against its golden file. UPDATE_GOLDEN=1 rewrites them; look at the difference before committing.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { ClassicView, LicenseView } from "../license-view.ts";
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
  trustedAtMs,
  trustedRouter,
  trustedStack,
  wireless,
} from "../test-support/fixture-views.ts";
import {
  classicSummaryJson,
  classicTechSupportJson,
  renderClassicAll,
  renderClassicStatus,
  renderClassicSummary,
  renderClassicTechSupport,
  renderClassicUsage,
} from "./show-classic.ts";
import {
  airEntitiesJson,
  allJson,
  authorizationJson,
  eventLogJson,
  historyJson,
  rumDetailJson,
  rumListJson,
  statusJson,
  summaryJson,
  techSupportJson,
  udiJson,
  usageJson,
} from "./show-json.ts";
import { renderAirEntities } from "./show-license-air-entities.ts";
import { renderLicenseAll } from "./show-license-all.ts";
import { renderLicenseAuthorization } from "./show-license-authorization.ts";
import { renderEventLog } from "./show-license-eventlog.ts";
import { renderHistory, renderHistoryByTime } from "./show-license-history.ts";
import { renderRumDetail, renderRumList } from "./show-license-rum.ts";
import { renderLicenseStatus } from "./show-license-status.ts";
import { renderLicenseSummary } from "./show-license-summary.ts";
import { renderTechSupport } from "./show-license-tech-support.ts";
import { renderLicenseUdi } from "./show-license-udi.ts";
import { renderLicenseUsage } from "./show-license-usage.ts";
import type { ShowOptions } from "./show-text.ts";

const events = [
  { atMs: trustedAtMs, name: "INIT_START", details: { version: "5.5.41_rel/1" } },
  { atMs: trustedAtMs + 1, name: "HA_ROLE", details: { udi: "PID:C8000V,SN:CSL2705E001", haRole: "Active" } },
];

const text: Readonly<Record<string, () => string>> = {
  "status-fresh-stack": () => renderLicenseStatus(freshStack, options),
  "status-trusted-stack": () => renderLicenseStatus(trustedStack, options),
  "status-trusted-router": () => renderLicenseStatus(trustedRouter, options),
  "status-proxied-offline": () => renderLicenseStatus(proxiedOffline, options),
  "summary-fresh-stack": () => renderLicenseSummary(freshStack, options),
  "usage-trusted-stack": () => renderLicenseUsage(trustedStack),
  "udi-chassis": () => renderLicenseUdi(freshChassis),
  "udi-router": () => renderLicenseUdi(trustedRouter),
  "authorization-stack": () => renderLicenseAuthorization(trustedStack, options),
  "authorization-authorized-router": () => renderLicenseAuthorization(authorizedRouter, options),
  "authorization-refused-router": () => renderLicenseAuthorization(refusedRouter, options),
  "usage-authorized-router": () => renderLicenseUsage(authorizedRouter),
  "summary-refused-router": () => renderLicenseSummary(refusedRouter, options),
  "tech-support-authorized-router": () => renderTechSupport(authorizedRouter, options),
  "all-trusted-stack": () => renderLicenseAll(trustedStack, options),
  "all-wireless": () => renderLicenseAll(wireless, options),
  "tech-support-trusted-router": () => renderTechSupport(trustedRouter, options),
  "tech-support-failing-router": () => renderTechSupport(failingRouter, options),
  "tech-support-trusted-stack": () => renderTechSupport(trustedStack, options),
  eventlog: () => renderEventLog(events, options),
  "eventlog-empty": () => renderEventLog([], options),
  history: () => renderHistory(history, options),
  "history-empty": () => renderHistory({ model: "policy", messages: [], imports: [] }, options),
  "history-by-time": () => renderHistoryByTime(history, options),
  "rum-all": () => renderRumList(reportRows),
  "rum-detail": () => renderRumDetail(reportDetail, options),
  "air-entities": () => renderAirEntities(wireless, options),
  "classic-status-registered": () => inClassic(renderClassicStatus, classicRegistered),
  "classic-status-short": () => inClassic(renderClassicStatus, classicShort),
  "classic-status-evaluating": () => inClassic(renderClassicStatus, classicEvaluating),
  "classic-all-refused": () => inClassic(renderClassicAll, classicRefused),
  "classic-status-withdrawn": () => inClassic(renderClassicStatus, classicWithdrawn),
  "classic-all-leaving": () => inClassic(renderClassicAll, classicLeaving),
  "classic-all-renewal-failed": () => inClassic(renderClassicAll, classicRenewalFailed),
  "classic-summary-registered": () => inClassic(renderClassicSummary, classicRegistered),
  "classic-usage-short": () => inClassic(renderClassicUsage, classicShort),
  "classic-tech-support-registered": () => inClassic(renderClassicTechSupport, classicRegistered),
};

/** A form of the classic model, of a view that has it. */
function inClassic<T>(
  form: (view: LicenseView, classic: ClassicView, options: ShowOptions) => T,
  view: LicenseView,
): T {
  assert(view.classic !== null);
  return form(view, view.classic, options);
}

const json: Readonly<Record<string, () => unknown>> = {
  status: () => statusJson(failingRouter),
  summary: () => summaryJson(trustedRouter),
  usage: () => usageJson(trustedRouter),
  udi: () => udiJson(freshChassis),
  authorization: () => authorizationJson(trustedRouter),
  "authorization-authorized": () => authorizationJson(authorizedRouter),
  all: () => allJson(wireless),
  "tech-support": () => techSupportJson(trustedRouter),
  history: () => historyJson(history),
  eventlog: () => eventLogJson(events),
  "rum-all": () => rumListJson(reportRows),
  "rum-detail": () => rumDetailJson(reportDetail),
  "air-entities": () => airEntitiesJson(wireless),
  "classic-summary-short": () => inClassic(classicSummaryJson, classicShort),
  "classic-tech-support-registered": () => inClassic(classicTechSupportJson, classicRegistered),
  "classic-summary-withdrawn": () => inClassic(classicSummaryJson, classicWithdrawn),
};

/** The golden file's text; rewritten first when that was asked for. */
function golden(file: string, actual: string): string {
  const path = join(import.meta.dirname, "golden", file);
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(path, actual);
  return readFileSync(path, "utf8");
}

for (const [name, render] of Object.entries(text)) {
  test(`show output ${name} is what its golden file holds`, () => {
    const actual = `${render()}\n`;
    assert.equal(actual, golden(`${name}.txt`, actual));
  });
}

for (const [name, shape] of Object.entries(json)) {
  test(`JSON output ${name} is what its golden file holds`, () => {
    const actual = JSON.stringify(shape(), null, 2);
    assert.deepEqual(JSON.parse(actual), JSON.parse(golden(`${name}.json`, `${actual}\n`)));
  });
}
