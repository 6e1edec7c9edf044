// Where a lab keeps what it must take up again: the manager's data, one folder per instance, and the manager's port.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { FleetInstance } from "./fleet.ts";
import { parseFleet } from "./fleet-file.ts";

export const defaultLabDirectory = ".countersign/lab";

export type LabDirectory = {
  readonly path: string;
  readonly manager: string;
  device(name: string): string;
};

export function labDirectory(path: string = defaultLabDirectory): LabDirectory {
  const root = resolve(path);
  return { path: root, manager: join(root, "manager"), device: (name) => join(root, "devices", name) };
}

export function createLabDirectory(directory: LabDirectory): void {
  mkdirSync(join(directory.path, "devices"), { recursive: true, mode: 0o700 });
}

/** The port of the last run, so that devices find the manager where they left it; 0 when there was none. */
export function readPort(directory: LabDirectory): number {
  try {
    const port = Number(readFileSync(portFile(directory), "utf8"));
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return 0;
    throw error;
  }
}

export function writePort(directory: LabDirectory, port: number): void {
  replaceFile(portFile(directory), `${port}\n`);
}

/** The instances of the last start, for the commands that speak to them. */
export function writeFleet(directory: LabDirectory, instances: readonly FleetInstance[]): void {
  replaceFile(fleetFile(directory), `${JSON.stringify({ instances }, null, 2)}\n`);
}

/** Whole or as before: a lab is stopped at any moment, and its commands read beside it. */
function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

/** Null when no lab was started there yet. */
export function readFleet(directory: LabDirectory): readonly FleetInstance[] | null {
  try {
    return parseFleet(readFileSync(fleetFile(directory), "utf8"), fleetFile(directory));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

function fleetFile(directory: LabDirectory): string {
  return join(directory.path, "fleet.json");
}

function portFile(directory: LabDirectory): string {
  return join(directory.path, "manager-port");
}
