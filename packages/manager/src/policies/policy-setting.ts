// The reporting policy of an account: layers set by people over the field's default, under versions that only grow (POL-, I10).

import {
  licenseClasses,
  mergePolicy,
  type Policy,
  type PolicyLayer,
  type PolicySource,
  policyDemands,
} from "@countersign/protocol";
import * as v from "valibot";
import { ManagerError } from "../errors.ts";

/** What was set for the smart account (virtualAccountId null) or one virtual account, and when. */
export type PolicySetting = {
  readonly smartAccountId: number;
  readonly virtualAccountId: number | null;
  readonly version: number;
  readonly setAtMs: number;
  readonly layer: PolicyLayer;
};

const days = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(3650));
const demands = v.partial(v.strictObject(v.entriesFromList(policyDemands, days)));
const layerSchema = v.strictObject({
  name: v.optional(v.pipe(v.string(), v.nonEmpty(), v.maxLength(256))),
  ackRequired: v.optional(v.boolean()),
  classes: v.optional(v.partial(v.strictObject(v.entriesFromList(licenseClasses, demands)))),
});

/** Reads a layer as a person writes it; throws `input_invalid` with every wrong place. */
export function readPolicyLayer(value: unknown, source: PolicySource): PolicyLayer {
  const result = v.safeParse(layerSchema, value);
  if (!result.success) {
    const places = result.issues.map((issue) => `${v.getDotPath(issue) ?? "(layer)"}: ${issue.message}`);
    throw new ManagerError("input_invalid", places.join("; "));
  }
  return withoutUndefined({ source, ...result.output });
}

/** `exactOptionalPropertyTypes`: a member that is not set is left out. */
function withoutUndefined(layer: object): PolicyLayer {
  return JSON.parse(JSON.stringify(layer)) as PolicyLayer;
}

/** The version every account starts with, so that a fresh device (version 0) is given the policy. */
export const firstPolicyVersion = 1;

/** The settings that concern a virtual account: the account's and its own. */
export function settingsFor(
  settings: readonly PolicySetting[],
  virtualAccountId: number | null,
): readonly PolicySetting[] {
  return settings.filter(
    (setting) => setting.virtualAccountId === null || setting.virtualAccountId === virtualAccountId,
  );
}

/** Version in force: of the newest setting that concerns it, never below `floor` (a transfer must not go back). */
export function versionInForce(settings: readonly PolicySetting[], virtualAccountId: number | null, floor = 0): number {
  const versions = settingsFor(settings, virtualAccountId).map((setting) => setting.version);
  return Math.max(firstPolicyVersion, floor, ...versions);
}

export function policyInForce(settings: readonly PolicySetting[], virtualAccountId: number | null, floor = 0): Policy {
  const concerned = settingsFor(settings, virtualAccountId);
  const issuedAtMs = Math.max(0, ...concerned.map((setting) => setting.setAtMs));
  const layers = concerned.map((setting) => setting.layer);
  return mergePolicy(layers, { policyVersion: versionInForce(settings, virtualAccountId, floor), issuedAtMs });
}
