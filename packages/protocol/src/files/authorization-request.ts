// What a device without a connection asks for, or tells of a code that it installed or gave back. A bare list, as the field's
// files have it: sudi, keys, confirm_code, remove_code. Shape: spec/files.md, section 6.

import { parseJson } from "../json.ts";
import { type AuthorizationWish, authorizationWishListSchema } from "../messages/authorization.ts";
import { check } from "../schema.ts";

export function encodeAuthorizationRequest(wishes: readonly AuthorizationWish[]): string {
  return JSON.stringify(wishes);
}

/** Throws what `parseJson` throws, or `payload_invalid` with every wrong path. */
export function decodeAuthorizationRequest(json: string): readonly AuthorizationWish[] {
  return check(authorizationWishListSchema, parseJson(json), "payload_invalid");
}
