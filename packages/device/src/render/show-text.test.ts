import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { applyFilter, splitFilter } from "../console/output-filter.ts";
import {
  failingRouter,
  freshStack,
  history,
  options,
  trustedAtMs,
  trustedRouter,
  trustedStack,
  wireless,
} from "../test-support/fixture-views.ts";
import { renderAirEntities } from "./show-license-air-entities.ts";
import { renderLicenseAll } from "./show-license-all.ts";
import { renderHistory, renderHistoryByTime } from "./show-license-history.ts";
import { renderLicenseStatus } from "./show-license-status.ts";
import { renderLicenseSummary } from "./show-license-summary.ts";
import { renderTechSupport } from "./show-license-tech-support.ts";
import { showClock, showDate, showDuration, showEventTime, showLogTime, utc } from "./show-text.ts";

/** What `command | filter` leaves of a text. */
function filtered(text: string, filter: string): readonly string[] {
  const split = splitFilter(`show x | ${filter}`);
  assert(split.outcome === "split");
  return applyFilter(text, split.filter).split("\n");
}

test("[SHO-1] one line of the status says when the trust code was installed", () => {
  assert.deepEqual(filtered(renderLicenseStatus(trustedRouter, options), "i Trust"), [
    "Trust Code Installed: Jan 24 23:19:05 2031 UTC",
  ]);
  assert.deepEqual(filtered(renderLicenseStatus(failingRouter, options), "i Trust"), ["Trust Code Installed: <none>"]);
});

test("[SHO-15] [SHO-17] [TRU-15] the section Trust of tech support: three kinds, then the trust of each device", () => {
  const lines = filtered(renderTechSupport(trustedRouter, options), "sec Trust");
  assert.deepEqual(
    lines.filter((line) => /^Trust .*:$/.test(line)),
    ["Trust Establishment:", "Trust Acknowledgement:", "Trust Sync:"],
  );
  assert.deepEqual(lines.slice(1, 6), [
    "  Attempts: Total=1, Success=1, Fail=0  Ongoing Failure: Overall=0 Communication=0",
    "  Last Response: OK on Jan 24 23:19:05 2031 UTC",
    "    Failure Reason: <none>",
    "  Last Success Time: Jan 24 23:19:05 2031 UTC",
    "  Last Failure Time: <none>",
  ]);
  assert.deepEqual(lines.slice(18), [
    "Trusted Store Interface: True",
    "Local Device: P:C8000V,S:CSL2705E001, state[2], Trust Data INSTALLED  TrustId:605",
    "Overall Trust: INSTALLED (2)",
  ]);
});

test("[SHO-16] [SHO-18] [BET-18] a failing trust shows its counts, that nobody replied, and why", () => {
  const lines = filtered(renderTechSupport(failingRouter, options), "sec Trust");
  assert.deepEqual(lines.slice(1, 6), [
    "  Attempts: Total=2, Success=0, Fail=2  Ongoing Failure: Overall=2 Communication=2",
    "  Last Response: NO REPLY on Jan 24 23:36:07 2031 UTC",
    "    Failure Reason: Connection timed out (stage tcp, code connection_timed_out)",
    "  Last Success Time: <none>",
    "  Last Failure Time: Jan 24 23:36:07 2031 UTC",
  ]);
  // Nothing of this kind was ever sent.
  assert.deepEqual(lines.slice(7, 9), [
    "  Attempts: Total=0, Success=0, Fail=0  Ongoing Failure: Overall=0 Communication=0",
    "  Last Response: <none>",
  ]);
  assert(lines.includes("Local Device: P:C8000V,S:CSL2705E001, state[1], NOT INSTALLED TrustId:605"));
  assert(lines.includes("Overall Trust: No ID"));
});

test("[SHO-19] [REP-10] the three utility jobs each show their time and what remains", () => {
  assert.deepEqual(filtered(renderTechSupport(trustedRouter, options), "i Utility"), [
    "Utility:",
    "Start Utility Measurements: Jan 24 23:40:55 2031 UTC (4 minutes, 38 seconds remaining)",
    "Send Utility RUM reports: Feb 23 23:25:56 2031 UTC (29 days, 23 hours, 49 minutes, 39 seconds remaining)",
    "Process Utility RUM reports: Jan 25 23:25:56 2031 UTC (23 hours, 49 minutes, 39 seconds remaining)",
  ]);
});

