import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { suite, test } from "node:test";
import { createGunzip, gunzipSync, gzipSync } from "node:zlib";
import { assertRefused } from "../test-support/expectations.ts";
import {
  type BundledFile,
  type BundleLimits,
  bundleLimits,
  bundleTime,
  createdByText,
  decodeManifest,
  encodeBundle,
  encodeManifest,
  type Gunzip,
  isBundle,
  readBundle,
} from "./offline-bundle.ts";
import { encodeTarEntry, tarEnd } from "./tar.ts";

const gunzip: Gunzip = (source) => {
  const stream = createGunzip();
  pipeline(source, stream).catch(() => undefined);
  return stream;
};
const writtenAtMs = Date.UTC(2031, 4, 21, 21, 37, 46);
const archive = { name: "UD_VA_20310521T213746.tar.gz", virtualAccount: "Lab East", virtualAccountId: "7" };
const manifest = { createdBy: createdByText("0d1f"), smartAccount: "Example, Inc.", smartAccountId: "3" };
const device = (id: number, text = `<smartLicense>${id}</smartLicense>`) => ({
  name: `dev_${id}_20310521T213746.txt`,
  bytes: Buffer.from(text),
});
const bundleOf = (files = [device(1), device(2)]) => encodeBundle({ manifest, archive, files, writtenAtMs });

async function read(bytes: Uint8Array, limits: Partial<BundleLimits> = {}, pieceBytes = 700): Promise<BundledFile[]> {
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, at) =>
    bytes.subarray(at * pieceBytes, (at + 1) * pieceBytes),
  );
  const files: BundledFile[] = [];
  for await (const file of readBundle(pieces, gunzip, { ...bundleLimits, ...limits })) files.push(file);
  return files;
}
const textsOf = (files: readonly BundledFile[]) =>
  files.map(({ name, bytes }) => [name, Buffer.from(bytes).toString()]);

/** Both floors by hand. */
const entry = (name: string, bytes: Uint8Array | string = "") => encodeTarEntry(name, Buffer.from(bytes), writtenAtMs);
const packed = (...entries: Uint8Array[]) => gzipSync(Buffer.concat([...entries, tarEnd]));
/** A header with another type, name or link than our writer makes. */
function bent(entryBytes: Buffer, change: (header: Buffer) => void): Buffer {
  const copy = Buffer.from(entryBytes);
  change(copy);
  copy.write("        ", 148, "latin1");
  const sum = copy.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  copy.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return copy;
}

