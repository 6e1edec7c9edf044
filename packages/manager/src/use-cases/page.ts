// How much of a list is given at once.

import { ManagerError } from "../errors.ts";
import type { Page } from "../storage-ports.ts";
import type { PageWish } from "./use-cases.ts";

export const pageLimitDefault = 100;
export const pageLimitMax = 10_000;

/** Throws `input_invalid`. */
export function pageOf({ limit = pageLimitDefault, after }: PageWish): Page<number> {
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > pageLimitMax)
    throw new ManagerError("input_invalid", `limit: must be 1 to ${pageLimitMax}`);
  if (after !== undefined && !Number.isSafeInteger(after))
    throw new ManagerError("input_invalid", "after: must be a whole number");
  return { limit, after: after ?? null };
}
