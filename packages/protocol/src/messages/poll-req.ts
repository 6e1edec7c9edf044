// POLL_REQ: the result of an earlier request. A repeated poll gives the same result (REP-13, MSG-6).

import * as v from "valibot";
import { decimalId, uuidOrEmpty } from "../schema.ts";
import { ledgerRequestEntries, requestDataEntries } from "./request-data.ts";

export const pollRequestSchema = v.strictObject({
  ...requestDataEntries,
  ...ledgerRequestEntries,
  original_request_type: v.literal("LICENSE_USAGE"),
  original_piid: uuidOrEmpty,
  poll_id: decimalId,
});
