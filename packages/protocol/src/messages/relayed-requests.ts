// RELAYED_REQUESTS: what devices gave to a relay, byte for byte, each with the time at which the relay took it; answered with the
// manager's own signed answers. Base64 keeps the bytes as they came, and does not grow with every JSON text around it.

import * as v from "valibot";
import { relayedItemsMax } from "../limits.ts";
import { base64, decimalId, epochMs, text } from "../schema.ts";
import { answerDataEntries, requestDataEntries } from "./request-data.ts";

const relayedKinds = ["message", "usage-file"] as const;

export const relayedRequestsSchema = v.strictObject({
  ...requestDataEntries,
  items: v.pipe(
    v.array(
      v.strictObject({
        item_id: decimalId,
        kind: v.picklist(relayedKinds),
        received_at: epochMs,
        content: base64,
      }),
    ),
    v.minLength(1),
    v.maxLength(relayedItemsMax),
  ),
});

/** `content` is the manager's answer to a message, or the licence file with the ACKs of a usage file; "" with a `code`. */
export const relayedAnswersSchema = v.strictObject({
  ...answerDataEntries,
  items: v.pipe(
    v.array(v.strictObject({ item_id: decimalId, content: base64, code: text, remedy: v.string() })),
    v.maxLength(relayedItemsMax),
  ),
});
