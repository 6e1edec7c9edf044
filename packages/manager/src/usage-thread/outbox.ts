// Collects what one turn of the event loop has to tell another thread: waking a thread costs more than most of what is told.
// Long turns tell it in parts, so that the other thread has begun when this one is done.

/** Items that are not kept until the turn ends. */
const itemsTogetherMax = 8;

export class Outbox<Item> {
  readonly #send: (items: readonly Item[]) => void;
  #items: Item[] = [];

  constructor(send: (items: readonly Item[]) => void) {
    this.#send = send;
  }

  add(item: Item): void {
    this.#items.push(item);
    if (this.#items.length === itemsTogetherMax) this.#flush();
    else if (this.#items.length === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    if (this.#items.length === 0) return;
    const items = this.#items;
    this.#items = [];
    this.#send(items);
  }
}
