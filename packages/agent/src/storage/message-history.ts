// The last messages of each kind with what came of them, for `show license history message`. Bounded by number and by
// size. Secrets are taken out before an entry is made (BET-11); this file only keeps.

import type { MessageKind } from "../lifecycle/state.ts";
import type { Disk, HistoryEntry, MessageHistory } from "../ports.ts";

export const historyEntriesPerKindMax = 10;
export const historyTextCharactersMax = 32_768;

export class DiskMessageHistory implements MessageHistory {
  readonly #disk: Disk;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  async append(kind: MessageKind, entry: HistoryEntry): Promise<void> {
    const kept = [...(await this.entries(kind)), shorten(entry)].slice(-historyEntriesPerKindMax);
    await this.#disk.replace(fileName(kind), Buffer.from(JSON.stringify(kept)));
  }

  async entries(kind: MessageKind): Promise<readonly HistoryEntry[]> {
    const bytes = await this.#disk.read(fileName(kind));
    return bytes === null ? [] : readEntries(Buffer.from(bytes).toString("utf8"));
  }

  async clear(): Promise<void> {
    for (const name of await this.#disk.list("history")) await this.#disk.remove(`history/${name}`);
  }
}

function fileName(kind: MessageKind): string {
  return `history/${kind}.json`;
}

/** History is for people: a damaged file is an empty one. */
function readEntries(text: string): readonly HistoryEntry[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? (value as readonly HistoryEntry[]) : [];
  } catch {
    return [];
  }
}

function shorten(entry: HistoryEntry): HistoryEntry {
  return { ...entry, request: shortenText(entry.request), response: shortenText(entry.response) };
}

function shortenText(text: string): string {
  if (text.length <= historyTextCharactersMax) return text;
  return `${text.slice(0, historyTextCharactersMax)} … ${text.length - historyTextCharactersMax} more characters`;
}