suite("an offline bundle", () => {
  test("[REP-16] gives every device's file and what its manifest says, in pieces of any size", async () => {
    const files = [device(1), device(2, ""), device(3, "x".repeat(2000))];
    for (const pieceBytes of [1, 512, 1_000_000]) {
      const found = await read(bundleOf(files), {}, pieceBytes);
      assert.deepEqual(
        textsOf(found),
        files.map(({ name, bytes }) => [name, bytes.toString()]),
      );
      assert.deepEqual([...new Set(found.map((file) => file.virtualAccount))], ["Lab East"]);
    }
    assert.equal(isBundle(bundleOf()), true);
    assert.equal(isBundle(Buffer.from("<smartLicense/>")), false);
    assert.equal(bundleTime(writtenAtMs), "20310521T213746");
  });

  test("its manifest keeps what was written, in the field's form", () => {
    const whole = { ...manifest, archives: [archive] };
    const text = encodeManifest(whole);
    assert.deepEqual(decodeManifest(text), whole);
    assert.deepEqual(decodeManifest(text.replaceAll("\n", "\r\n")), whole);
    assert.match(text, /^Manifest-Version: 1\.0\nCreated-By: "\{\\"uuid\\": \\"0d1f\\"\}"\n/);
    assert.match(text, /\n\nName: \/UD_VA_20310521T213746\.tar\.gz\nSpecification-VA: Lab East\n/);
    assert.throws(() => decodeManifest("Manifest-Version: 2.0\n"), { code: "bundle_malformed" });
  });

  test("is what tar and gzip write and read", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cs-bundle-"));
    try {
      writeFileSync(join(folder, "ours.tar.gz"), bundleOf());
      mkdirSync(join(folder, "out"));
      execFileSync("tar", ["-xzf", join(folder, "ours.tar.gz"), "-C", join(folder, "out")]);
      execFileSync("tar", ["-xzf", join(folder, "out", archive.name), "-C", join(folder, "out")]);
      const names = [device(1).name, device(2).name, "manifest.mf", archive.name].sort();
      assert.deepEqual(readdirSync(join(folder, "out")).sort(), names);
      assert.equal(readFileSync(join(folder, "out", device(2).name), "utf8"), device(2).bytes.toString());
      // As people pack a folder again: with "./", an entry for the folder, extended headers, and the script's misspelt name.
      mkdirSync(join(folder, "again"));
      execFileSync("tar", [
        ...["--format=pax", "--exclude=manifest.mf", "--exclude=*.tar.gz"],
        ...["-czf", join(folder, "again", "UD_VA_1.ta.gz"), "-C", join(folder, "out"), "./"],
      ]);
      writeFileSync(join(folder, "again", "manifest.mf"), encodeManifest({ ...manifest, archives: [archive] }));
      execFileSync("tar", ["-czf", join(folder, "theirs.tar.gz"), "-C", join(folder, "again"), "."]);
      const found = await read(readFileSync(join(folder, "theirs.tar.gz")));
      assert.deepEqual(textsOf(found).sort(), textsOf(await read(bundleOf())).sort());
      assert.equal(found[0]?.virtualAccount, null);
      symlinkSync("/etc/hostname", join(folder, "again", "UD_VA_2.tar.gz"));
      execFileSync("tar", ["-czf", join(folder, "linked.tar.gz"), "-C", join(folder, "again"), "."]);
      await assertRefused("bundle_entry_refused", () => read(readFileSync(join(folder, "linked.tar.gz"))));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("refuses names that are paths, links, folders, and anything twice", async () => {
    const nameAs = (name: string) => (header: Buffer) => void header.fill(0, 0, 100).write(name, 0);
    const wrong: readonly Buffer[] = [
      ...["../up.txt", "/etc/passwd", "a/b.txt", "..", ".hidden", "a\\b", "a\u0001", " a", "", "./../a"].map((name) =>
        bent(entry("plain"), nameAs(name)),
      ),
      ...["1", "2", "3", "4", "5", "6", "7", "L", "K", "S", "V"].map((type) =>
        bent(entry("plain"), (header) => void header.write(type, 156)),
      ),
      bent(entry("plain"), (header) => void header.write("folder", 345)),
      Buffer.concat([entry("same"), entry("same")]),
      Buffer.concat([bent(entry("x", "16 path=../up.x\n"), (header) => void header.write("x", 156)), entry("plain")]),
    ];
    for (const inner of wrong) {
      const what = inner.toString("latin1", 0, 30);
      await assertRefused("bundle_entry_refused", () => read(packed(entry("a.tar.gz", packed(inner)))), what);
      await assertRefused("bundle_entry_refused", () => read(packed(inner)), what);
    }
    assert.throws(() => entry("../up.txt"), { code: "bundle_entry_refused" });
    assert.throws(() => entry("n".repeat(101)), { code: "bundle_entry_refused" });
    entry("n".repeat(100));
  });

  test("refuses what is cut, altered in a header, or followed by something", async () => {
    const whole = gunzipSync(bundleOf());
    for (const end of [0, 100, 512, 700, whole.length - 1024, whole.length - 1500])
      await assertRefused("bundle_malformed", () => read(gzipSync(whole.subarray(0, end))), `cut at ${end}`);
    for (const at of [0, 10, 124, 148, 156, 300]) {
      const altered = Buffer.from(whole);
      altered[at] = (altered[at] ?? 0) ^ 1;
      await assertRefused("bundle_malformed", () => read(gzipSync(altered)), `altered at ${at}`);
    }
    const wrong = [
      Buffer.from("no gzip at all"),
      bundleOf().subarray(0, 200),
      gzipSync(Buffer.concat([whole, Buffer.from("more")])),
      packed(),
      packed(entry("manifest.mf", "Manifest-Version: 1.0\n")),
      packed(entry("a.tar.gz", "no gzip")),
      packed(
        bent(entry("x", "999 path=a\n"), (header) => void header.write("x", 156)),
        entry("a.tar.gz"),
      ),
    ];
    for (const bytes of wrong) await assertRefused("bundle_malformed", () => read(bytes));
  });

  test("takes as much as each limit says, and not one more", async () => {
    const bytes = bundleOf([device(1, "a".repeat(3000)), device(2)]);
    const expanded =
      gunzipSync(bytes).length + gunzipSync(Buffer.concat([gzipSync(entry(device(1).name, "a".repeat(3000)))])).length;
    const all = expanded + gunzipSync(gzipSync(Buffer.concat([entry(device(2).name, device(2).bytes), tarEnd]))).length;
    const manifestBytes = encodeManifest({ ...manifest, archives: [archive] }).length;
    const exact: BundleLimits = {
      bundleBytesMax: bytes.length,
      expandedBytesMax: all,
      entriesMax: 4,
      manifestBytesMax: manifestBytes,
      fileBytesMax: 3000,
    };
    assert.equal((await read(bytes, exact)).length, 2);
    for (const name of Object.keys(exact) as (keyof BundleLimits)[])
      await assertRefused("bundle_too_large", () => read(bytes, { ...exact, [name]: exact[name] - 1 }), name);
  });

  test("of few bytes that come out as many is refused before they do", async () => {
    const bomb = packed(entry("a.tar.gz", gzipSync(Buffer.alloc(64 * 1024 * 1024))));
    await assertRefused("bundle_too_large", () => read(bomb, { expandedBytesMax: 1024 * 1024 }));
  });
});
