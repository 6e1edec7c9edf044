// The last log lines of a device, as many as fit into a number of bytes.

export type BufferedLine = { readonly text: string; readonly severity: number };

export type BufferLimits = { readonly bytesMax: number; readonly severity: number } | null;

/** Keeps what is as bad as `severity` or worse; the oldest lines go first. Null limits keep nothing. */
export class LogBuffer {
  #limits: BufferLimits;
  #lines: string[] = [];
  #bytes = 0;
  #total = 0;

  constructor(limits: BufferLimits) {
    this.#limits = limits;
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Lines taken since the start, also those that are gone. */
  get total(): number {
    return this.#total;
  }

  limit(limits: BufferLimits): void {
    this.#limits = limits;
    this.#shrink();
  }

  add({ text, severity }: BufferedLine): void {
    if (this.#limits === null || severity > this.#limits.severity) return;
    this.#lines.push(text);
    this.#bytes += bytesOf(text);
    this.#total += 1;
    this.#shrink();
  }

  clear(): void {
    this.#lines = [];
    this.#bytes = 0;
  }

  #shrink(): void {
    const bytesMax = this.#limits?.bytesMax ?? 0;
    let gone = 0;
    while (this.#bytes > bytesMax) {
      this.#bytes -= bytesOf(this.#lines[gone] ?? "");
      gone += 1;
    }
    if (gone > 0) this.#lines = this.#lines.slice(gone);
  }
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text) + 1;
}
