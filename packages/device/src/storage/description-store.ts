// The description of a device in one small file, replaced as a whole; the agent keeps its own state in its own folder.

import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "@countersign/terminal";
import { type DescriptionStore, type DeviceDescription, parseDescription } from "../device-description.ts";
import { DeviceError } from "../device-error.ts";

const fileName = "device.json";

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
    return parseDescription(JSON.parse(text));
  } catch (cause) {
    throw new DeviceError("device_state_unreadable", join(stateDirectory, fileName), { cause });
  }
}

/** After a crash the file is the old one or the new one, never a part. Readable by the owner only. */
async function writeDescription(stateDirectory: string, description: DeviceDescription): Promise<void> {
  await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
  await writeFileAtomically(join(stateDirectory, fileName), JSON.stringify(description));
}
