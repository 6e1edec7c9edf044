// The last messages of each kind with what came of them, for `show license history message`: one small file each, bounded
// by number and by size. Secrets are taken out before an entry is made (BET-11); this file only keeps.

import type { MessageKind } from "../lifecycle/state.ts";
import type { Disk, HistoryEntry, MessageHistory } from "../ports.ts";

export const historyEntriesPerKindMax = 10;
export const historyTextCharactersMax = 32_768;

export class DiskMessageHistory implements MessageHistory {
  readonly #disk: Disk;
  /** The number of the last entry of each kind; filled when the folder is first read. */
  #last: Map<string, number> | null = null;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  async append(kind: MessageKind, entry: HistoryEntry): Promise<void> {
    this.#last ??= await this.#readLast();
    const number = (this.#last.get(kind) ?? 0) + 1;
    this.#last.set(kind, number);
    // History is for people: a power cut may cost its last entry.
    await this.#disk.append(fileName(kind, number), Buffer.from(JSON.stringify(shorten(entry))), false);
    if (number > historyEntriesPerKindMax) await this.#disk.remove(fileName(kind, number - historyEntriesPerKindMax));
  }

  async entries(kind: MessageKind): Promise<readonly HistoryEntry[]> {
    const entries: HistoryEntry[] = [];
    for (const name of await this.#disk.list("history")) {
      if (parseName(name)?.kind !== kind) continue;
      const entry = readEntry(await this.#disk.read(`history/${name}`));
      if (entry !== null) entries.push(entry);
    }
    return entries;
  }

  async clear(): Promise<void> {
    for (const name of await this.#disk.list("history")) await this.#disk.remove(`history/${name}`);
    this.#last = null;
  }

  async #readLast(): Promise<Map<string, number>> {
    const last = new Map<string, number>();
    for (const name of await this.#disk.list("history")) {
      const parsed = parseName(name);
      if (parsed !== null) last.set(parsed.kind, Math.max(last.get(parsed.kind) ?? 0, parsed.number));
    }
    return last;
  }
}

/** Names of one kind sort by age. */
function fileName(kind: MessageKind, number: number): string {
  return `history/${kind}-${String(number).padStart(9, "0")}`;
}

function parseName(name: string): { readonly kind: string; readonly number: number } | null {
  const match = /^([a-z_]+)-(\d{9})$/.exec(name);
  return match === null ? null : { kind: match[1] ?? "", number: Number(match[2]) };
}

/** An entry that a crash cut is left out. */
function readEntry(bytes: Uint8Array | null): HistoryEntry | null {
  try {
    return bytes === null ? null : (JSON.parse(Buffer.from(bytes).toString("utf8")) as HistoryEntry);
  } catch {
    return null;
  }
}

function shorten(entry: HistoryEntry): HistoryEntry {
  return { ...entry, request: shortenText(entry.request), response: shortenText(entry.response) };
}

function shortenText(text: string): string {
  if (text.length <= historyTextCharactersMax) return text;
  return `${text.slice(0, historyTextCharactersMax)} … ${text.length - historyTextCharactersMax} more characters`;
}
