// What a manager does by itself while it runs: at its start and then again and again, one after the other, until it stops.

export type Repeated = {
  /** Begins nothing more, and resolves when what runs has ended. */
  stop(): Promise<void>;
};

/** A failure is told and tried again the next time; `signal` is aborted when the manager stops. */
export function repeatWhileRunning(
  work: (signal: AbortSignal) => Promise<unknown>,
  everyMs: number,
  onFailure: (cause: unknown) => void,
): Repeated {
  const ending = new AbortController();
  const once = () =>
    work(ending.signal).then(
      () => undefined,
      (cause: unknown) => onFailure(cause),
    );
  let running = once();
  const timer = setInterval(() => {
    running = running.then(once);
  }, everyMs);
  timer.unref();
  return {
    stop: () => {
      clearInterval(timer);
      ending.abort();
      return running;
    },
  };
}
