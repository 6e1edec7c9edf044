// The device's own HTTPS server, as it is configured (`ip http ...`). The HTTP client of licensing is configured elsewhere, and
// neither ever changes the other (TRN-10).

import * as v from "valibot";

export const httpServerSchema = v.strictObject({
  /** `ip http secure-server` */
  isOn: v.boolean(),
  /** `ip http secure-port`; 0 for a free one, which only a start's options say. */
  port: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(65_535)),
  /** `ip http authentication local`: the users of the device. Null: nobody is let in. */
  authentication: v.nullable(v.literal("local")),
});

export type HttpServerSettings = v.InferOutput<typeof httpServerSchema>;

export const httpsPortDefault = 443;
export const defaultHttpServer: HttpServerSettings = { isOn: false, port: httpsPortDefault, authentication: null };
