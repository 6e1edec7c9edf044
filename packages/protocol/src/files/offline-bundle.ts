// The bundle that a person carries between a relay and a manager: an archive with a manifest and, for each virtual account, an
// archive with one licence file for each device (spec/files.md, section 7). The answer has the same form. Read as a stream,
// device by device: a fleet's year need not fit into memory.

import { gzipSync } from "node:zlib";
import { ProtocolError } from "../errors.ts";
import { fileBytesMax } from "../limits.ts";
import { type ByteSource, encodeTarEntry, readTar, type TarEntry, tarEnd } from "./tar.ts";

/** What a reader takes of one bundle; each past it is `bundle_too_large`. */
export type BundleLimits = {
  /** Compressed, as it is carried. */
  readonly bundleBytesMax: number;
  /** All that comes out of it, both floors together. */
  readonly expandedBytesMax: number;
  /** Files and archives in it, of both floors. */
  readonly entriesMax: number;
  readonly manifestBytesMax: number;
  /** One device's file. */
  readonly fileBytesMax: number;
};

export const bundleLimits: BundleLimits = {
  bundleBytesMax: 256 * 1024 * 1024,
  expandedBytesMax: 4 * 1024 * 1024 * 1024,
  entriesMax: 100_000,
  manifestBytesMax: 64 * 1024,
  fileBytesMax,
};

export type BundleManifest = {
  /** Any text; who made the bundle. */
  readonly createdBy: string;
  readonly smartAccount: string;
  readonly smartAccountId: string;
  readonly archives: readonly BundleArchive[];
};

export type BundleArchive = {
  readonly name: string;
  readonly virtualAccount: string;
  readonly virtualAccountId: string;
};

/** One device's file, whole. */
export type BundledFile = {
  readonly archive: string;
  /** What the manifest says of the archive; null where it names another, or there is none. */
  readonly virtualAccount: string | null;
  readonly name: string;
  readonly bytes: Uint8Array;
};

