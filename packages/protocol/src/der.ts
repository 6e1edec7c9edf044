// A strict reader of the little of DER (X.690) that certificate requests, lists of revoked certificates and extensions are made of:
// definite and minimal lengths, nothing beyond the container.

/** `whole` includes tag and length: what a signature covers. */
export type DerElement = { readonly tag: number; readonly content: Uint8Array; readonly whole: Uint8Array };

/** The elements that fill `bytes` exactly; throws `RangeError` for anything else. */
export function readElements(bytes: Uint8Array): readonly DerElement[] {
  const elements: DerElement[] = [];
  for (let at = 0; at < bytes.byteLength; ) {
    const { contentAt, size } = readHead(bytes, at);
    const end = contentAt + size;
    if (end > bytes.byteLength) throw new RangeError("DER element runs past its container");
    elements.push({
      tag: bytes[at] as number,
      content: bytes.subarray(contentAt, end),
      whole: bytes.subarray(at, end),
    });
    at = end;
  }
  return elements;
}

function readHead(bytes: Uint8Array, at: number): { readonly contentAt: number; readonly size: number } {
  const first = bytes[at + 1];
  if (first === undefined || ((bytes[at] as number) & 0x1f) === 0x1f) throw new RangeError("DER element is cut off");
  if (first < 0x80) return { contentAt: at + 2, size: first };
  const count = first & 0x7f;
  const digits = bytes.subarray(at + 2, at + 2 + count);
  if (count === 0 || count > 4 || digits.byteLength < count) throw new RangeError("DER length cannot be read");
  const size = digits.reduce((sum, digit) => sum * 256 + digit, 0);
  if (size < 0x80 || (digits[0] as number) === 0) throw new RangeError("DER length is not minimal");
  return { contentAt: at + 2 + count, size };
}

/** The only element of this tag that fills `bytes`; throws `RangeError`. */
export function readOne(bytes: Uint8Array, tag: number): DerElement {
  const [only, ...more] = readElements(bytes);
  if (only === undefined || more.length > 0 || only.tag !== tag) throw new RangeError("DER element of another kind");
  return only;
}

/** Epoch milliseconds of a UTCTime or GeneralizedTime in the form of RFC 5280; throws `RangeError`. */
export function readTime({ tag, content }: DerElement): number {
  const text = Buffer.from(content).toString("latin1");
  const digits = tag === 0x17 ? `${Number(text.slice(0, 2)) < 50 ? "20" : "19"}${text}` : text;
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits);
  if (match === null || (tag !== 0x17 && tag !== 0x18)) throw new RangeError("no time of a certificate");
  const [, year, month, day, hour, minute, second] = match;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
