// Group commit: whatever arrived while the last transaction was being written shares the next one. This decides the
// throughput, because the wait for the disk is paid once per group.

/** The queue is full; the caller answers "try again later". Not an error of anybody. */
export class QueueFull extends Error {
  override readonly name = "QueueFull";
}

export type GroupCommitOptions<Item, Result> = {
  /** Writes all items in one transaction and answers one result for each, in order. May be run again after a failure. */
  readonly commit: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** Whether a failure would meet each of the items as well, such as a database that is away; then none is tried alone. */
  readonly meetsAll: (error: unknown) => boolean;
  /** Rows an item will write, at least 1. */
  readonly rowsOf: (item: Item) => number;
  /** Rows in one transaction; an item larger than that goes alone. */
  readonly rowsPerCommitMax: number;
  /** Of more waiting items than this a group takes half, see `shareOf`; left out, all of them. */
  readonly wholeItemsMax?: number;
  /** Rows that may wait; beyond, `QueueFull`. */
  readonly waitingRowsMax: number;
};

type Waiting<Item, Result> = {
  readonly item: Item;
  readonly rows: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
};

export class GroupCommit<Item, Result> {
  readonly #options: GroupCommitOptions<Item, Result>;
  #waiting: Waiting<Item, Result>[] = [];
  #waitingRows = 0;
  #isRunning = false;

  constructor(options: GroupCommitOptions<Item, Result>) {
    this.#options = options;
  }

  /** Rows that wait for a transaction now. */
  get waitingRows(): number {
    return this.#waitingRows;
  }

  /** Whatever is added now is refused: known before anything was spent on it. */
  get isFull(): boolean {
    return this.#waitingRows >= this.#options.waitingRowsMax;
  }

  /** Resolves when the item is durable. Rejects with `QueueFull`, or with what writing this item alone threw. */
  add(item: Item): Promise<Result> {
    const rows = this.#options.rowsOf(item);
    if (this.#waitingRows > 0 && this.#waitingRows + rows > this.#options.waitingRowsMax)
      return Promise.reject(new QueueFull());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, rows, resolve, reject });
      this.#waitingRows += rows;
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      // One turn of the event loop lets everything that is ready join the group.
      await new Promise((resolve) => setImmediate(resolve));
      await this.#write(this.#takeGroup());
    }
    this.#isRunning = false;
  }

  #takeGroup(): readonly Waiting<Item, Result>[] {
    const itemsMax = shareOf(this.#waiting.length, this.#options.wholeItemsMax);
    let rows = 0;
    let count = 0;
    for (const { rows: more } of this.#waiting) {
      if (count === itemsMax) break;
      if (count > 0 && rows + more > this.#options.rowsPerCommitMax) break;
      rows += more;
      count += 1;
    }
    this.#waitingRows -= rows;
    return this.#waiting.splice(0, count);
  }

  /** An item that cannot be written must not take the others down: after a failure of its own each is written alone. */
  async #write(group: readonly Waiting<Item, Result>[]): Promise<void> {
    let results: readonly Result[];
    try {
      results = await this.#options.commit(group.map(({ item }) => item));
    } catch (error) {
      if (group.length === 1 || this.#options.meetsAll(error)) for (const { reject } of group) reject(error);
      else for (const alone of group) await this.#write([alone]);
      return;
    }
    for (const [at, { resolve }] of group.entries()) resolve(results[at] as Result);
  }
}

/**
 * Where another thread prepares items and answers them, a group of all that waits leaves that thread nothing to do until the
 * group is written, and this one nothing until all are answered. Half of them keeps both busy.
 */
function shareOf(waiting: number, wholeItemsMax = Number.POSITIVE_INFINITY): number {
  return Math.max(Math.ceil(waiting / 2), Math.min(waiting, wholeItemsMax));
}
