import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { policyDaysMax } from "./limits.ts";
import {
  decodePolicy,
  defaultPolicy,
  encodePolicy,
  isDefaultPolicy,
  type LicenseClass,
  licenseClasses,
  mergePolicy,
  type Policy,
  type PolicyDemand,
  type PolicyLayer,
  type PolicySource,
  policyDemands,
  policySources,
  verifyPolicy,
} from "./policy.ts";
import * as arbitrary from "./test-support/arbitraries.ts";
import { testNow } from "./test-support/certificates.ts";
import { assertRefused } from "./test-support/expectations.ts";
import { anchors, managerObject } from "./test-support/parties.ts";
import { policy } from "./test-support/samples.ts";

const issue = { policyVersion: 1, issuedAtMs: 0 };
const values = (merged: Policy, licenseClass: LicenseClass) =>
  policyDemands.map((demand) => merged.classes[licenseClass][demand].value).join("/");

const sle: PolicyLayer = {
  source: "account",
  name: "SLE Policy",
  classes: {
    perpetual: { first_report_days: 30, reporting_frequency_days: 60, report_on_change_days: 60 },
    subscription: { first_report_days: 120, reporting_frequency_days: 111, report_on_change_days: 111 },
    enforced: { reporting_frequency_days: 90, report_on_change_days: 60 },
  },
};

describe("the default policy", () => {
  it("[POL-3] demands an acknowledgement, and first report, frequency and change as the field does", () => {
    assert.equal(defaultPolicy.ack_required.value, true);
    assert.deepEqual(
      licenseClasses.map((name) => values(defaultPolicy, name)),
      ["365/0/90", "90/90/90", "0/0/0", "0/0/0"],
    );
    assert.equal(defaultPolicy.policy_version, 0);
    assert.ok(isDefaultPolicy(defaultPolicy));
  });
});

describe("merging policies", () => {
  it("goes value by value: what a customer's policy leaves out stays the default's, and says so", () => {
    const merged = mergePolicy([sle], { policyVersion: 4, issuedAtMs: 5 });
    assert.deepEqual(
      licenseClasses.map((name) => values(merged, name)),
      ["30/60/60", "120/111/111", "0/90/60", "0/0/0"],
    );
    assert.deepEqual(merged.classes.enforced.first_report_days, { value: 0, source: "default" });
    assert.deepEqual(merged.classes.enforced.reporting_frequency_days, { value: 90, source: "account" });
    assert.equal(merged.name, "SLE Policy");
    assert.equal(merged.policy_version, 4);
    assert.equal(merged.issued_at, 5);
    assert.deepEqual(merged.ack_required, { value: true, source: "default" });
    assert.equal(isDefaultPolicy(merged), false);
    assert.equal(isDefaultPolicy(mergePolicy([{ source: "account", ackRequired: true }], issue)), false);
  });

  it("lets the most specific source win for every pair of sources, also with 0, in whatever order they are given", () => {
    for (const [lower, less] of policySources.entries()) {
      for (const more of policySources.slice(lower + 1)) {
        const layer = (source: PolicySource, days: number): PolicyLayer => ({
          source,
          name: source,
          ackRequired: days > 0,
          classes: { perpetual: { first_report_days: days } },
        });
        const layers = [layer(less, 5), layer(more, 0)];
        for (const given of [layers, layers.toReversed()]) {
          const merged = mergePolicy(given, issue);
          assert.deepEqual(merged.classes.perpetual.first_report_days, { value: 0, source: more });
          assert.deepEqual(merged.ack_required, { value: false, source: more });
          assert.equal(merged.name, more);
        }
      }
    }
  });

  it("takes the stricter value of two layers from one source", () => {
    const layer = (days: number, ackRequired: boolean, name: string): PolicyLayer => ({
      source: "account",
      name,
      ackRequired,
      classes: { export: { reporting_frequency_days: days } },
    });
    for (const [one, other] of [
      [layer(0, false, "A"), layer(30, true, "B")],
      [layer(60, true, "B"), layer(30, false, "A")],
    ] as const) {
      for (const layers of [
        [one, other],
        [other, one],
      ]) {
        const merged = mergePolicy(layers, issue);
        assert.deepEqual(merged.classes.export.reporting_frequency_days, { value: 30, source: "account" });
        assert.equal(merged.ack_required.value, true);
        assert.equal(merged.name, "A");
      }
    }
  });

  it("gives the same for every order of any layers, and what a plain search of the sources gives", () => {
    const layersAndOrder = fc
      .array(arbitrary.policyLayer, { maxLength: 6 })
      .chain((layers) => fc.tuple(fc.constant(layers), fc.shuffledSubarray(layers, { minLength: layers.length })));
    fc.assert(
      fc.property(layersAndOrder, ([layers, shuffled]) => {
        const merged = mergePolicy(layers, issue);
        assert.deepEqual(mergePolicy(shuffled, issue), merged);
        for (const licenseClass of licenseClasses) {
          for (const demand of policyDemands) {
            const expected = searched(layers, licenseClass, demand);
            if (expected !== undefined) assert.deepEqual(merged.classes[licenseClass][demand], expected);
          }
        }
        assert.deepEqual(decodePolicy(encodePolicy(merged)), merged);
      }),
    );
  });
});

/** The naive reading: walk from the most specific source down to the first that says anything. */
function searched(layers: readonly PolicyLayer[], licenseClass: LicenseClass, demand: PolicyDemand) {
  for (const source of policySources.toReversed()) {
    const said = layers
      .filter((layer) => layer.source === source)
      .map((layer) => layer.classes?.[licenseClass]?.[demand])
      .filter((value) => value !== undefined);
    if (source === "default" || said.length === 0) continue;
    const demanding = said.filter((value) => value > 0);
    return { value: demanding.length > 0 ? Math.min(...demanding) : 0, source };
  }
  return undefined;
}

describe("a signed policy", () => {
  const verify = async (installedVersion: number, type: "policy" | "ack" = "policy") =>
    verifyPolicy({ object: await managerObject(type), anchors, now: testNow, installedVersion });

  it("[I10] is taken when it is as new as the installed one or newer, and refused when it is older", async () => {
    assert.deepEqual(await verify(-1), policy);
    assert.deepEqual(await verify(policy.policy_version), policy);
    await assertRefused("policy_replayed", () => verify(policy.policy_version + 1));
    await assertRefused("envelope_invalid", () => verify(-1, "ack"));
  });

  it("says for every value which source set it, and is refused when one does not", async () => {
    const bend = (change: object) => JSON.stringify({ ...policy, ...change });
    const { first_report_days: _, ...incomplete } = policy.classes.export;
    const days = (value: number, source = "account") => ({
      classes: { ...policy.classes, export: { ...policy.classes.export, first_report_days: { value, source } } },
    });
    decodePolicy(bend(days(policyDaysMax)));
    const wrong = [
      days(policyDaysMax + 1),
      days(-1),
      days(0.5),
      days(1, "nobody"),
      { ack_required: true },
      { classes: { ...policy.classes, export: incomplete } },
      { classes: { ...policy.classes, another: policy.classes.export } },
      { name: "" },
      { version: "2.0" },
    ];
    for (const change of wrong) {
      await assertRefused("payload_invalid", () => decodePolicy(bend(change)), JSON.stringify(change));
    }
  });
});
