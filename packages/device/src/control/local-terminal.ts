// The terminal of this process as a console's keyboard and screen.

import type { Writable } from "node:stream";
import { ReadStream } from "node:tty";
import type { LocalTerminal } from "./attach-console.ts";

/** Keys come one by one until `close`; input that is no terminal is read as it is. */
export function openLocalTerminal(stdout: Writable): LocalTerminal & { close(): void } {
  const { stdin } = process;
  const keyboard = stdin instanceof ReadStream ? stdin : null;
  keyboard?.setRawMode(true);
  const number = (name: "columns" | "rows"): number =>
    name in stdout ? Number((stdout as Partial<Record<typeof name, number>>)[name] ?? 0) : 0;
  return {
    size: () => ({ columns: number("columns"), rows: number("rows") }),
    onInput: (listener) => listening(stdin, "data", listener),
    onEnd: (listener) => listening(stdin, "end", listener),
    onResize: (listener) => listening(stdout, "resize", listener),
    write: (text) => void stdout.write(text),
    close: () => {
      keyboard?.setRawMode(false);
      stdin.pause();
    },
  };
}

function listening<T extends unknown[]>(
  emitter: NodeJS.EventEmitter,
  name: string,
  listener: (...given: T) => void,
): () => void {
  emitter.on(name, listener as (...given: unknown[]) => void);
  return () => void emitter.off(name, listener as (...given: unknown[]) => void);
}
