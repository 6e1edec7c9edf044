// What a program does by itself while it runs: at its start and then again and again, one after the other, until it stops.

export type Repeated = {
  /** Begins nothing more, and resolves when what runs has ended. */
  stop(): Promise<void>;
};

/**
 * A failure is told and tried again the next time; work that takes longer than its interval is not begun twice, and nothing is made up
 * for. `signal` is aborted when the program stops.
 */
export function repeatWhileRunning(
  work: (signal: AbortSignal) => Promise<unknown>,
  everyMs: number,
  onFailure: (cause: unknown) => void,
): Repeated {
  const ending = new AbortController();
  let running: Promise<void> | null = null;
  const begin = (): void => {
    running ??= work(ending.signal)
      .then(() => undefined, onFailure)
      .finally(() => {
        running = null;
      });
  };
  begin();
  const timer = setInterval(begin, everyMs);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      ending.abort();
      await running;
    },
  };
}
