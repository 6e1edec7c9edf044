// How a test says which refusal it expects: by class and code, never by text.

import assert from "node:assert/strict";
import { ProtocolError, type ProtocolErrorCode } from "../errors.ts";

/** The code of what the call throws or rejects with; fails for success and for anything that is not a ProtocolError. */
export async function codeOf(call: () => unknown): Promise<ProtocolErrorCode> {
  try {
    await call();
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw new Error("refused with something else than a ProtocolError", { cause: error });
  }
  return assert.fail("was not refused");
}

export async function assertRefused(code: ProtocolErrorCode, call: () => unknown, what = ""): Promise<void> {
  assert.equal(await codeOf(call), code, what);
}

/**
 * Calls `take` with the bytes changed at one place, for every place, and fails unless each is refused.
 * Each byte is changed in its lowest bit and to a letter, so that JSON stays JSON at many places.
 */
export async function assertEveryByteCounts(bytes: Uint8Array, take: (bytes: Buffer) => unknown): Promise<number> {
  let refused = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    for (const replacement of replacementsOf(bytes[at] as number)) {
      const mutated = Buffer.from(bytes);
      mutated[at] = replacement;
      const where = `byte ${at} ${JSON.stringify(Buffer.from(bytes).toString("latin1", at - 10, at + 10))} became ${replacement}`;
      await codeOf(() => take(mutated)).catch((error: unknown) => assert.fail(`${where}: ${String(error)}`));
      refused += 1;
    }
  }
  return refused;
}

function replacementsOf(byte: number): number[] {
  return [...new Set([byte ^ 1, 0x41])].filter((replacement) => replacement !== byte);
}
