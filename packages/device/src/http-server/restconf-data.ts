// The data of the module as RESTCONF addresses it (RFC 8040, 3.5.3): a path of names, list entries by key.

import type { LicenseReader } from "../license-view.ts";
import { configurationTree, type DataNode, type DataTree } from "./configuration-tree.ts";
import { HttpProblem } from "./http-problem.ts";
import { stateTree } from "./state-tree.ts";

export const moduleName = "countersign-license";
export const moduleRevision = "2026-11-30";
export const moduleNamespace = "urn:countersign:yang:license";
export const rootNode = `${moduleName}:license`;

export const contents = ["all", "config", "nonconfig"] as const;
/** Query parameter `content` (RFC 8040, 4.8.1). */
export type Content = (typeof contents)[number];

/** Names of lists and their keys, as the module has them; each list has one key. */
const listKeys: Readonly<Record<string, string>> = {
  device: "slot",
  class: "name",
  usage: "tag",
  report: "id",
  job: "name",
  message: "kind",
  interface: "name",
  capture: "name",
  license: "tag",
};

export async function licenseTree(reader: LicenseReader, content: Content): Promise<DataTree> {
  return {
    ...(content === "nonconfig" ? {} : { configuration: configurationTree(reader.runningConfiguration()) }),
    ...(content === "config" ? {} : { state: await readState(reader) }),
  };
}

async function readState(reader: LicenseReader): Promise<DataTree> {
  const { interfaces } = await reader.network();
  const { captures } = reader.watch();
  return stateTree({ view: reader.view(), reports: await reader.reports(), interfaces, captures });
}

/** `names` lies below the root node. The answer has the one member that RFC 8040 wants. Throws `not_found`. */
export function dataAt(tree: DataTree, names: readonly string[]): DataTree {
  let at: DataNode = tree;
  let name = "license";
  for (const step of names) {
    const [, member = "", key] = /^(?:countersign-license:)?([^=]+)(?:=(.*))?$/s.exec(step) ?? [];
    const found: DataNode | undefined = isTree(at) ? at[member] : undefined;
    const next: DataNode | undefined = key === undefined ? found : entryOf(found, listKeys[member], key);
    // A list as a whole is not a resource of its own (RFC 8040, 3.5); it is read with what holds it.
    if (next === undefined || (key === undefined && Array.isArray(next))) throw new HttpProblem("not_found");
    at = next;
    name = member;
  }
  const isEntry = names.at(-1)?.includes("=") ?? false;
  return { [`${moduleName}:${name}`]: isEntry ? [at] : at };
}

function entryOf(list: DataNode | undefined, keyName: string | undefined, key: string): DataNode | undefined {
  if (!Array.isArray(list) || keyName === undefined) return undefined;
  return (list as readonly DataNode[]).find((entry) => isTree(entry) && String(entry[keyName]) === key);
}

function isTree(node: DataNode | undefined): node is DataTree {
  return typeof node === "object" && !Array.isArray(node);
}