test("[SHO-20] [SHO-21] [SHO-22] [REP-15] the history keeps messages and imports by kind", () => {
  const captions = filtered(renderHistory(history, options), "i ^[A-Z].*:$");
  assert.deepEqual(captions, [
    "Message History (oldest to newest):",
    "Trust Establishment:",
    "Usage Reporting:",
    "Result Polling:",
    "Authorization Request:",
    "Authorization Return:",
    "Trust Sync:",
    "Import Message History (oldest to newest):",
    "Import POLICY:",
    "Import AUTH:",
    "Import TRUST CODE:",
    "Import RUM ACK:",
    "Import CONVERSION ACK:",
    "Import ACCOUNT INFO:",
  ]);
  const text = renderHistory(history, options);
  assert.match(
    text,
    /^Trust Establishment:\n {2}REQUEST: Jan 24 23:18:59 2031 UTC\n {4}\{.*\n {2}RESPONSE: \w{3} \d\d [\d:]+ 2031 UTC\n {4}\{/m,
  );
  assert.match(text, /^Authorization Return:\n {2}No past history$/m);
  assert.match(text, /^Import CONVERSION ACK:\n {2}No past Import history$/m);
});

test("[SHO-23] the requests of all sections stand in section order", () => {
  assert.deepEqual(filtered(renderHistory(history, options), "i REQUEST:"), [
    "  REQUEST: Jan 24 23:18:59 2031 UTC",
    "  REQUEST: Jan 24 23:20:50 2031 UTC",
    "  REQUEST: Jan 24 23:19:41 2031 UTC",
  ]);
});

test("[BET-16] the ordered history never goes back in time", () => {
  const times = filtered(renderHistoryByTime(history, options), "i (REQUEST:|Received)").map((line) => line.slice(-24));
  assert.equal(times.length, 5);
  assert.deepEqual(times, [...times].sort());
});

test("[BET-1] a missing answer says how long and why, an empty one that it is empty", () => {
  const text = renderHistory(history, options);
  assert(text.includes("  NO RESPONSE after 20 s: Connection timed out (stage tcp)"));
  assert.equal(filtered(text, "i RESPONSE: .* UTC$").length, 2);
  assert(text.includes("    <empty answer>"));
});

test("[SHO-25] no RESPONSE line stands without an answer under it, in either order: what did not come says so", () => {
  for (const render of [renderHistory, renderHistoryByTime]) {
    const lines = render(history, options).split("\n");
    const responses = lines.flatMap((line, index) => (/^ {2}RESPONSE:/.test(line) ? [index] : []));
    assert.equal(responses.length, 2);
    for (const index of responses) assert.match(lines[index + 1] ?? "", /^ {4}\S/);
    assert.equal(lines.filter((line) => /^ {2}NO RESPONSE after \d+ s: \S/.test(line)).length, 1);
  }
});

test("[BET-17] account information is not called a policy", () => {
  const [, lines = ""] = renderHistory(history, options).split("Import ACCOUNT INFO:\n");
  assert(lines.startsWith("  Received on Jan 24 23:19:05 2031 UTC\n"));
  assert(!lines.includes("policy"));
});

test("[SHO-26] [REP-8] the controller shows when it counts next, and what came and went", () => {
  const lines = renderAirEntities(wireless, options).split("\n");
  assert.match(lines[0] ?? "", /^Last license report time\.+: 19:38:15\.237 UTC Fri Jan 24 2031$/);
  assert.match(lines[1] ?? "", /^Upcoming license report time\.+: 03:38:15\.972 UTC Sat Jan 25 2031$/);
  assert.match(lines[4] ?? "", /^No\. of APs deleted with last report\.+: 2$/);
  assert.equal(new Set(lines.map((line) => line.indexOf(": "))).size, 1);
});

test("[BET-5] [SHO-27] the next report time of a controller stands in all and tech support too", () => {
  const upcoming = /^Upcoming license report time\.+: 03:38:15\.972 UTC Sat Jan 25 2031$/m;
  assert.match(renderLicenseAll(wireless, options), upcoming);
  assert.match(renderTechSupport(wireless, options), upcoming);
});

test("[BET-2] an interval that the platform decides says so", () => {
  assert.match(
    renderLicenseStatus(wireless, options),
    /^ {2}Reporting push interval: 8 {2}hours \(set by the platform\)$/m,
  );
  assert.match(renderLicenseStatus(trustedStack, options), /^ {2}Reporting push interval: 30 {2}days$/m);
});

test("[SHO-24] dates carry the configured time zone", () => {
  const zone = { label: "CET", offsetMinutes: 60 };
  assert.equal(showDate(trustedAtMs, zone), "Jan 25 00:19:05 2031 CET");
  assert.equal(showClock(trustedAtMs, zone), "00:19:05.417 CET Sat Jan 25 2031");
  assert.equal(showEventTime(trustedAtMs, zone), "2031-01-25 00:19:05.417 CET");
});

test("[LOG-8] a log line begins with its time, and a star when nobody vouches for the clock", () => {
  assert.equal(showLogTime(trustedAtMs, utc, false), "*Jan 24 23:19:05.417");
  assert.equal(showLogTime(trustedAtMs, utc, true), "Jan 24 23:19:05.417");
  assert.equal(showLogTime(Date.parse("2031-03-01T00:00:05.120Z"), utc, false), "*Mar  1 00:00:05.120");
});

test("what remains leaves out leading zeros only and adds up", () => {
  assert.equal(showDuration(0), "0 seconds");
  assert.equal(showDuration(86_400_000), "1 days, 0 hours, 0 minutes, 0 seconds");
  const unitSeconds: Readonly<Record<string, number>> = { days: 86_400, hours: 3600, minutes: 60, seconds: 1 };
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100_000_000 }), (seconds) => {
      const parts = showDuration(seconds * 1000).split(", ");
      const sum = parts.reduce((all, part) => {
        const [value = "", unit = ""] = part.split(" ");
        return all + Number(value) * (unitSeconds[unit] ?? Number.NaN);
      }, 0);
      assert.equal(sum, seconds);
      assert(parts.length === 1 || !parts[0]?.startsWith("0 "));
    }),
  );
});

test("a rule of 77 dashes stands under the header of the summary, and long names are cut", () => {
  const [, rule = "", row = ""] =
    renderLicenseSummary(freshStack, options).split("License Usage:\n")[1]?.split("\n") ?? [];
  assert.equal(rule.trim(), "-".repeat(77));
  assert.match(row, /\(C9300-24 Network Advan\.\.\.\)/);
});
