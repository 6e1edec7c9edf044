// The part of a TLS connection that is in clear text (RFC 5246, RFC 8446): records, handshake messages, alerts. Of TLS 1.3 that is
// little: its certificates are encrypted.

import { certificatesPerChainMax } from "./capture-limits.ts";

export type TlsMessage = { readonly type: number; readonly body: Uint8Array; readonly at: number };
export type TlsAlert = { readonly name: string; readonly at: number };

export type TlsSide = {
  readonly messages: readonly TlsMessage[];
  readonly alerts: readonly TlsAlert[];
  /** Where the first record of application data begins; null for none. */
  readonly dataAt: number | null;
};

export const handshake = {
  clientHello: 1,
  serverHello: 2,
  newSessionTicket: 4,
  certificate: 11,
  certificateRequest: 13,
} as const;

const record = { changeCipherSpec: 20, alert: 21, handshake: 22, data: 23 } as const;

export function looksLikeTls(bytes: Uint8Array): boolean {
  const [type = 0, major = 0, minor = 0] = bytes;
  return type >= record.changeCipherSpec && type <= record.data && major === 3 && minor <= 4;
}

export function readTls(bytes: Uint8Array): TlsSide {
  const alerts: TlsAlert[] = [];
  const pieces: { readonly bytes: Uint8Array; readonly at: number }[] = [];
  let dataAt: number | null = null;
  let isEncrypted = false;
  for (let at = 0; at + 5 <= bytes.byteLength && looksLikeTls(bytes.subarray(at)); ) {
    const type = bytes[at] ?? 0;
    const length = ((bytes[at + 3] ?? 0) << 8) | (bytes[at + 4] ?? 0);
    const body = bytes.subarray(at + 5, at + 5 + length);
    if (type === record.changeCipherSpec) isEncrypted = true;
    if (type === record.handshake && !isEncrypted) pieces.push({ bytes: body, at });
    if (type === record.alert && length === 2 && body.byteLength === 2)
      alerts.push({ name: alertName(body[1] ?? 0), at });
    if (type === record.data) dataAt ??= at;
    at += 5 + length;
  }
  return { messages: messagesIn(pieces), alerts, dataAt };
}

/** Messages may share a record, and may span several. */
function messagesIn(pieces: readonly { readonly bytes: Uint8Array; readonly at: number }[]): readonly TlsMessage[] {
  const whole = Buffer.concat(pieces.map(({ bytes }) => bytes));
  const placeOf = (offset: number): number => {
    let end = 0;
    for (const { bytes, at } of pieces) {
      end += bytes.byteLength;
      if (end > offset) return at;
    }
    return 0;
  };
  const messages: TlsMessage[] = [];
  for (let at = 0; at + 4 <= whole.byteLength; ) {
    const length = whole.readUIntBE(at + 1, 3);
    if (at + 4 + length > whole.byteLength) break;
    messages.push({ type: whole[at] ?? 0, body: whole.subarray(at + 4, at + 4 + length), at: placeOf(at) });
    at += 4 + length;
  }
  return messages;
}

/** RFC 8446 appendix B.2, and what was before it. */
const alertNames: Readonly<Record<number, string>> = {
  0: "close_notify",
  10: "unexpected_message",
  20: "bad_record_mac",
  22: "record_overflow",
  40: "handshake_failure",
  42: "bad_certificate",
  43: "unsupported_certificate",
  44: "certificate_revoked",
  45: "certificate_expired",
  46: "certificate_unknown",
  47: "illegal_parameter",
  48: "unknown_ca",
  49: "access_denied",
  50: "decode_error",
  51: "decrypt_error",
  70: "protocol_version",
  71: "insufficient_security",
  80: "internal_error",
  86: "inappropriate_fallback",
  90: "user_canceled",
  109: "missing_extension",
  110: "unsupported_extension",
  112: "unrecognized_name",
  116: "certificate_required",
  120: "no_application_protocol",
};

function alertName(code: number): string {
  return alertNames[code] ?? `alert ${code}`;
}

/** DER of each certificate of a Certificate message of TLS 1.2. */
export function certificatesOf({ body }: TlsMessage): readonly Uint8Array[] {
  const certificates: Uint8Array[] = [];
  for (let at = 3; at + 3 <= body.byteLength && certificates.length < certificatesPerChainMax; ) {
    const length = Buffer.from(body.subarray(at, at + 3)).readUIntBE(0, 3);
    if (at + 3 + length > body.byteLength) break;
    certificates.push(body.subarray(at + 3, at + 3 + length));
    at += 3 + length;
  }
  return certificates;
}

/** The name that the client asked for (RFC 6066 section 3); null for none. */
export function serverNameOf(hello: TlsMessage): string | null {
  const extension = extensionOf(hello, 0, true);
  if (extension === null || extension.byteLength < 6) return null;
  const name = Buffer.from(extension.subarray(5)).toString("latin1");
  return /^[A-Za-z0-9._-]{1,253}$/.test(name) ? name : null;
}

const versions: Readonly<Record<number, string>> = { 769: "TLS 1.0", 770: "TLS 1.1", 771: "TLS 1.2", 772: "TLS 1.3" };

export function versionOf(hello: TlsMessage): string {
  const chosen = extensionOf(hello, 43, false) ?? hello.body.subarray(0, 2);
  const number = ((chosen[0] ?? 0) << 8) | (chosen[1] ?? 0);
  return versions[number] ?? `version ${number.toString(16)}`;
}

/** Behind version, random, session, cipher suites (one of a server), compression methods. */
function extensionOf({ body }: TlsMessage, wanted: number, isClient: boolean): Uint8Array | null {
  const u16 = (at: number): number => ((body[at] ?? 0) << 8) | (body[at + 1] ?? 0);
  let at = 34;
  at += 1 + (body[at] ?? 0);
  at += isClient ? 2 + u16(at) : 2;
  at += isClient ? 1 + (body[at] ?? 0) : 1;
  at += 2;
  while (at + 4 <= body.byteLength) {
    const [type, length] = [u16(at), u16(at + 2)];
    if (type === wanted) return body.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
  return null;
}
