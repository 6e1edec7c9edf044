// Every platform profile by its name.

import type { PlatformLicense, PlatformProfile } from "./platform-profile.ts";
import { c8000v } from "./profiles/c8000v.ts";
import { c9200 } from "./profiles/c9200.ts";
import { c9300Stack } from "./profiles/c9300-stack.ts";
import { c9300l } from "./profiles/c9300l.ts";
import { c9350 } from "./profiles/c9350.ts";
import { c9407r } from "./profiles/c9407r.ts";
import { c9500 } from "./profiles/c9500.ts";
import { c9500HighPerformance, c9500StackwiseVirtual } from "./profiles/c9500-high-performance.ts";
import { c9600 } from "./profiles/c9600.ts";
import { c9800Cl, c9800L, c980040, c980080 } from "./profiles/c9800.ts";
import { asr1001x, csr1000v, isr1111, isr4331, isrv } from "./profiles/classic-routers.ts";
import { c3650, c3850 } from "./profiles/classic-switches.ts";
import { embeddedProduct } from "./profiles/embedded-product.ts";
import { genericSoftware } from "./profiles/generic-software.ts";

export const platformProfiles: readonly PlatformProfile[] = [
  c9200,
  c9300Stack,
  c9300l,
  c9350,
  c9407r,
  c9500,
  c9500HighPerformance,
  c9500StackwiseVirtual,
  c9600,
  c980040,
  c980080,
  c9800L,
  c9800Cl,
  c8000v,
  c3650,
  c3850,
  asr1001x,
  isr1111,
  isr4331,
  csr1000v,
  isrv,
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

/** Licences that need an authorization code. */
export function enforcedLicensesOf(
  profile: PlatformProfile,
): readonly { readonly name: string; readonly tag: string; readonly isExport: boolean }[] {
  return profile.licenses
    .filter(({ licenseClass }) => licenseClass === "enforced" || licenseClass === "export")
    .map(({ name, tag, licenseClass }) => ({ name, tag, isExport: licenseClass === "export" }));
}
