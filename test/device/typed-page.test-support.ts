// Reads the sessions of a page of the documentation, types them on a device with a real manager, and compares what the screen shows
// with what the page shows. UPDATE_GOLDEN=1 rewrites the page; look at the difference.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Pair } from "./device-with-manager.test-support.ts";

const docs = join(import.meta.dirname, "..", "..", "docs");
const blockPattern = /(?<=^```console\n)[\s\S]*?(?=^```$)/gm;
const typedPattern = /^(?:[\w-]+(?:\([\w-]+\))?[>#](\S.*)|.*\[confirm\]())$/gm;
/** Where the device waits for somebody; after a reload it says nothing until somebody opens a session. */
const waitsPattern = /\n[\w-]+(\([\w-]+\))?[>#]$|[?:\]] ?$|\nThe device reloads\.\n$/;
const reloads = "\nThe device reloads.\n";

/** A page's sessions; a page has one device, and each block goes on where the one before it ended. */
export type TypedPage = {
  /** Below docs/. */
  readonly page: string;
  /** What the page writes, and what stands for it here: addresses of this machine. */
  readonly standIns?: Readonly<Record<string, string>>;
  /** What people do or wait for after a line was typed; the page says it in words. */
  readonly meanwhile?: Readonly<Record<string, (pair: Pair) => Promise<void>>>;
};

/** Every line that pages tell somebody to type on a console, block by block. */
export function typedBlocks(text: string): readonly (readonly string[])[] {
  return (text.match(blockPattern) ?? []).map((block) =>
    [...block.matchAll(typedPattern)].map(([, line, answer = ""]) => line ?? answer),
  );
}

export function textOfPage(page: string): string {
  return readFileSync(join(docs, page), "utf8");
}

/** Types the page and checks it; answers what was shown, all blocks in a row. */
export async function typePage(pair: Pair, { page, standIns = {}, meanwhile = {} }: TypedPage): Promise<string> {
  const text = textOfPage(page);
  const blocks = typedBlocks(text);
  assert.ok(blocks.flat().length > 0, `${page} has nothing to type`);
  const tokens: string[] = [];
  let screen = "";
  let wake = (): void => undefined;
  const open = () =>
    pair.device.openSession({
      ...{ user: "lab", privilege: 15, columns: 0, rows: 0, idleSeconds: null },
      write: (written) => {
        screen += written.replaceAll("\r\n", "\n");
        wake();
      },
      close: () => undefined,
    });
  let session = open();
  const shown: string[] = [];
  for (const lines of blocks) {
    if (screen.endsWith(reloads)) session = open();
    const start = screen.lastIndexOf("\n") + 1;
    for (const line of lines) {
      const before = screen.length;
      session.input(Buffer.from(`${await meant(line)}\r`));
      while (!waitsPattern.test(screen.slice(before))) await new Promise<void>((resolve) => (wake = resolve));
      // A reload ends the session; commands wait until the device is back.
      if (screen.endsWith(reloads)) await pair.say("show clock");
      await pair.pass(1);
      await meanwhile[line]?.(pair);
    }
    shown.push(written(rubOut(screen.slice(start)).replace(/[^\n]*$/, "")));
  }
  session.end();
  if (process.env.UPDATE_GOLDEN === "1") {
    const next = [...shown];
    writeFileSync(
      join(docs, page),
      text.replace(blockPattern, () => next.shift() ?? ""),
    );
  }
  assert.deepEqual(shown, textOfPage(page).match(blockPattern), `docs/${page}`);
  return shown.join("");

  /** What is really typed where the page says TOKEN, or an address of somebody's network. */
  async function meant(line: string): Promise<string> {
    let typed = line;
    if (line.includes("TOKEN")) {
      const token = await pair.token();
      tokens.push(token);
      typed = typed.replace("TOKEN", token);
    }
    for (const [inPage, here] of Object.entries(standIns)) typed = typed.replaceAll(inPage, here);
    return typed;
  }

  function written(seen: string): string {
    let back = seen;
    for (const token of tokens) back = back.replaceAll(token, "TOKEN");
    for (const [inPage, here] of Object.entries(standIns)) back = back.replaceAll(here, inPage);
    return back;
  }
}

/** What is left on a screen when backspaces have moved and blanks have wiped. */
function rubOut(written: string): string {
  const shown: string[] = [];
  for (const line of written.split("\n")) {
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
