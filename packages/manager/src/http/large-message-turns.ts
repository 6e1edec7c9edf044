// Large messages that were admitted wait as the bytes that they arrived in until those before them are answered. Decoded, a
// message is many times as large and made of small objects, which V8 copies twice before it believes that they live: so a fleet that
// reports a year at once is taken faster when few of its messages are decoded at one time (docs/decisions/0099). Small ones never wait.

/** A message of more bytes is a large one: some eight reports. */
export const smallMessageBytesMax = 16 * 1024;

/** Fifty messages of a device that sends all it may. */
export const largeMessageBytesTogetherMax = 4 * 1024 * 1024;

/** So many go on together however large they are: with two messages of a relay, threads would wait for each other. */
export const largeMessagesTogetherMin = 8;

type Waiting = { readonly bytes: number; readonly begin: () => void };

export class LargeMessageTurns {
  #bytes = 0;
  #underWay = 0;
  readonly #waiting: Waiting[] = [];

  /** Null when the message may begin at once, else when it may; `end` must follow in any case. */
  begin(bytes: number): Promise<void> | null {
    if (bytes <= smallMessageBytesMax) return null;
    if (this.#waiting.length === 0 && this.#hasRoomFor(bytes)) {
      this.#enter(bytes);
      return null;
    }
    return new Promise((begin) => this.#waiting.push({ bytes, begin }));
  }

  end(bytes: number): void {
    if (bytes <= smallMessageBytesMax) return;
    this.#bytes -= bytes;
    this.#underWay -= 1;
    for (let next = this.#waiting[0]; next !== undefined && this.#hasRoomFor(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#enter(next.bytes);
      next.begin();
    }
  }

  #enter(bytes: number): void {
    this.#bytes += bytes;
    this.#underWay += 1;
  }

  #hasRoomFor(bytes: number): boolean {
    return this.#underWay < largeMessagesTogetherMin || this.#bytes + bytes <= largeMessageBytesTogetherMax;
  }
}
