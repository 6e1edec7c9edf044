// The container `configuration` of the module: read from the settings in force, and turned into changes of them.

import * as v from "valibot";
import type { RunningConfiguration } from "../device-configuration.ts";
import type { LicensingChange } from "../device-control.ts";
import { HttpProblem } from "./http-problem.ts";
import { type LicenseSetting, licenseSettings, type SettingValue } from "./license-settings.ts";

export type DataNode = SettingValue | DataTree | readonly DataNode[];
export type DataTree = { readonly [name: string]: DataNode };

const pathName = (path: readonly string[]): string => ["/countersign-license:license/configuration", ...path].join("/");

export function configurationTree(configuration: RunningConfiguration): DataTree {
  const tree: Record<string, DataNode> = {};
  for (const { path, read } of licenseSettings) {
    const value = read(configuration);
    const [first = "", second] = path;
    if (value === null) continue;
    if (second === undefined) tree[first] = value;
    else tree[first] = { ...(tree[first] as DataTree | undefined), [second]: value };
  }
  return tree;
}

/** `replace`: what is not given is set back to its default; a secret stays, as nobody could give back what he read. */
export type EditKind = "merge" | "replace";

/** The changes that make what lies at `place` what `value` says. Throws `member_unknown` and `value_invalid`. */
export function changesTo(
  place: readonly string[],
  value: unknown,
  { kind, configuration }: { readonly kind: EditKind; readonly configuration: RunningConfiguration },
): readonly LicensingChange[] {
  const given = leavesOf(place, value);
  const below = settingsBelow(place);
  return below.flatMap((setting) => {
    const wish = given.get(setting.path.join("/"));
    if (wish === undefined && (kind === "merge" || setting.isSecret === true)) return [];
    const wanted = wish === undefined ? null : checked(setting, wish);
    const isKnown = setting.isSecret !== true && setting.followsOthers !== true;
    return isKnown && wanted === setting.read(configuration) ? [] : [setting.change(wanted)];
  });
}

/** The changes that set everything at `place` back to its default. */
export function changesToRemove(place: readonly string[]): readonly LicensingChange[] {
  return settingsBelow(place).map((setting) => setting.change(null));
}

/** Throws `not_found` where the model has nothing. */
export function settingsBelow(place: readonly string[]): readonly LicenseSetting[] {
  const below = licenseSettings.filter(({ path }) => place.every((name, index) => path[index] === name));
  if (below.length === 0) throw new HttpProblem("not_found", { path: pathName(place) });
  return below;
}

function checked(setting: LicenseSetting, value: unknown): SettingValue {
  const result = v.safeParse(setting.schema, value);
  if (result.success) return result.output;
  const message = `${setting.path.join("/")} cannot have this value.`;
  throw new HttpProblem("value_invalid", { message, path: pathName(setting.path) });
}

function leavesOf(place: readonly string[], value: unknown): ReadonlyMap<string, unknown> {
  if (licenseSettings.some(({ path }) => path.join("/") === place.join("/"))) {
    return new Map([[place.join("/"), value]]);
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new HttpProblem("value_invalid", { message: "A container is a JSON object.", path: pathName(place) });
  }
  const leaves = new Map<string, unknown>();
  for (const [name, member] of Object.entries(value)) {
    // RFC 7951: the name of the module may stand before every member.
    const path = [...place, name.replace(/^countersign-license:/, "")];
    if (!licenseSettings.some((one) => path.every((part, index) => one.path[index] === part))) {
      throw new HttpProblem("member_unknown", { path: pathName(path) });
    }
    for (const [leaf, given] of leavesOf(path, member)) leaves.set(leaf, given);
  }
  return leaves;
}
