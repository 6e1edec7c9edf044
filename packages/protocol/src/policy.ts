// Policy: four licence classes, three demands each, every value with the source that set it (POL-, spec section 7).

import * as v from "valibot";
import type { TrustAnchors } from "./certificate.ts";
import { ProtocolError } from "./errors.ts";
import { parseJson } from "./json.ts";
import { policyDaysMax } from "./limits.ts";
import { check, epochMs, nonEmptyText, wholeNumber } from "./schema.ts";
import { type ManagerObject, verifyManagerObject } from "./signed-object.ts";

export const licenseClasses = ["perpetual", "subscription", "enforced", "export"] as const;
export type LicenseClass = (typeof licenseClasses)[number];

export const policyDemands = ["first_report_days", "reporting_frequency_days", "report_on_change_days"] as const;
export type PolicyDemand = (typeof policyDemands)[number];

/** From the least to the most specific; the most specific that sets a value wins. */
export const policySources = ["default", "product", "account", "virtual account", "imported file"] as const;
export type PolicySource = (typeof policySources)[number];

const sourceSchema = v.picklist(policySources);
const daysSchema = v.strictObject({ value: v.pipe(wholeNumber, v.maxValue(policyDaysMax)), source: sourceSchema });
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
  classes: v.strictObject({
    perpetual: classSchema,
    subscription: classSchema,
    enforced: classSchema,
    export: classSchema,
  }),
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

export type PolicyQuestion = {
  readonly object: ManagerObject;
  readonly anchors: TrustAnchors;
  readonly now: number;
  /** `policy_version` of the installed policy, or -1. An equal one is a repetition and harmless. */
  readonly installedVersion: number;
};

/** Verifies a policy for installation. Throws `certificate_…`, `signature_…`, `payload_invalid` or `policy_replayed` (I10). */
export async function verifyPolicy(question: PolicyQuestion): Promise<Policy> {
  const { object } = question;
  if (object.header.type !== "policy") throw new ProtocolError("envelope_invalid", "It is not a policy.");
  await verifyManagerObject(object, question.anchors, question.now);
  const policy = decodePolicy(object.payload);
  if (policy.policy_version < question.installedVersion) throw new ProtocolError("policy_replayed");
  return policy;
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

/**
 * Merges layers over the default, per value. The order in which layers are given does not matter: of two layers with
 * one source the stricter value counts, that is fewer days but for 0, an ACK rather than none, the name that sorts first.
 */
export function mergePolicy(layers: readonly PolicyLayer[], issue: PolicyIssue): Policy {
  const ordered = [defaultPolicyLayer, ...layers].sort(
    (one, other) => policySources.indexOf(one.source) - policySources.indexOf(other.source),
  );
  const days = (licenseClass: LicenseClass, demand: PolicyDemand): PolicyDays =>
    lastSet(ordered, (layer) => layer.classes?.[licenseClass]?.[demand], isStricterDemand) ?? {
      value: 0,
      source: "default",
    };
  const classOf = (licenseClass: LicenseClass) => ({
    first_report_days: days(licenseClass, "first_report_days"),
    reporting_frequency_days: days(licenseClass, "reporting_frequency_days"),
    report_on_change_days: days(licenseClass, "report_on_change_days"),
  });
  return {
    version: "1.0",
    name: lastSet(ordered, (layer) => layer.name, isSortedBefore)?.value ?? "Default Policy",
    policy_version: issue.policyVersion,
    issued_at: issue.issuedAtMs,
    ack_required: lastSet(
      ordered,
      (layer) => layer.ackRequired,
      (one) => one,
    ) ?? { value: true, source: "default" },
    classes: {
      perpetual: classOf("perpetual"),
      subscription: classOf("subscription"),
      enforced: classOf("enforced"),
      export: classOf("export"),
    },
  };
}

function lastSet<T>(
  layers: readonly PolicyLayer[],
  read: (layer: PolicyLayer) => T | undefined,
  isStricter: (one: T, other: T) => boolean,
) {
  let found: { value: T; source: PolicySource } | undefined;
  for (const layer of layers) {
    const value = read(layer);
    if (value === undefined) continue;
    if (found?.source !== layer.source || isStricter(value, found.value)) found = { value, source: layer.source };
  }
  return found;
}

/** 0 demands nothing, so any number of days is stricter. */
function isStricterDemand(one: number, other: number): boolean {
  return one > 0 && (other === 0 || one < other);
}

function isSortedBefore(one: string, other: string): boolean {
  return one < other;
}

/** True when every value comes from the default, as the field prints "Merged from multiple sources" otherwise. */
export function isDefaultPolicy(policy: Policy): boolean {
  const days = licenseClasses.flatMap((name) => Object.values(policy.classes[name]));
  return policy.ack_required.source === "default" && days.every((value) => value.source === "default");
}
