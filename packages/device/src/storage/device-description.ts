// What a device is beside its licensing: platform, slots, configured features, access points, settings of its own.
// One small file, replaced as a whole; the agent keeps its own state in its own folder.

import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { haRoles } from "@countersign/protocol";
import * as v from "valibot";
import { DeviceError } from "../device-error.ts";

const udiSchema = v.strictObject({ pid: v.string(), serialNumber: v.string() });
const wholeNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const descriptionSchema = v.strictObject({
  formatVersion: v.literal(1),
  platform: v.string(),
  hostname: v.string(),
  slots: v.pipe(
    v.array(v.strictObject({ number: wholeNumber, udi: udiSchema, role: v.picklist(haRoles) })),
    v.minLength(1),
    v.maxLength(64),
  ),
  features: v.array(v.string()),
  accessPoints: v.pipe(v.array(udiSchema), v.maxLength(100_000)),
  /** What was counted when the last report was acknowledged (REP-9); null before the first. */
  airReport: v.nullable(
    v.strictObject({
      atMs: wholeNumber,
      active: wholeNumber,
      added: wholeNumber,
      deleted: wholeNumber,
      serials: v.array(v.string()),
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
  defaultSmartUrl: v.string(),
  /** PEM texts of the licensing roots. */
  trustAnchors: v.array(v.string()),
  zone: v.strictObject({ label: v.string(), offsetMinutes: v.pipe(v.number(), v.safeInteger()) }),
});

export type DeviceDescription = v.InferOutput<typeof descriptionSchema>;

const fileName = "device.json";

/** Where a device keeps its description; in memory for a device without a state folder. */
export interface DescriptionStore {
  read(): Promise<DeviceDescription | null>;
  write(description: DeviceDescription): Promise<void>;
}

export function fileDescriptionStore(stateDirectory: string): DescriptionStore {
  return {
    read: () => readDescription(stateDirectory),
    write: (description) => writeDescription(stateDirectory, description),
  };
}

export function memoryDescriptionStore(): DescriptionStore {
  let kept: DeviceDescription | null = null;
  return {
    read: async () => kept,
    write: async (description) => {
      kept = description;
    },
  };
}

/** Null when no device was described here; throws `device_state_unreadable`. */
export async function readDescription(stateDirectory: string): Promise<DeviceDescription | null> {
  let text: string;
  try {
    text = await readFile(join(stateDirectory, fileName), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new DeviceError("device_state_unreadable", join(stateDirectory, fileName), { cause: error });
  }
  try {
    return v.parse(descriptionSchema, JSON.parse(text));
  } catch (cause) {
    throw new DeviceError("device_state_unreadable", join(stateDirectory, fileName), { cause });
  }
}

/** After a crash the file is the old one or the new one, never a part. Readable by the owner only. */
async function writeDescription(stateDirectory: string, description: DeviceDescription): Promise<void> {
  await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
  const temporary = join(stateDirectory, `${fileName}.${randomUUID()}`);
  const file = await open(temporary, "wx", 0o600);
  try {
    await file.writeFile(JSON.stringify(description));
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await rename(temporary, join(stateDirectory, fileName));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  const folder = await open(stateDirectory, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
