import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { listedEntriesMax, readableBytesMax } from "../file-view.ts";
import { executeStored } from "../program/stored-device.ts";
import { startTestDevice, temporaryFolder } from "../test-support/test-device.ts";
import { copyInFlash, findInFlash, listFlash, readFlashFile, removeFromFlash, resolveFlashPath } from "./flash.ts";

/** A flash with a file, a folder, and links that lead out of it. */
function flashOf(t: TestContext): { flash: string; outside: string } {
  const folder = temporaryFolder(t);
  const [flash, outside] = [join(folder, "flash"), join(folder, "secret.txt")];
  mkdirSync(join(flash, "reports"), { recursive: true });
  writeFileSync(outside, "secret");
  writeFileSync(join(flash, "usage.txt"), "usage");
  symlinkSync(outside, join(flash, "link.txt"));
  symlinkSync(folder, join(flash, "out"));
  return { flash, outside };
}

const outOfFlash = [
  "../secret.txt",
  "flash:../secret.txt",
  "flash:reports/../../secret.txt",
  "out/secret.txt",
  "link.txt",
];

test("no path of the console leads out of the flash, whatever is done with it", async (t) => {
  const { flash, outside } = flashOf(t);
  for (const path of outOfFlash) {
    const refused = { code: "path_outside_flash" };
    await assert.rejects(readFlashFile(flash, path, 100), refused, path);
    await assert.rejects(findInFlash(flash, path), refused, path);
    await assert.rejects(listFlash(flash, path, 10), refused, path);
    await assert.rejects(removeFromFlash(flash, path), refused, path);
    await assert.rejects(copyInFlash(flash, path, "flash:copy.txt"), refused, path);
    await assert.rejects(copyInFlash(flash, "usage.txt", path), refused, path);
  }
  await assert.rejects(removeFromFlash(flash, "flash:/"), { code: "path_outside_flash" });
  assert.deepEqual(readdirSync(flash).sort(), ["link.txt", "out", "reports", "usage.txt"]);
  await removeFromFlash(flash, "flash:reports");
  assert(existsSync(outside));
});

test("a folder that is removed takes its links with it, and nothing that they lead to", async (t) => {
  const { flash, outside } = flashOf(t);
  symlinkSync(outside, join(flash, "reports", "link.txt"));
  await removeFromFlash(flash, "reports");
  assert(existsSync(outside));
  assert(!existsSync(join(flash, "reports")));
});

test("a file system that the device does not have is refused, not taken for the flash", async (t) => {
  const { flash } = flashOf(t);
  for (const path of ["tftp://203.0.113.9/usage.txt", "scp:usage.txt", "usb0:usage.txt", "nvram:startup-config"]) {
    await assert.rejects(resolveFlashPath(flash, path), { code: "file_system_unknown" }, path);
    await assert.rejects(readFlashFile(flash, path, 100), { code: "file_system_unknown" }, path);
  }
  assert.equal((await findInFlash(flash, "BootFlash:/usage.txt")).path, "/usage.txt");
  assert.deepEqual(await findInFlash(flash, "flash:"), { path: "/", kind: "folder" });
});

test("a folder is listed up to the limit, and links are no entries", async (t) => {
  const { flash } = flashOf(t);
  const names = async (max: number) => (await listFlash(flash, "flash:", max)).map(({ name }) => name);
  assert.deepEqual(await names(2), ["reports", "usage.txt"]);
  assert.deepEqual(await names(1), ["reports"]);
  assert.deepEqual(await names(3), ["reports", "usage.txt"]);
  assert(listedEntriesMax > 1000);
});

test("the console prints a file of the greatest size, and of a larger one says why not", async (t) => {
  const stateDirectory = temporaryFolder(t);
  const { say } = await startTestDevice(t, { stateDirectory, opensControlSocket: false });
  const file = join(stateDirectory, "flash", "log.txt");
  await say("show clock | redirect flash:log.txt");
  truncateSync(file, readableBytesMax);
  assert.match(await say("more flash:log.txt | count 00000000: "), /= 1$/);
  truncateSync(file, readableBytesMax + 1);
  assert.match(await say("more flash:log.txt"), /larger than 4194304 bytes/);
});

test("what is no text is printed in hexadecimal digits, so that no file steers the terminal", async (t) => {
  const stateDirectory = temporaryFolder(t);
  const { say } = await startTestDevice(t, { stateDirectory, opensControlSocket: false });
  await say("show clock | redirect flash:log.txt");
  writeFileSync(join(stateDirectory, "flash", "log.txt"), "\u001b[2Jgone, and more than a line");
  assert.equal(
    await say("more flash:log.txt"),
    [
      "00000000: 1B5B324A 676F6E65 2C20616E 64206D6F  .[2Jgone, and mo",
      "00000010: 72652074 68616E20 61206C69 6E65      re than a line",
    ].join("\n"),
  );
  writeFileSync(join(stateDirectory, "flash", "log.txt"), "one\r\ntwo\twith a tab\r\n");
  assert.equal(await say("more flash:log.txt"), "one\ntwo\twith a tab");
});

test("a device that does not run says where its files are", async (t) => {
  const stateDirectory = temporaryFolder(t);
  const { device } = await startTestDevice(t, { stateDirectory, opensControlSocket: false });
  await device.stop();
  for (const line of ["dir", "more flash:a", "delete /force flash:a", "copy flash:a flash:b", "show file systems"]) {
    const { outcome, output } = await executeStored(stateDirectory, line, 0);
    assert.equal(outcome, "refused");
    assert.match(output, /^% The device is not running; its files lie in the folder `flash`/, line);
  }
  const { outcome, output } = await executeStored(stateDirectory, "show tech-support", 0);
  assert.equal(outcome, "done");
  assert.match(output, /show running-config.*show license tech-support.*show logging/s);
});
