// What is configured on a device, as plain values: the configuration in force, and the one of the next start.

import * as v from "valibot";
import { callHomeSchema, defaultCallHome } from "./call-home-configuration.ts";
import { clockSchema, defaultClock } from "./clock-configuration.ts";
import { defaultHttpServer, httpServerSchema } from "./http-configuration.ts";
import { defaultLogging, loggingSchema } from "./logging-configuration.ts";
import { networkSchema, unsetNetwork } from "./network-settings.ts";
import { defaultSnmp, snmpSchema } from "./snmp-configuration.ts";

export const transportTypes = ["smart", "cslu", "callhome", "automatic", "off"] as const;
export type TransportType = (typeof transportTypes)[number];

const text = v.nullable(v.string());
const wholeNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** A level and its addon; null where the platform has none, or what is configured is none of them. */
export const licenseLevelSchema = v.nullable(v.strictObject({ name: v.string(), addon: text }));

export const configurationSchema = v.strictObject({
  hostname: v.string(),
  customId: v.optional(text, null),
  privacy: v.strictObject({ hostname: v.boolean(), version: v.boolean() }),
  proxy: v.strictObject({
    address: text,
    port: v.nullable(wholeNumber),
    /** The password is kept apart: it is never shown, and stands as soon as it was entered. */
    username: v.optional(text, null),
  }),
  sourceInterface: text,
  clientTrustpoint: text,
  transport: v.picklist(transportTypes),
  /** Null means the default of that transport. */
  urls: v.strictObject({ smart: text, cslu: text, utility: text }),
  usageIntervalDays: v.nullable(wholeNumber),
  vrf: text,
  network: v.optional(networkSchema, unsetNetwork),
  logging: v.optional(loggingSchema, defaultLogging),
  snmp: v.optional(snmpSchema, defaultSnmp),
  /** In force from the next boot on. */
  licenseLevel: v.optional(licenseLevelSchema, null),
  clock: v.optional(clockSchema, defaultClock),
  httpServer: v.optional(httpServerSchema, defaultHttpServer),
  callHome: v.optional(callHomeSchema, defaultCallHome),
  /** `service internal`: commands for those who look into licensing. */
  serviceInternal: v.optional(v.boolean(), false),
});

export type RunningConfiguration = v.InferOutput<typeof configurationSchema>;

export function isSameConfiguration(one: RunningConfiguration, other: RunningConfiguration): boolean {
  return JSON.stringify(v.parse(configurationSchema, one)) === JSON.stringify(v.parse(configurationSchema, other));
}
