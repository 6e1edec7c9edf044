// Large messages that were admitted wait as the bytes that they arrived in until those before them are answered. Decoded, a
// message is many times as large and made of small objects, which V8 copies twice before it believes that they live: so a fleet that
// reports a year at once is taken faster when few of its messages are decoded at one time (docs/decisions/0099). Small ones never wait.

/** A message of more bytes is a large one: some eight reports. */
export const smallMessageBytesMax = 16 * 1024;

/** Two messages of a relay with a thousand reports each, or fifty of a device that sends all it may; one that is larger goes alone. */
export const largeMessageBytesTogetherMax = 4 * 1024 * 1024;

type Waiting = { readonly bytes: number; readonly begin: () => void };

export class LargeMessageTurns {
  #bytes = 0;
  readonly #waiting: Waiting[] = [];

  /** Null when the message may begin at once, else when it may; `end` must follow in any case. */
  begin(bytes: number): Promise<void> | null {
    if (bytes <= smallMessageBytesMax) return null;
    if (this.#waiting.length === 0 && this.#hasRoomFor(bytes)) {
      this.#bytes += bytes;
      return null;
    }
    return new Promise((begin) => this.#waiting.push({ bytes, begin }));
  }

  end(bytes: number): void {
    if (bytes <= smallMessageBytesMax) return;
    this.#bytes -= bytes;
    for (let next = this.#waiting[0]; next !== undefined && this.#hasRoomFor(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#bytes += next.bytes;
      next.begin();
    }
  }

  #hasRoomFor(bytes: number): boolean {
    return this.#bytes === 0 || this.#bytes + bytes <= largeMessageBytesTogetherMax;
  }
}
