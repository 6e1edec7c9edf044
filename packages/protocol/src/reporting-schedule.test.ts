import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { defaultPolicy, type LicenseClass, licenseClasses, mergePolicy, type PolicyLayer } from "./policy.ts";
import { ackDeadline, type DeadlineFacts, dayMs, governingDays, pushInterval } from "./reporting-schedule.ts";
import * as arbitrary from "./test-support/arbitraries.ts";

const issue = { policyVersion: 1, issuedAtMs: 0 };
const demands = (first: number, frequency: number, change: number) => ({
  first_report_days: first,
  reporting_frequency_days: frequency,
  report_on_change_days: change,
});
const layerOf = (
  name: string,
  perpetual: object,
  subscription: object,
  enforced: object,
  exported: object,
): PolicyLayer => ({
  source: "account",
  name,
  classes: { perpetual, subscription, enforced, export: exported },
});
const sle = mergePolicy(
  [layerOf("SLE Policy", demands(30, 60, 60), demands(120, 111, 111), demands(30, 90, 60), demands(30, 30, 30))],
  issue,
);
const custom = mergePolicy(
  [layerOf("Custom Policy", demands(365, 0, 90), demands(90, 90, 90), demands(365, 90, 90), demands(365, 90, 90))],
  issue,
);
const policies = { default: defaultPolicy, sle, custom };

const both: readonly LicenseClass[] = ["perpetual", "subscription"];
const facts = (change: Partial<DeadlineFacts>): DeadlineFacts => ({
  policy: defaultPolicy,
  classesInUse: both,
  firstUseAtMs: null,
  lastAckAtMs: null,
  changedAtMs: null,
  classesChanged: [],
  ...change,
});

describe("the governing value", () => {
  for (const [name, classes, first, frequency] of [
    ["default", ["perpetual"], 365, 0],
    ["default", both, 90, 90],
    ["default", ["enforced", "export"], 0, 0],
    ["default", [], 0, 0],
    ["sle", ["perpetual"], 30, 60],
    ["sle", ["subscription"], 120, 111],
    ["sle", both, 30, 60],
    ["sle", ["enforced"], 30, 90],
    ["sle", [...both, "export"], 30, 30],
    ["custom", ["perpetual"], 365, 0],
    ["custom", both, 90, 90],
    ["custom", ["enforced"], 365, 90],
  ] as const) {
    it(`of the ${name} policy with ${classes.join(", ") || "nothing"} in use is ${first} at first and ${frequency} later`, () => {
      assert.equal(governingDays(policies[name], classes, "first_report_days").days, first);
      assert.equal(governingDays(policies[name], classes, "reporting_frequency_days").days, frequency);
    });
  }

  it("is the least of the demands that are not 0, whatever the order of classes, and names its class", () => {
    fc.assert(
      fc.property(arbitrary.policy, fc.shuffledSubarray([...licenseClasses]), (policy, classes) => {
        const governing = governingDays(policy, classes, "reporting_frequency_days");
        const values = classes.map((name) => policy.classes[name].reporting_frequency_days.value).filter((n) => n > 0);
        assert.equal(governing.days, values.length > 0 ? Math.min(...values) : 0);
        if (governing.licenseClass === null) assert.equal(governing.days, 0);
        else assert.equal(policy.classes[governing.licenseClass].reporting_frequency_days.value, governing.days);
      }),
    );
  });
});

