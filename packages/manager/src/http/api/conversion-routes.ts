// Conversion of licences of the time before Smart Licensing: what devices asked for, and whether they may.

import * as v from "valibot";
import { type ApiRoute, field, inAccount, inVirtualAccount, needs, page, route } from "./api-route.ts";

/** `:device` is `PID:x,SN:y`. */
const params = v.strictObject({ device: field.name });
const query = v.strictObject(inAccount);

export const conversionRoutes: readonly ApiRoute[] = [
  route(
    {
      method: "GET",
      path: "/api/v1/conversions",
      needs: needs.reader,
      summary:
        "Lists conversions of old licences: those that wait, that are allowed and that are done, the newest first.",
    },
    { query: v.strictObject({ ...inVirtualAccount, ...page }) },
    ({ useCases }, { query: asked }) => useCases.listConversions(asked),
  ),
  route(
    {
      method: "GET",
      path: "/api/v1/conversions/:device",
      needs: needs.reader,
      summary: "Shows what one device asked to have converted, and what became of it.",
    },
    { params, query },
    ({ useCases }, { params: { device }, query: asked }) => useCases.showConversion({ ...asked, device }),
  ),
  route(
    {
      method: "POST",
      path: "/api/v1/conversions/:device/allow",
      needs: needs.administrator,
      summary: "Allows the conversion of what a device has told; it is deposited when the device asks again.",
    },
    { params, query },
    ({ useCases }, { params: { device }, query: asked, cause }) =>
      useCases.allowConversion({ ...asked, device, cause }),
  ),
  route(
    {
      method: "GET",
      path: "/api/v1/conversion-setting",
      needs: needs.reader,
      summary: "Says whether a smart account converts what devices tell without asking an administrator.",
    },
    { query },
    ({ useCases }, { query: asked }) => useCases.showConversionSetting(asked),
  ),
  route(
    {
      method: "PUT",
      path: "/api/v1/conversion-setting",
      needs: needs.administratorOfAccount,
      summary: "Sets whether a smart account converts what devices tell without asking an administrator.",
    },
    { query, body: v.strictObject({ isAutomatic: v.boolean() }) },
    ({ useCases }, { query: asked, body, cause }) => useCases.setConversion({ ...asked, ...body, cause }),
  ),
];
