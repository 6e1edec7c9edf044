// Tar archives as bundles have them: regular files by plain names, and nothing else. Read as a stream, so that an archive need
// not fit into memory; whatever could reach beyond its own folder is refused before a byte of it is given out.

import { ProtocolError } from "../errors.ts";

/** Bytes in pieces of any size, in order. */
export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export type TarEntry = {
  readonly name: string;
  readonly bytes: number;
  /** To be read before the next entry is asked for; what is left of it then is passed over. */
  readonly content: AsyncIterable<Uint8Array>;
};

const blockBytes = 512;
const nameBytesMax = 100;
/** Extended headers of other writers hold times and owners; more than that they need not say. */
const extendedHeaderBytesMax = 64 * 1024;

/** Throws `bundle_malformed` for what is no archive, and `bundle_entry_refused` for what no bundle holds. */
export async function* readTar(source: ByteSource): AsyncGenerator<TarEntry> {
  const input = new Pieces(source);
  const names = new Set<string>();
  let extended: ExtendedHeader = {};
  for (;;) {
    const block = await input.take(blockBytes);
    if (block.length < blockBytes) throw malformed("It ends without the mark of an end.");
    if (isZero(block)) return await requireEnd(input);
    const header = readHeader(block);
    const bytes = extended.bytes ?? header.bytes;
    const path = extended.path ?? header.path;
    if (header.type === "x" || header.type === "g") {
      const text = Buffer.from(await takeWhole(input, header.bytes)).toString("utf8");
      if (header.type === "x") extended = readExtended(text);
      continue;
    }
    extended = {};
    if (header.type === "5" && bytes === 0 && (path === "." || path === "./")) continue;
    const name = requirePlainName(path, header.type);
    if (names.has(name)) throw refusedEntry(name, "stands in the archive twice");
    names.add(name);
    const content = new Content(input, bytes);
    yield { name, bytes, content };
    await content.passOver();
    await skipPadding(input, bytes);
  }
}

/** One file of an archive; the archive ends with `tarEnd`. `name` has at most 100 bytes. */
export function encodeTarEntry(name: string, bytes: Uint8Array, writtenAtMs: number): Buffer {
  const header = Buffer.alloc(blockBytes);
  const write = (text: string, at: number) => header.write(text, at, "latin1");
  const octal = (value: number, width: number) => `${value.toString(8).padStart(width - 1, "0")}\0`;
  requirePlainName(name, "0");
  if (Buffer.byteLength(name) > nameBytesMax) throw refusedEntry(name, "has a name that is too long");
  write(name, 0);
  write(octal(0o600, 8), 100);
  write(octal(0, 8), 108);
  write(octal(0, 8), 116);
  write(octal(bytes.length, 12), 124);
  write(octal(Math.floor(writtenAtMs / 1000), 12), 136);
  write("        ", 148);
  write("0", 156);
  write("ustar\u000000", 257);
  write(`${octal(sumOf(header), 7)} `, 148);
  return Buffer.concat([header, bytes, Buffer.alloc(paddingOf(bytes.length))]);
}

export const tarEnd: Uint8Array = Buffer.alloc(2 * blockBytes);

type Header = { readonly path: string; readonly bytes: number; readonly type: string };
type ExtendedHeader = { readonly path?: string; readonly bytes?: number };

function readHeader(block: Buffer): Header {
  const sum = octalAt(block, 148, 8, "checksum");
  if (sum !== sumOf(block)) throw malformed("The checksum of a header is wrong.");
  const prefix = block.toString("latin1", 257, 262) === "ustar" ? textAt(block, 345, 155) : "";
  const name = textAt(block, 0, nameBytesMax);
  const type = String.fromCharCode(block[156] ?? 0).replace("\0", "0");
  return { path: prefix === "" ? name : `${prefix}/${name}`, bytes: octalAt(block, 124, 12, "size"), type };
}

function textAt(block: Buffer, at: number, width: number): string {
  const field = block.subarray(at, at + width);
  const end = field.indexOf(0);
  return (end < 0 ? field : field.subarray(0, end)).toString("utf8");
}

function octalAt(block: Buffer, at: number, width: number, what: string): number {
  const text = block
    .toString("latin1", at, at + width)
    .replace(/[\0 ]+$/, "")
    .trimStart();
  if (!/^[0-7]{1,12}$/.test(text)) throw malformed(`The ${what} in a header is no octal number.`);
  return Number.parseInt(text, 8);
}

