// A terminal attached to the console of a running device over its control socket.

import { connect } from "node:net";
import { DeviceError } from "../device-error.ts";
import { controlSocketPath } from "./control-path.ts";
import type { SessionInput } from "./control-protocol.ts";
import { decodeSessionOutput } from "./session-output.ts";

export type ScreenSize = { readonly columns: number; readonly rows: number };

/** The keyboard and screen of a person, or of a program in their place. */
export type LocalTerminal = {
  readonly size: () => ScreenSize;
  /** Answers how to stop listening. */
  readonly onInput: (listener: (bytes: Uint8Array) => void) => () => void;
  readonly onEnd: (listener: () => void) => () => void;
  readonly onResize: (listener: () => void) => () => void;
  readonly write: (text: string) => void;
};

/**
 * Resolves when the session is over: true, or false when no device runs with this state folder. Throws
 * `device_unreachable` when the connection breaks.
 */
export function attachConsole(stateDirectory: string, terminal: LocalTerminal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path: controlSocketPath(stateDirectory) });
    let stopListening: readonly (() => void)[] = [];
    const send = (typed: SessionInput | { readonly attach: ScreenSize }): void => {
      if (!socket.destroyed) socket.write(`${JSON.stringify(typed)}\n`);
    };
    const settle = (end: () => void): void => {
      for (const stop of stopListening) stop();
      socket.destroy();
      end();
    };
    socket.on("connect", () => {
      send({ attach: terminal.size() });
      stopListening = [
        terminal.onInput((bytes) => send({ input: Buffer.from(bytes).toString("base64") })),
        terminal.onResize(() => send({ resize: terminal.size() })),
        terminal.onEnd(() => settle(() => resolve(true))),
      ];
    });
    let waiting = "";
    socket.setEncoding("utf8").on("data", (text: string) => {
      const [first = "", ...others] = text.split("\n");
      const lines = [waiting + first, ...others];
      waiting = lines.pop() ?? "";
      try {
        for (const line of lines) terminal.write(decodeSessionOutput(line));
      } catch (error) {
        settle(() => reject(error));
      }
    });
    socket.on("end", () => settle(() => resolve(true)));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ECONNREFUSED") settle(() => resolve(false));
      else settle(() => reject(new DeviceError("device_unreachable", error.message)));
    });
  });
}
