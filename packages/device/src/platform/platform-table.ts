// Every platform profile by its name.

import type { PlatformLicense, PlatformProfile } from "./platform-profile.ts";
import { c8000v } from "./profiles/c8000v.ts";
import { c9300Stack } from "./profiles/c9300-stack.ts";
import { c9407r } from "./profiles/c9407r.ts";
import { c9500StackwiseVirtual } from "./profiles/c9500-stackwise-virtual.ts";
import { c9800Cl } from "./profiles/c9800-cl.ts";
import { embeddedProduct } from "./profiles/embedded-product.ts";
import { genericSoftware } from "./profiles/generic-software.ts";

export const platformProfiles: readonly PlatformProfile[] = [
  c9300Stack,
  c9407r,
  c9500StackwiseVirtual,
  c9800Cl,
  c8000v,
  genericSoftware,
  embeddedProduct,
];

/** Undefined when no platform has that name. */
export function findPlatform(name: string): PlatformProfile | undefined {
  return platformProfiles.find((profile) => profile.name === name);
}

/** The licence of a tag on a platform; undefined for a tag that the platform does not know. */
export function licenseOfTag(profile: PlatformProfile, tag: string): PlatformLicense | undefined {
  return profile.licenses.find((license) => license.tag === tag);
}
