// Licence files that a person carries: usage that was saved on a device, and trust requests.

import { fileBytesMax } from "@countersign/protocol";
import * as v from "valibot";
import { type ApiRoute, field, inAccount, inVirtualAccount, needs, route } from "./api-route.ts";

const bytes = v.instance(Uint8Array);

export const fileRoutes: readonly ApiRoute[] = [
  route(
    {
      method: "POST",
      path: "/api/v1/usage-files",
      needs: needs.administrator,
      summary: "Takes saved usage reports like reports that were sent; answers the acknowledgements as a file.",
      fileBytesMax,
    },
    { query: v.strictObject(inAccount), body: bytes },
    ({ useCases }, { query, body, cause }) => useCases.importUsageFile({ ...query, bytes: body, cause }),
  ),
  route(
    {
      method: "POST",
      path: "/api/v1/trust-request-files",
      needs: needs.administrator,
      summary: "Lets in the devices of a saved trust request; answers their trust codes as a file.",
      status: 201,
      fileBytesMax,
    },
    {
      query: v.strictObject({
        ...inVirtualAccount,
        force: v.optional(field.flag, "false"),
        exportControlAllowed: v.optional(field.flag, "false"),
      }),
      body: bytes,
    },
    ({ useCases }, { query, body, cause }) => useCases.enrolByFile({ ...query, bytes: body, cause }),
  ),
];
