// The few DER forms that certificate requests and the ceilings' own server certificate consist of.

/** Tag, length and content of one DER value. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  if (length < 0x100) return Buffer.concat([Buffer.of(tag, 0x81, length), content]);
  return Buffer.concat([Buffer.of(tag, 0x82, length >> 8, length & 0xff), content]);
}

export const sequence = (...contents: readonly Uint8Array[]): Buffer => der(0x30, ...contents);
export const bitString = (content: Uint8Array): Buffer => der(0x03, Buffer.of(0), content);

const commonName = Buffer.from("0603550403", "hex");

/** A distinguished name that is nothing but a common name. */
export function nameOf(text: string): Buffer {
  return sequence(der(0x31, sequence(commonName, der(0x0c, Buffer.from(text)))));
}

/** AlgorithmIdentifiers of the two signatures in use, both over SHA-256. */
export const signatureAlgorithmOf = {
  rsa: Buffer.from("300d06092a864886f70d01010b0500", "hex"),
  ec: Buffer.from("300a06082a8648ce3d040302", "hex"),
} as const;
