// What a device is beside its licensing: platform, slots, configured features, access points, settings of its own.

import { haRoles } from "@countersign/protocol";
import * as v from "valibot";
import { callHomeSchema, defaultCallHome } from "./call-home-configuration.ts";
import { clockOffsetSchema, clockSchema, ownClock } from "./clock-configuration.ts";
import { configurationSchema, licenseLevelSchema } from "./device-configuration.ts";
import { defaultHttpServer, httpServerSchema } from "./http-configuration.ts";
import { defaultLogging, loggingSchema } from "./logging-configuration.ts";
import { networkSchema, unsetNetwork } from "./network-settings.ts";
import { defaultSnmp, snmpEngineSchema, snmpSchema, snmpUserSchema, snmpUsersMax } from "./snmp-configuration.ts";

const udiSchema = v.strictObject({ pid: v.string(), serialNumber: v.string() });
const wholeNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const descriptionSchema = v.strictObject({
  formatVersion: v.literal(1),
  platform: v.string(),
  hostname: v.string(),
  softwareVersion: v.string(),
  slots: v.pipe(
    v.array(v.strictObject({ number: wholeNumber, udi: udiSchema, role: v.picklist(haRoles) })),
    v.minLength(1),
    v.maxLength(64),
  ),
  /** Slots that failed: their devices are not there, nobody counts them, and they may come back. */
  failedSlots: v.optional(v.array(v.strictObject({ number: wholeNumber, udi: udiSchema })), []),
  switchovers: v.optional(
    v.strictObject({ count: wholeNumber, lastReason: v.nullable(v.string()), lastAtMs: v.nullable(wholeNumber) }),
    { count: 0, lastReason: null, lastAtMs: null },
  ),
  /** In force since the last boot. */
  features: v.array(v.string()),
  /** Configured; in force from the next boot on, when it was saved. */
  licenseLevel: v.optional(licenseLevelSchema, null),
  accessPoints: v.pipe(v.array(udiSchema), v.maxLength(100_000)),
  /** What was counted when the last report was acknowledged (REP-9); null before the first. */
  airReport: v.nullable(
    v.strictObject({
      atMs: wholeNumber,
      active: wholeNumber,
      added: wholeNumber,
      deleted: wholeNumber,
      serials: v.array(v.string()),
      addedSerials: v.optional(v.array(v.string()), []),
      deletedSerials: v.optional(v.array(v.string()), []),
    }),
  ),
  /** Halves of a proxy as they were entered; the agent gets it when both are there. */
  proxy: v.strictObject({
    address: v.nullable(v.string()),
    port: v.nullable(wholeNumber),
    username: v.nullable(v.string()),
    password: v.nullable(v.string()),
  }),
  sourceInterface: v.nullable(v.string()),
  clientTrustpoint: v.nullable(v.string()),
  network: v.optional(networkSchema, unsetNetwork),
  logging: v.optional(loggingSchema, defaultLogging),
  snmp: v.optional(snmpSchema, defaultSnmp),
  clock: v.optional(v.omit(clockSchema, ["zone"]), { calendarValid: false, ntpServers: [] }),
  clockOffset: v.optional(clockOffsetSchema, ownClock),
  /** Kept at once, outside the configuration: passphrases are never shown. */
  snmpUsers: v.optional(v.pipe(v.array(snmpUserSchema), v.maxLength(snmpUsersMax)), []),
  /** Null until SNMP was used for the first time. */
  snmpEngine: v.optional(v.nullable(snmpEngineSchema), null),
  httpServer: v.optional(httpServerSchema, defaultHttpServer),
  callHome: v.optional(callHomeSchema, defaultCallHome),
  serviceInternal: v.optional(v.boolean(), false),
  defaultSmartUrl: v.string(),
  /** What the next start begins with; null until something was saved. */
  startupConfiguration: v.optional(v.nullable(configurationSchema), null),
  /** PEM texts of the licensing roots. */
  trustAnchors: v.array(v.string()),
  zone: v.strictObject({ label: v.string(), offsetMinutes: v.pipe(v.number(), v.safeInteger()) }),
});

export type DeviceDescription = v.InferOutput<typeof descriptionSchema>;

/** Throws what valibot throws for anything else. */
export function parseDescription(value: unknown): DeviceDescription {
  return v.parse(descriptionSchema, value);
}

/** Where a device keeps its description; in memory for a device without a state folder. */
export interface DescriptionStore {
  read(): Promise<DeviceDescription | null>;
  write(description: DeviceDescription): Promise<void>;
}