describe("the deadline for an acknowledgement", () => {
  const firstUse = Date.UTC(2023, 0, 1);

  it("is first use and the first-report days before the first ACK: a year for perpetual, 90 days with a subscription", () => {
    const perpetual = ackDeadline(facts({ firstUseAtMs: firstUse, classesInUse: ["perpetual"] }));
    assert.deepEqual(perpetual, {
      atMs: firstUse + 365 * dayMs,
      rule: "first_report",
      days: 365,
      licenseClass: "perpetual",
    });
    assert.equal(ackDeadline(facts({ firstUseAtMs: firstUse }))?.atMs, firstUse + 90 * dayMs);
  });

  it("is the last ACK and the frequency afterwards: 30 January 23:57:03 and 60 days give 31 March 23:57:03", () => {
    const lastAckAtMs = Date.parse("2023-01-30T23:57:03Z");
    const deadline = ackDeadline(facts({ policy: sle, firstUseAtMs: firstUse, lastAckAtMs }));
    assert.equal(new Date(deadline?.atMs ?? 0).toISOString(), "2023-03-31T23:57:03.000Z");
    assert.equal(deadline?.rule, "reporting_frequency");
    const withExport = ackDeadline(facts({ policy: sle, lastAckAtMs, classesInUse: [...both, "export"] }));
    assert.equal(withExport?.atMs, lastAckAtMs + 30 * dayMs);
  });

  it("is none when nothing was ever used, nothing demands it, or no ACK is required", () => {
    assert.equal(ackDeadline(facts({})), null);
    assert.equal(ackDeadline(facts({ lastAckAtMs: firstUse, classesInUse: ["perpetual"] })), null);
    assert.equal(ackDeadline(facts({ firstUseAtMs: firstUse, classesInUse: ["export"] })), null);
    const policy = mergePolicy([{ source: "account", ackRequired: false }], issue);
    assert.equal(ackDeadline(facts({ policy, firstUseAtMs: firstUse })), null);
  });

  it("after a change is the earlier of the current one and change + on-change days", () => {
    const lastAckAtMs = firstUse;
    const changed = (day: number) =>
      ackDeadline(
        facts({
          policy: sle,
          classesInUse: ["enforced"],
          lastAckAtMs,
          changedAtMs: firstUse + day * dayMs,
          classesChanged: ["enforced"],
        }),
      );
    // Enforced: every 90 days, and 60 after a change. A change in the first thirty days brings the deadline forward.
    assert.deepEqual([changed(10)?.rule, changed(10)?.atMs], ["report_on_change", firstUse + 70 * dayMs]);
    assert.deepEqual([changed(31)?.rule, changed(31)?.atMs], ["reporting_frequency", firstUse + 90 * dayMs]);
  });

  it("after a change exists also where nothing else demands a report", () => {
    const changedAtMs = firstUse + 5 * dayMs;
    const deadline = ackDeadline(
      facts({ classesInUse: ["perpetual"], lastAckAtMs: firstUse, changedAtMs, classesChanged: ["perpetual"] }),
    );
    assert.deepEqual(deadline, {
      atMs: changedAtMs + 90 * dayMs,
      rule: "report_on_change",
      days: 90,
      licenseClass: "perpetual",
    });
  });

  it("never moves later because something changed, and never lies more than the least demand after its start", () => {
    const whenever = fc.integer({ min: 0, max: 4_000_000_000_000 });
    const classes = fc.shuffledSubarray([...licenseClasses]);
    fc.assert(
      fc.property(
        arbitrary.policy,
        classes,
        classes,
        fc.option(whenever),
        fc.option(whenever),
        whenever,
        (policy, inUse, changed, first, ack, at) => {
          const before = facts({ policy, classesInUse: inUse, firstUseAtMs: first, lastAckAtMs: ack });
          const without = ackDeadline(before);
          const withChange = ackDeadline({ ...before, changedAtMs: at, classesChanged: changed });
          if (without !== null) assert.ok(withChange !== null && withChange.atMs <= without.atMs);
          if (withChange !== null) assert.ok(policy.ack_required.value && withChange.days > 0);
        },
      ),
    );
  });
});

describe("the push interval", () => {
  const interval = (
    name: keyof typeof policies,
    classesInUse: readonly LicenseClass[],
    hasAck: boolean,
    configuredDays: number | null = null,
  ) => pushInterval({ policy: policies[name], classesInUse, hasAck, configuredDays });

  it("is thirty days, and tells the policy's own days beside it, as tech support shows them", () => {
    assert.deepEqual(interval("default", ["perpetual"], false), { days: 30, rule: "longest", inPolicyDays: 365 });
    assert.deepEqual(interval("default", both, false), { days: 30, rule: "longest", inPolicyDays: 90 });
    assert.deepEqual(interval("sle", both, true), { days: 30, rule: "longest", inPolicyDays: 60 });
    assert.deepEqual(interval("default", both, true), { days: 30, rule: "longest", inPolicyDays: 90 });
  });

  it("is 0, no reporting, when nothing is demanded after the first ACK, but not before it", () => {
    assert.deepEqual(interval("default", ["perpetual"], true), { days: 0, rule: "nothing_demanded", inPolicyDays: 0 });
    assert.deepEqual(interval("default", ["export"], false), { days: 30, rule: "longest", inPolicyDays: 0 });
    assert.equal(interval("default", ["perpetual"], true, 5).days, 0);
  });

  it("is shorter when the policy or the device's own setting is, and never longer", () => {
    const weekly = mergePolicy([{ source: "account", classes: { perpetual: { reporting_frequency_days: 7 } } }], issue);
    const weeklyFacts = { policy: weekly, classesInUse: ["perpetual"] as const, hasAck: true };
    assert.deepEqual(pushInterval({ ...weeklyFacts, configuredDays: null }), {
      days: 7,
      rule: "policy",
      inPolicyDays: 7,
    });
    assert.deepEqual(pushInterval({ ...weeklyFacts, configuredDays: 3 }), {
      days: 3,
      rule: "configured",
      inPolicyDays: 7,
    });
    assert.equal(pushInterval({ ...weeklyFacts, configuredDays: 20 }).days, 7);
    assert.deepEqual(interval("sle", both, true, 15), { days: 15, rule: "configured", inPolicyDays: 60 });
    assert.equal(interval("sle", both, true, 365).days, 30);
  });

  it("puts the push after one on 29 January on 28 February, at the same second", () => {
    const lastPushMs = Date.parse("2023-01-29T10:20:30Z");
    const next = lastPushMs + interval("sle", both, true).days * dayMs;
    assert.equal(new Date(next).toISOString(), "2023-02-28T10:20:30.000Z");
  });
});
