import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { PolicyLayer } from "../api/answers.ts";
import { daysText, draftOf, layerOf, licenseClasses, policyDemands } from "./policy.ts";

test("days are said in words, and none as what it means", () => {
  assert.deepEqual([0, 1, 90].map(daysText), ["not required", "1 day", "90 days"]);
});

test("a layer that is shown in the form and sent back is the same layer", () => {
  const days = fc.integer({ min: 0, max: 9999 });
  const demands = fc.record(Object.fromEntries(policyDemands.map(({ name }) => [name, days])), {
    requiredKeys: [],
    noNullPrototype: true,
  });
  const someDemands = demands.filter((one) => Object.keys(one).length > 0);
  const classes = fc
    .record(Object.fromEntries(licenseClasses.map(({ name }) => [name, someDemands])), {
      requiredKeys: [],
      noNullPrototype: true,
    })
    .filter((one) => Object.keys(one).length > 0);
  const layers = fc.record(
    { name: fc.string(), ackRequired: fc.boolean(), classes },
    { requiredKeys: [], noNullPrototype: true },
  );
  fc.assert(
    fc.property(layers, (layer) => {
      assert.deepEqual(layerOf(draftOf(layer as PolicyLayer)), { ...layer });
    }),
  );
});

test("an empty field says nothing, and zero says zero", () => {
  const draft = draftOf({ classes: { export: { first_report_days: 30 } } });
  assert.deepEqual(layerOf({ ...draft, days: { "export first_report_days": "" } }), {});
  assert.deepEqual(layerOf({ ...draft, days: { "export first_report_days": "0" } }), {
    classes: { export: { first_report_days: 0 } },
  });
});
