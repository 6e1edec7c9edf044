// One thing after the other. What the agent does to its state and its disk never overlaps.

export class SerialQueue {
  #tail: Promise<unknown> = Promise.resolve();

  /** Runs the task when everything queued before has ended, well or badly. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(task, task);
    this.#tail = result.catch(() => undefined);
    return result;
  }

  /** Resolves when everything queued so far has ended. */
  async drained(): Promise<void> {
    await this.#tail;
  }
}
