// What a fleet has at hand when its manager is back: reports that were signed long ago. They are signed before the clock starts
// and kept in a file, because three million of them are six gigabytes, and signing one costs more than taking it.

import { type FileHandle, open } from "node:fs/promises";
import { encodeUsageMessages, type ReportingInstance } from "../../bench/load/usage-messages.ts";

/** A whole POST body in the file. */
export type PreparedMessage = { readonly offset: number; readonly bytes: number; readonly reports: number };

/** Messages that are signed together, so that the thread pool is busy and memory bounded. */
const togetherMax = 64;

export class PreparedMessages {
  readonly #file: FileHandle;
  readonly #queues: readonly PreparedMessage[][];

  private constructor(file: FileHandle, queues: readonly PreparedMessage[][]) {
    this.#file = file;
    this.#queues = queues;
  }

  /**
   * Shares out `reports` among the instances in messages of `perMessage`, each instance's in the order of its reports. A message
   * names the time at which it was made, and a manager takes it for an hour.
   */
  static async write(
    path: string,
    instances: readonly ReportingInstance[],
    { reports, perMessage }: { readonly reports: number; readonly perMessage: number },
  ): Promise<PreparedMessages> {
    const file = await open(path, "w+");
    const queues = instances.map((): PreparedMessage[] => []);
    let offset = 0;
    let left = reports;
    for (let next = 0; left > 0; ) {
      // The last message may be shorter, so it is made alone.
      const count = Math.max(1, Math.min(togetherMax, Math.floor(left / perMessage)));
      const size = Math.min(perMessage, left);
      const senders = Array.from({ length: count }, (_, index) => (next + index) % instances.length);
      const made = await encodeUsageMessages(
        senders.map((sender) => instances[sender] as ReportingInstance),
        count,
        size,
      );
      for (const [index, { body }] of made.entries()) {
        queues[senders[index] as number]?.push({ offset, bytes: body.length, reports: size });
        offset += body.length;
      }
      await file.writev(made.map(({ body }) => body));
      next += count;
      left -= count * size;
    }
    return new PreparedMessages(file, queues);
  }

  /** What one instance has to send. */
  queueOf(instance: number): readonly PreparedMessage[] {
    return this.#queues[instance] ?? [];
  }

  async read({ offset, bytes }: PreparedMessage): Promise<Buffer> {
    const { buffer } = await this.#file.read(Buffer.allocUnsafe(bytes), 0, bytes, offset);
    return buffer;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
