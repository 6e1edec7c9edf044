// Fleets that a person chooses: platforms by name, or a JSON file. Everything is checked before anything is started.

import { readFileSync } from "node:fs";
import { findPlatform, licensingModelOf, type PlatformProfile, platformProfiles } from "@countersign/device";
import { formatUdi, parseUdi, type Udi } from "@countersign/protocol";
import * as v from "valibot";
import type { FleetInstance } from "./fleet.ts";

/** Instances of one lab; each is a device with an agent and keys of its own. */
export const fleetInstancesMax = 64;

/** What is wrong with a fleet, where, and what to do; its message is for people. */
export class FleetError extends Error {
  override readonly name = "FleetError";
}

const udiText = v.pipe(v.string(), v.regex(/^[\x21-\x2b\x2d-\x7e]{1,64}$/, "is not a product id or serial number"));

const fleetSchema = v.strictObject({
  instances: v.pipe(
    v.array(
      v.strictObject({
        name: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "is not up to 32 of a-z, 0-9 and -")),
        platform: v.string(),
        accessPoints: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(6000)), 0),
        softwareVersion: v.optional(v.pipe(v.string(), v.regex(/^\d+(\.\d+){1,3}[a-z]?$/, "is not like 17.9.4"))),
        members: v.optional(
          v.pipe(v.array(v.strictObject({ pid: udiText, serialNumber: udiText })), v.minLength(1), v.maxLength(16)),
        ),
      }),
    ),
    v.minLength(1, "names no instance"),
    v.maxLength(fleetInstancesMax, `names more than ${fleetInstancesMax} instances`),
  ),
});

/** Throws `FleetError`. */
export function readFleetFile(path: string): readonly FleetInstance[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new FleetError(`the fleet file ${path} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  return parseFleet(text, path);
}

/** Throws `FleetError`, which names the place in the file. */
export function parseFleet(text: string, path: string): readonly FleetInstance[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new FleetError(`${path} is not JSON: ${error instanceof Error ? error.message : error}`);
  }
  const parsed = v.safeParse(fleetSchema, value);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new FleetError(`${path}: ${v.getDotPath(issue) ?? "the file"} ${issue.message}`);
  }
  return checkFleet(parsed.output.instances);
}

/** One instance of each platform, named after it; the second of a kind has devices and a name of its own. */
export function fleetOfPlatforms(names: readonly string[]): readonly FleetInstance[] {
  const seen = new Map<string, number>();
  const instances = names.map((platform): FleetInstance => {
    const profile = requirePlatform(platform);
    const ordinal = (seen.get(platform) ?? 0) + 1;
    seen.set(platform, ordinal);
    const accessPoints = profile.hasAccessPoints ? 12 : 0;
    if (ordinal === 1) return { name: platform, platform, accessPoints };
    return { name: `${platform}-${ordinal}`, platform, accessPoints, members: membersOfAnother(profile, ordinal) };
  });
  return checkFleet(instances);
}

/** The profile's devices with other serial numbers; the supervisors of a chassis go on sharing theirs. */
function membersOfAnother({ defaultSlots }: PlatformProfile, ordinal: number): readonly Udi[] {
  return defaultSlots.map(({ udi }) => ({ ...udi, serialNumber: `${udi.serialNumber}-${ordinal}` }));
}

function requirePlatform(platform: string): PlatformProfile {
  const profile = findPlatform(platform);
  if (profile !== undefined) return profile;
  const known = platformProfiles.map(({ name }) => name).join(", ");
  throw new FleetError(`there is no platform "${platform}"; there are ${known}`);
}

/** No name twice, no device twice, and only what the platform can be. */
function checkFleet(instances: readonly FleetInstance[]): readonly FleetInstance[] {
  const names = new Set<string>();
  const owners = new Map<string, string>();
  for (const instance of instances) {
    const { name } = instance;
    if (names.has(name)) throw new FleetError(`the fleet has two instances "${name}"; give one another name`);
    names.add(name);
    const profile = requirePlatform(instance.platform);
    checkInstance(instance, profile);
    for (const udi of new Set((instance.members ?? profile.defaultSlots.map((slot) => slot.udi)).map(formatUdi))) {
      const owner = owners.get(udi);
      if (owner !== undefined)
        throw new FleetError(`${name} and ${owner} have the same device ${udi}; give one other members`);
      owners.set(udi, name);
    }
  }
  return instances;
}

function checkInstance(instance: FleetInstance, profile: PlatformProfile): void {
  const { name, accessPoints, softwareVersion = profile.softwareVersion, members } = instance;
  if (accessPoints > 0 && !profile.hasAccessPoints)
    throw new FleetError(`${name}: no access points join a ${profile.title}`);
  const model = licensingModelOf(profile, softwareVersion);
  if (model !== "policy") {
    const has = model === null ? "does not exist for it" : `licenses it in ${model} mode, which a fleet does not have`;
    throw new FleetError(`${name}: software ${softwareVersion} ${has}`);
  }
  if (members !== undefined) checkMembers(name, members, profile);
}

function checkMembers(name: string, members: readonly Udi[], profile: PlatformProfile): void {
  if (members.length > profile.slotsMax)
    throw new FleetError(`${name}: a ${profile.title} has ${profile.slotsMax} devices at most`);
  for (const udi of members) {
    parseUdi(formatUdi(udi));
    if (!profile.pidPrefixes.some((prefix) => udi.pid.startsWith(prefix)))
      throw new FleetError(
        `${name}: ${udi.pid} is no ${profile.title}; its PIDs begin with ${profile.pidPrefixes.join(", ")}`,
      );
  }
  const isShared = new Set(members.map(formatUdi)).size < members.length;
  if (isShared !== (profile.redundancy === "chassis" && members.length > 1)) {
    const rule =
      profile.redundancy === "chassis" ? "all supervisors have the chassis' UDI" : "no two members have one UDI";
    throw new FleetError(`${name}: ${rule}`);
  }
}
