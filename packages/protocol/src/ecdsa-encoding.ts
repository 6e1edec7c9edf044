// The two spellings of a P-256 signature: 64 bytes r || s (IEEE P1363), as messages carry it, and the DER sequence that the
// cryptographic library works with. Converting here and not there keeps the key a plain argument, which costs a caller's
// thread a tenth (bench/README.md).

/** Bytes of r and of s. */
const halfBytes = 32;
const sequenceTag = 0x30;
const integerTag = 0x02;

/** DER of a signature that has 64 bytes; the caller has looked at the length. */
export function ecdsaSignatureToDer(value: Uint8Array): Buffer {
  const r = integerContent(value.subarray(0, halfBytes));
  const s = integerContent(value.subarray(halfBytes));
  const head = [sequenceTag, r.length + s.length + 4];
  return Buffer.concat([Buffer.of(...head, integerTag, r.length), r, Buffer.of(integerTag, s.length), s]);
}

/** The shortest two's complement form of a number that is never negative. */
function integerContent(number: Uint8Array): Uint8Array {
  let start = 0;
  while (start < number.length - 1 && number[start] === 0) start += 1;
  const shortest = number.subarray(start);
  return (shortest[0] ?? 0) < 0x80 ? shortest : Buffer.concat([Buffer.of(0), shortest]);
}

/** 64 bytes of a DER signature that this process has just made. */
export function ecdsaSignatureFromDer(der: Uint8Array): Buffer {
  const value = Buffer.alloc(2 * halfBytes);
  const rEnd = copyInteger(der, 2, value, halfBytes);
  copyInteger(der, rEnd, value, 2 * halfBytes);
  return value;
}

/** Right-aligns the integer at `at` before `endsAt`, and returns where the next one begins. */
function copyInteger(der: Uint8Array, at: number, value: Buffer, endsAt: number): number {
  const end = at + 2 + (der[at + 1] ?? 0);
  const content = der.subarray(Math.max(at + 2, end - halfBytes), end);
  value.set(content, endsAt - content.length);
  return end;
}
