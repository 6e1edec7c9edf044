// Policy: four licence classes, three demands each, every value with the source that set it (POL-, spec section 7).

import * as v from "valibot";
import { parseJson } from "./json.ts";
import { check, epochMs, nonEmptyText, wholeNumber } from "./schema.ts";

export const licenseClasses = ["perpetual", "subscription", "enforced", "export"] as const;
export type LicenseClass = (typeof licenseClasses)[number];

export const policyDemands = ["first_report_days", "reporting_frequency_days", "report_on_change_days"] as const;
export type PolicyDemand = (typeof policyDemands)[number];

/** From the least to the most specific; the most specific that sets a value wins. */
export const policySources = ["default", "product", "account", "virtual account", "imported file"] as const;
export type PolicySource = (typeof policySources)[number];

const daysMax = 3650;
const sourceSchema = v.picklist(policySources);
const daysSchema = v.strictObject({ value: v.pipe(wholeNumber, v.maxValue(daysMax)), source: sourceSchema });
const classSchema = v.strictObject({
  first_report_days: daysSchema,
  reporting_frequency_days: daysSchema,
  report_on_change_days: daysSchema,
});

const policySchema = v.strictObject({
  version: v.literal("1.0"),
  name: nonEmptyText,
  /** Only grows for one product instance (I10). */
  policy_version: wholeNumber,
  issued_at: epochMs,
  ack_required: v.strictObject({ value: v.boolean(), source: sourceSchema }),
  classes: v.strictObject({ perpetual: classSchema, subscription: classSchema, enforced: classSchema, export: classSchema }),
});

/** `0` days means not required and is a value like any other. */
export type Policy = v.InferOutput<typeof policySchema>;
export type PolicyDays = v.InferOutput<typeof daysSchema>;

export function encodePolicy(policy: Policy): string {
  return JSON.stringify(policy);
}

/** Parses a payload whose signature has been verified. */
export function decodePolicy(payload: string): Policy {
  return check(policySchema, parseJson(payload), "payload_invalid");
}

/** What one source sets; whatever it leaves out falls through to the next less specific source. */
export type PolicyLayer = {
  readonly source: PolicySource;
  readonly name?: string;
  readonly ackRequired?: boolean;
  readonly classes?: Partial<Record<LicenseClass, Partial<Record<PolicyDemand, number>>>>;
};

/** The field's default: perpetual 365/0/90, subscription 90/90/90, enforced and export 0/0/0, ACK required. */
export const defaultPolicyLayer: PolicyLayer = {
  source: "default",
  name: "Default Policy",
  ackRequired: true,
  classes: {
    perpetual: { first_report_days: 365, reporting_frequency_days: 0, report_on_change_days: 90 },
    subscription: { first_report_days: 90, reporting_frequency_days: 90, report_on_change_days: 90 },
    enforced: { first_report_days: 0, reporting_frequency_days: 0, report_on_change_days: 0 },
    export: { first_report_days: 0, reporting_frequency_days: 0, report_on_change_days: 0 },
  },
};

/** The policy of a device that has heard from nobody yet: the default, version 0. */
export const defaultPolicy: Policy = mergePolicy([], { policyVersion: 0, issuedAtMs: 0 });

export type PolicyIssue = { readonly policyVersion: number; readonly issuedAtMs: number };

/** Merges layers over the default, per value; the order in which layers are given does not matter. */
export function mergePolicy(layers: readonly PolicyLayer[], issue: PolicyIssue): Policy {
  const ordered = [defaultPolicyLayer, ...layers].sort(
    (one, other) => policySources.indexOf(one.source) - policySources.indexOf(other.source),
  );
  const days = (licenseClass: LicenseClass, demand: PolicyDemand): PolicyDays =>
    lastSet(ordered, (layer) => layer.classes?.[licenseClass]?.[demand]) ?? { value: 0, source: "default" };
  const classOf = (licenseClass: LicenseClass) => ({
    first_report_days: days(licenseClass, "first_report_days"),
    reporting_frequency_days: days(licenseClass, "reporting_frequency_days"),
    report_on_change_days: days(licenseClass, "report_on_change_days"),
  });
  return {
    version: "1.0",
    name: lastSet(ordered, (layer) => layer.name)?.value ?? "Default Policy",
    policy_version: issue.policyVersion,
    issued_at: issue.issuedAtMs,
    ack_required: lastSet(ordered, (layer) => layer.ackRequired) ?? { value: true, source: "default" },
    classes: {
      perpetual: classOf("perpetual"),
      subscription: classOf("subscription"),
      enforced: classOf("enforced"),
      export: classOf("export"),
    },
  };
}

function lastSet<T>(layers: readonly PolicyLayer[], read: (layer: PolicyLayer) => T | undefined) {
  let found: { value: T; source: PolicySource } | undefined;
  for (const layer of layers) {
    const value = read(layer);
    if (value !== undefined) found = { value, source: layer.source };
  }
  return found;
}

/** True when every value comes from the default, as the field prints "Merged from multiple sources" otherwise. */
export function isDefaultPolicy(policy: Policy): boolean {
  const days = licenseClasses.flatMap((name) => Object.values(policy.classes[name]));
  return policy.ack_required.source === "default" && days.every((value) => value.source === "default");
}
