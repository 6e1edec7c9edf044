// Who the relay asks to become, on the disk before the manager hears of it: an answer that got lost is asked for again with the same key
// and the same name, and the manager gives the same trust for the one use of the token that it took. Gone as soon as there is an identity.

import { createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Udi } from "@countersign/protocol";
import { writeFileAtomically } from "@countersign/terminal";
import * as v from "valibot";
import { RelayError } from "../relay-error.ts";
import { isMissing } from "./missing-file.ts";

const fileName = "enrolment.json";

const storedSchema = v.strictObject({
  udi_pid: v.string(),
  udi_serial_number: v.string(),
  private_key: v.string(),
});

export type PendingEnrolment = { readonly udi: Udi; readonly privateKey: KeyObject };

/** What was asked with before, or a new key that is on the disk when this answers. Throws `relay_state_damaged`. */
export async function pendingEnrolment(directory: string): Promise<PendingEnrolment> {
  const known = readPending(directory);
  if (known !== null) return known;
  const udi = { pid: "COUNTERSIGN-RELAY", serialNumber: randomUUID().replaceAll("-", "").toUpperCase() };
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const stored: v.InferOutput<typeof storedSchema> = {
    udi_pid: udi.pid,
    udi_serial_number: udi.serialNumber,
    private_key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
  await writeFileAtomically(join(directory, fileName), `${JSON.stringify(stored)}\n`);
  return { udi, privateKey };
}

function readPending(directory: string): PendingEnrolment | null {
  let text: string;
  try {
    text = readFileSync(join(directory, fileName), "utf8");
  } catch (cause) {
    if (isMissing(cause)) return null;
    throw cause;
  }
  try {
    const { udi_pid: pid, udi_serial_number: serialNumber, private_key } = v.parse(storedSchema, JSON.parse(text));
    return { udi: { pid, serialNumber }, privateKey: createPrivateKey(private_key) };
  } catch (cause) {
    throw new RelayError("relay_state_damaged", fileName, { cause });
  }
}

/** A crash before this leaves the key that stands in the identity too. */
export function forgetPendingEnrolment(directory: string): Promise<void> {
  return rm(join(directory, fileName), { force: true });
}
