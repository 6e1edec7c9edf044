// The little of DER (X.690) that certificates need, written; it is read by @countersign/protocol.
// Issuing with a general ASN.1 library takes several times as long as everything else in an enrolment (docs/decisions/0013-certificates-from-a-template.md).

export type Der = Uint8Array;

export const derTag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  printableString: 0x13,
  utcTime: 0x17,
  generalizedTime: 0x18,
} as const;

/** One element: tag, definite length, content. */
export function element(tag: number, ...content: readonly Uint8Array[]): Der {
  const size = content.reduce((sum, part) => sum + part.byteLength, 0);
  return Buffer.concat([Buffer.from([tag]), lengthOf(size), ...content]);
}

function lengthOf(size: number): Uint8Array {
  if (size < 0x80) return Buffer.from([size]);
  const bytes: number[] = [];
  for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

export function sequence(...parts: readonly Der[]): Der {
  return element(derTag.sequence, ...parts);
}

export function setOf(...parts: readonly Der[]): Der {
  return element(derTag.set, ...parts);
}

/** `[number] EXPLICIT`. */
export function explicit(number: number, ...parts: readonly Der[]): Der {
  return element(0xa0 | number, ...parts);
}

/** `[number] IMPLICIT` of a primitive type. */
export function implicit(number: number, content: Uint8Array): Der {
  return element(0x80 | number, content);
}

/** A positive integer from its big-endian bytes. */
export function positiveInteger(bytes: Uint8Array): Der {
  let start = 0;
  while (start < bytes.byteLength - 1 && bytes[start] === 0) start += 1;
  const digits = bytes.subarray(start);
  return (digits[0] ?? 0) >= 0x80 ? element(derTag.integer, Buffer.from([0]), digits) : element(derTag.integer, digits);
}

export function boolean(value: boolean): Der {
  return element(derTag.boolean, Buffer.from([value ? 0xff : 0]));
}

export function octetString(content: Uint8Array): Der {
  return element(derTag.octetString, content);
}

export function bitString(content: Uint8Array, unusedBits = 0): Der {
  return element(derTag.bitString, Buffer.from([unusedBits]), content);
}

export function objectIdentifier(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return element(derTag.objectIdentifier, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(arc: number): number[] {
  const digits = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift((rest % 128) | 0x80);
  return digits;
}

/** PrintableString where its alphabet suffices, as X.520 wants for serial numbers; UTF8String otherwise. */
export function text(value: string): Der {
  const tag = /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value) ? derTag.printableString : derTag.utf8String;
  return element(tag, Buffer.from(value));
}

/** RFC 5280, 4.1.2.5: UTCTime up to 2049, GeneralizedTime from 2050. Whole seconds. */
export function time(epochMs: number): Der {
  const digits = new Date(epochMs).toISOString().replace(/\.\d{3}Z$|[-:T]/g, "");
  return digits < "2050"
    ? element(derTag.utcTime, Buffer.from(`${digits.slice(2)}Z`))
    : element(derTag.generalizedTime, Buffer.from(`${digits}Z`));
}
