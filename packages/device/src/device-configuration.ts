// What is configured on a device, as plain values: the configuration in force, and the one of the next start.

import * as v from "valibot";

export const transportTypes = ["smart", "cslu", "callhome", "automatic", "off"] as const;
export type TransportType = (typeof transportTypes)[number];

const text = v.nullable(v.string());
const wholeNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const configurationSchema = v.strictObject({
  hostname: v.string(),
  privacy: v.strictObject({ hostname: v.boolean(), version: v.boolean() }),
  proxy: v.strictObject({ address: text, port: v.nullable(wholeNumber) }),
  sourceInterface: text,
  clientTrustpoint: text,
  transport: v.picklist(transportTypes),
  /** Null means the default of that transport. */
  urls: v.strictObject({ smart: text, cslu: text, utility: text }),
  usageIntervalDays: v.nullable(wholeNumber),
  vrf: text,
});

export type RunningConfiguration = v.InferOutput<typeof configurationSchema>;

export function isSameConfiguration(one: RunningConfiguration, other: RunningConfiguration): boolean {
  return JSON.stringify(v.parse(configurationSchema, one)) === JSON.stringify(v.parse(configurationSchema, other));
}
