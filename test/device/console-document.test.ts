// docs/start/console.md shows a session. Here it is typed line by line on a device with a real manager, and what the screen
// shows must be what the page shows. UPDATE_GOLDEN=1 rewrites the page; look at the difference.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startPair } from "./device-with-manager.test-support.ts";

const lines = [
  "enable",
  "configure terminal",
  "interface Vlan10",
  "ip address 127.0.0.10 255.0.0.0",
  "exit",
  "ip http client source-interface Vlan10",
  "ip http client secure-trustpoint SLA-TrustPoint",
  "license smart transport smart",
  "license smart url default",
  "exit",
  "write memory",
  "show ip interface brief | include Interface|Vlan10",
  "show ip http client all",
  "terminal monitor",
  "license smart trust idtoken TOKEN all force",
  "show license status | include Trust|INSTALLED",
  "show license summary",
  "license smart sync all",
  "show license status | section Usage Reporting",
  "show license history message | include REQUEST|RESPONSE",
  "show running-config | include license",
];

const page = join(import.meta.dirname, "..", "..", "docs", "start", "console.md");
const block = /(?<=^```console\n)[\s\S]*?(?=^```$)/m;

test("[CLI-28] [CLI-24] [TRU-1] the session of docs/start/console.md gives trust, report and acknowledgement", async (t) => {
  const { device, token, pass } = await startPair(t);
  // As the lab's devices are when somebody logs in.
  await device.execute(`license smart trust idtoken ${await token()} all`);
  await pass(60);
  const text = await token();
  let screen = "";
  let wake = (): void => undefined;
  const session = device.openSession({
    ...{ user: "lab", privilege: 15, columns: 0, rows: 0, idleSeconds: null },
    write: (written) => {
      screen += written;
      wake();
    },
    close: () => undefined,
  });
  for (const line of lines) {
    const before = screen.length;
    session.input(Buffer.from(`${line.replace("TOKEN", text)}\r`));
    while (!/\n[\w-]+(\([\w-]+\))?[>#]$/.test(screen.slice(before)))
      await new Promise<void>((resolve) => (wake = resolve));
    await pass(1);
  }
  session.end();
  const shown = rubOut(screen).replaceAll(text, "TOKEN").replace(/\n.*$/, "\n");
  if (process.env.UPDATE_GOLDEN === "1")
    writeFileSync(
      page,
      readFileSync(page, "utf8").replace(block, () => shown),
    );
  assert.equal(shown, block.exec(readFileSync(page, "utf8"))?.[0]);
  assert.equal(shown.match(/ {4}INSTALLED on /g)?.length, 3);
  assert.equal(shown.match(/KEY_DELETED/g)?.length, 3);
  assert.match(shown, /Last ACK received: (?!<none>)/);
});

/** What is left on a screen when backspaces have moved and blanks have wiped. */
function rubOut(written: string): string {
  const shown: string[] = [];
  for (const line of written.replaceAll("\r\n", "\n").split("\n")) {
    let cells = "";
    let column = 0;
    for (const character of line) {
      if (character === "\b") column -= 1;
      else {
        cells = cells.slice(0, column) + character + cells.slice(column + 1);
        column += 1;
      }
    }
    shown.push(cells.trimEnd());
  }
  return shown.join("\n");
}