/** The checksum counts its own field as blanks. */
function sumOf(block: Buffer): number {
  return block.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);
}

/** Records of a pax header: `<length> <name>=<value>` LF. */
function readExtended(text: string): ExtendedHeader {
  let found: ExtendedHeader = {};
  for (let rest = Buffer.from(text); rest.length > 0; ) {
    const record = /^([1-9][0-9]{0,5}) /.exec(rest.toString("latin1", 0, 8));
    const length = Number(record?.[1] ?? 0);
    if (record === null || length > rest.length || rest[length - 1] !== 0x0a)
      throw malformed("An extended header cannot be read.");
    const [name = "", ...values] = rest.toString("utf8", record[0].length, length - 1).split("=");
    const value = values.join("=");
    if (name === "path") found = { ...found, path: value };
    if (name === "size") found = { ...found, bytes: requireDecimal(value) };
    rest = rest.subarray(length);
  }
  return found;
}

function requireDecimal(text: string): number {
  if (!/^[0-9]{1,15}$/.test(text)) throw malformed("The size in an extended header is no number.");
  return Number(text);
}

/** A path is never used as one; but a writer that sends more than a name means harm, or means another reader. */
function requirePlainName(path: string, type: string): string {
  const name = path.replace(/^\.\//, "");
  if (type !== "0") throw refusedEntry(name, "is no regular file");
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.:+-]*$/.test(name)) throw refusedEntry(name, "has a name that is no plain file name");
  return name;
}

async function takeWhole(input: Pieces, bytes: number): Promise<Uint8Array> {
  if (bytes > extendedHeaderBytesMax) throw malformed("An extended header is too long.");
  const taken = await input.take(bytes);
  if (taken.length < bytes) throw malformed("It ends within an extended header.");
  await skipPadding(input, bytes);
  return taken;
}

async function skipPadding(input: Pieces, bytes: number): Promise<void> {
  const padding = paddingOf(bytes);
  if ((await input.take(padding)).length < padding) throw malformed("It ends within an entry.");
}

/** After the first block of zeros there is nothing but zeros. */
async function requireEnd(input: Pieces): Promise<void> {
  for (;;) {
    const piece = await input.next();
    if (piece === null) return;
    if (!isZero(piece)) throw malformed("Something follows its end.");
  }
}

function paddingOf(bytes: number): number {
  return (blockBytes - (bytes % blockBytes)) % blockBytes;
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

function malformed(detail: string): ProtocolError {
  return new ProtocolError("bundle_malformed", detail);
}

function refusedEntry(name: string, why: string): ProtocolError {
  return new ProtocolError("bundle_entry_refused", `${JSON.stringify(name.slice(0, 120))} ${why}.`);
}

/** What is left of one entry. */
class Content implements AsyncIterable<Uint8Array> {
  readonly #input: Pieces;
  #left: number;

  constructor(input: Pieces, bytes: number) {
    this.#input = input;
    this.#left = bytes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    while (this.#left > 0) {
      const piece = await this.#input.next(this.#left);
      if (piece === null) throw malformed("It ends within an entry.");
      this.#left -= piece.length;
      yield piece;
    }
  }

  async passOver(): Promise<void> {
    for await (const _piece of this);
  }
}

/** A source whose pieces are cut as the reader needs them. */
class Pieces {
  readonly #source: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  #held: Uint8Array = new Uint8Array(0);

  constructor(source: ByteSource) {
    this.#source = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  }

  /** The next bytes, at most so many; null at the end. */
  async next(bytesMax = Number.POSITIVE_INFINITY): Promise<Uint8Array | null> {
    while (this.#held.length === 0) {
      const { done, value } = await this.#source.next();
      if (done === true) return null;
      this.#held = value;
    }
    const piece = this.#held.subarray(0, bytesMax);
    this.#held = this.#held.subarray(piece.length);
    return piece;
  }

  /** That many bytes, or fewer at the end. */
  async take(bytes: number): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    let left = bytes;
    while (left > 0) {
      const piece = await this.next(left);
      if (piece === null) break;
      pieces.push(piece);
      left -= piece.length;
    }
    return Buffer.concat(pieces);
  }
}
