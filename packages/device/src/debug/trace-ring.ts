// The last lines about exchanges of a device, kept whether somebody debugs or not, so that what went wrong need not be done
// again to be seen (BET-36). Bounded in lines and in characters.

import type { DebugArea } from "./debug-lines.ts";

export type TraceLine = { readonly atMs: number; readonly area: DebugArea; readonly text: string };

export const traceLinesMax = 500;
export const traceCharactersMax = 400;

export class TraceRing {
  #lines: TraceLine[] = [];

  add({ atMs, area, text }: TraceLine): void {
    this.#lines.push({ atMs, area, text: text.slice(0, traceCharactersMax) });
    if (this.#lines.length > traceLinesMax) this.#lines.shift();
  }

  clear(): void {
    this.#lines = [];
  }

  /** Oldest first. */
  get lines(): readonly TraceLine[] {
    return this.#lines;
  }
}
