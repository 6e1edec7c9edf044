// Merging of policies (spec/protocol.md, section 7).

import { mergePolicy, type PolicyLayer, policySources } from "@countersign/protocol";
import { accepted, type Vector, type VectorFile } from "./vector.ts";

export const issue = { policyVersion: 4, issuedAtMs: 1_768_478_400_000 };
const demands = (first: number, frequency: number, change: number) => ({
  first_report_days: first,
  reporting_frequency_days: frequency,
  report_on_change_days: change,
});

export const sle: PolicyLayer = {
  source: "account",
  name: "SLE Policy",
  classes: {
    perpetual: demands(30, 60, 60),
    subscription: demands(120, 111, 111),
    enforced: demands(30, 90, 60),
    export: demands(30, 30, 30),
  },
};
export const custom: PolicyLayer = {
  source: "account",
  name: "Custom Policy",
  classes: {
    perpetual: demands(365, 0, 90),
    subscription: demands(90, 90, 90),
    enforced: demands(365, 90, 90),
    export: demands(365, 90, 90),
  },
};
const one = (source: PolicyLayer["source"], days: number, ackRequired: boolean): PolicyLayer => ({
  source,
  name: source,
  ackRequired,
  classes: { perpetual: { first_report_days: days } },
});

const merges: readonly (readonly [string, readonly PolicyLayer[]])[] = [
  ["nothing over the default", []],
  ["one whole layer", [sle]],
  [
    "a layer that sets a few values",
    [{ source: "product", name: "P", classes: { enforced: { reporting_frequency_days: 90 } } }],
  ],
  ["0 over a demand is a value", [one("virtual account", 0, false), one("account", 5, true)]],
  [
    "two layers of one source: the stricter",
    [one("account", 0, false), one("account", 40, true), one("account", 30, false)],
  ],
  [
    "of two names the one that sorts first by UTF-16 code units",
    [
      { source: "account", name: "\uffee" },
      { source: "account", name: "\u{1f600}" },
    ],
  ],
  ["all sources at once", policySources.map((source, index) => one(source, index, index % 2 === 0))],
  [
    "all sources at once, the other way round",
    policySources.map((source, index) => one(source, index, index % 2 === 0)).reverse(),
  ],
  [
    "an account's policy under a virtual account's",
    [custom, { source: "virtual account", classes: { subscription: { reporting_frequency_days: 7 } } }],
  ],
];

export function policyMerges(): VectorFile {
  const vectors = merges.map(
    ([name, layers]): Vector => ({
      name,
      kind: "policy-merge",
      layers,
      ...issue,
      expected: accepted({ policy: mergePolicy(layers, issue) }),
    }),
  );
  return { file: "policies.json", about: "Merging of policy layers over the default: section 7.", vectors };
}
