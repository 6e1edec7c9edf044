// countersign lab list: the instances that `lab exec` takes.

import { findPlatform } from "@countersign/device";
import { type Column, type Command, renderTable } from "@countersign/terminal";
import { type FleetInstance, fleet } from "./fleet.ts";
import { labDirectory, readFleet } from "./lab-directory.ts";
import { directoryOf, directoryOption } from "./lab-options.ts";

const columns: readonly Column<FleetInstance>[] = [
  { title: "Instance", value: (row) => row.name, keep: true },
  { title: "What it is", value: (row) => findPlatform(row.platform)?.title ?? row.platform },
];

export const list: Command = {
  name: "list",
  summary: "List the instances of the lab",
  options: directoryOption,
  run: async (input) => {
    const { stdout, json } = input;
    const instances = readFleet(labDirectory(directoryOf(input))) ?? fleet;
    if (json) stdout.write(`${JSON.stringify(instances)}\n`);
    else
      stdout.write(
        renderTable(columns, instances, "columns" in stdout ? (stdout.columns as number | undefined) : undefined),
      );
    return 0;
  },
};
