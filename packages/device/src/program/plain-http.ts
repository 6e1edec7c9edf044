// What a device says when it is told to send licensing over plain HTTP (TRN-11). It does it, because a relay in front of TLS may be
// meant; but tokens and usage can be read on the way then, and nobody says who answers.

import type { DeviceCore } from "./device-core.ts";

/** Notes a log line where the address is no HTTPS; that of a relay, which is plain by default (TRN-3), is not asked about. */
export function notePlainHttp(core: DeviceCore, address: string | null): void {
  if (address === null || !address.startsWith("http:")) return;
  const text =
    `Licensing is sent over plain HTTP to ${new URL(address).host}: it is neither encrypted nor is the server verified. ` +
    "Use an https:// address; HTTPS on TCP 443 is recommended, and TCP 80 is used no longer";
  core.note({ facility: "HTTPC", severity: 4, mnemonic: "PLAIN_HTTP", text });
}
