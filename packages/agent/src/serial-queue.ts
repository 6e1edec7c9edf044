// One thing after the other. What the agent does to its state and its disk never overlaps.

export class SerialQueue {
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** Something runs or waits. */
  get isBusy(): boolean {
    return this.#waiting > 0;
  }

  /** Runs the task when everything queued before has ended, well or badly. */
  run<T>(task: () => Promise<T>): Promise<T> {
    this.#waiting += 1;
    const ended = () => {
      this.#waiting -= 1;
    };
    const result = this.#tail.then(task, task);
    this.#tail = result.then(ended, ended);
    return result;
  }

  /** Resolves when everything queued so far has ended. */
  async drained(): Promise<void> {
    await this.#tail;
  }
}