/** Decompresses; whatever it throws for what is no gzip becomes `bundle_malformed`. */
export type Gunzip = (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

const manifestName = "manifest.mf";
/** One public script of the field writes the second form. */
const archivePattern = /\.(tar\.gz|ta\.gz|tgz)$/;

/** Whether bytes begin as a bundle does. */
export function isBundle(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Gives the manifest first, if the bundle has one, then each device's file in the order of the bundle. What a file holds is not
 * looked at. Throws `bundle_malformed`, `bundle_entry_refused` or `bundle_too_large`, perhaps after some files were given:
 * whoever takes files one by one says of each what became of it.
 */
export async function* readBundle(
  source: ByteSource,
  gunzip: Gunzip,
  limits: BundleLimits = bundleLimits,
): AsyncGenerator<BundledFile> {
  const counted = new Counted(limits);
  let manifest: BundleManifest | null = null;
  let isAnyArchive = false;
  for await (const entry of readTar(counted.expand(counted.carry(source), gunzip))) {
    counted.countEntry();
    if (entry.name === manifestName) {
      manifest = decodeManifest(Buffer.from(await wholeOf(entry, limits.manifestBytesMax)).toString("utf8"));
    } else if (archivePattern.test(entry.name)) {
      isAnyArchive = true;
      yield* readArchive(entry, { manifest, gunzip, counted, limits });
    } else
      throw new ProtocolError("bundle_entry_refused", `${JSON.stringify(entry.name)} is no manifest and no archive.`);
  }
  if (!isAnyArchive) throw new ProtocolError("bundle_malformed", "It holds no archive of device files.");
}

type ArchiveReading = {
  readonly manifest: BundleManifest | null;
  readonly gunzip: Gunzip;
  readonly counted: Counted;
  readonly limits: BundleLimits;
};

async function* readArchive(archive: TarEntry, reading: ArchiveReading): AsyncGenerator<BundledFile> {
  const { manifest, gunzip, counted, limits } = reading;
  const described = manifest?.archives.find(({ name }) => name === archive.name);
  for await (const entry of readTar(counted.expand(archive.content, gunzip))) {
    counted.countEntry();
    const bytes = await wholeOf(entry, limits.fileBytesMax);
    yield { archive: archive.name, virtualAccount: described?.virtualAccount ?? null, name: entry.name, bytes };
  }
}

async function wholeOf({ name, bytes, content }: TarEntry, bytesMax: number): Promise<Uint8Array> {
  if (bytes > bytesMax) throw new ProtocolError("bundle_too_large", `${JSON.stringify(name)} has ${bytes} bytes.`);
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

/** Sums over both floors of a bundle. */
class Counted {
  readonly #limits: BundleLimits;
  #expanded = 0;
  #entries = 0;

  constructor(limits: BundleLimits) {
    this.#limits = limits;
  }

  countEntry(): void {
    this.#entries += 1;
    if (this.#entries > this.#limits.entriesMax)
      throw new ProtocolError("bundle_too_large", `It has more than ${this.#limits.entriesMax} entries.`);
  }

  async *carry(source: ByteSource): AsyncGenerator<Uint8Array> {
    let carried = 0;
    for await (const piece of source) {
      carried += piece.length;
      if (carried > this.#limits.bundleBytesMax)
        throw new ProtocolError("bundle_too_large", `It has more than ${this.#limits.bundleBytesMax} bytes.`);
      yield piece;
    }
  }

  async *expand(source: AsyncIterable<Uint8Array>, gunzip: Gunzip): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of gunzip(source)) {
        this.#expanded += piece.length;
        if (this.#expanded > this.#limits.expandedBytesMax)
          throw new ProtocolError(
            "bundle_too_large",
            `More than ${this.#limits.expandedBytesMax} bytes come out of it.`,
          );
        yield piece;
      }
    } catch (cause) {
      if (cause instanceof ProtocolError) throw cause;
      throw new ProtocolError("bundle_malformed", "It cannot be decompressed.", [], { cause });
    }
  }
}

/** Lines of `Name: value` in paragraphs; the first is about the bundle, each other one about an archive. Unknown names are passed over. */
export function decodeManifest(text: string): BundleManifest {
  const [head = new Map<string, string>(), ...parts] = text
    .split(/(?:\r?\n){2,}/)
    .map(readParagraph)
    .filter((paragraph) => paragraph.size > 0);
  if (head.get("manifest-version") !== "1.0")
    throw new ProtocolError("bundle_malformed", "The manifest is of no version that is known.");
  return {
    createdBy: head.get("created-by") ?? "",
    smartAccount: head.get("smart-account") ?? "",
    smartAccountId: head.get("smart-account-id") ?? "",
    archives: parts.map((part) => ({
      name: (part.get("name") ?? "").replace(/^\//, ""),
      virtualAccount: part.get("specification-va") ?? "",
      virtualAccountId: part.get("specification-va-id") ?? "",
    })),
  };
}

function readParagraph(text: string): ReadonlyMap<string, string> {
  const lines = text.split(/\r?\n/).map((line) => /^([A-Za-z-]{1,70}): ?(.*)$/.exec(line));
  return new Map(lines.flatMap((found) => (found === null ? [] : [[(found[1] ?? "").toLowerCase(), found[2] ?? ""]])));
}

export function encodeManifest({ createdBy, smartAccount, smartAccountId, archives }: BundleManifest): string {
  const line = (name: string, value: string) => `${name}: ${value.replace(/[\r\n]+/g, " ")}\n`;
  const head =
    line("Manifest-Version", "1.0") +
    line("Created-By", createdBy) +
    line("Smart-Account", smartAccount) +
    line("Smart-Account-ID", smartAccountId);
  const parts = archives.map(
    ({ name, virtualAccount, virtualAccountId }) =>
      `\n${line("Name", `/${name}`)}${line("Specification-VA", virtualAccount)}${line("Specification-VA-ID", virtualAccountId)}`,
  );
  return head + parts.join("");
}

/** `Created-By` in the field's form: a JSON text whose inner quotes are escaped. */
export function createdByText(uuid: string): string {
  return `"{\\"uuid\\": \\"${uuid}\\"}"`;
}

export type BundleWish = {
  readonly manifest: Omit<BundleManifest, "archives">;
  readonly archive: BundleArchive;
  readonly files: Iterable<{ readonly name: string; readonly bytes: Uint8Array }>;
  readonly writtenAtMs: number;
};

/** A bundle with one archive. Each file is compressed by itself: what is held at one time is one file and what came out of all. */
export function encodeBundle({ manifest, archive, files, writtenAtMs }: BundleWish): Buffer {
  const inner: Buffer[] = [];
  for (const { name, bytes } of files) inner.push(gzipSync(encodeTarEntry(name, bytes, writtenAtMs)));
  inner.push(gzipSync(tarEnd));
  const manifestText = encodeManifest({ ...manifest, archives: [archive] });
  const outer = [
    encodeTarEntry(manifestName, Buffer.from(manifestText), writtenAtMs),
    encodeTarEntry(archive.name, Buffer.concat(inner), writtenAtMs),
    tarEnd,
  ];
  return gzipSync(Buffer.concat(outer));
}

/** `20310521T213746`: the `<time>` in names of bundles and of what is in them. */
export function bundleTime(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
}
