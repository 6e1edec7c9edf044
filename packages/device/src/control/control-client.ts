// One command to a running device over its control socket.

import { connect } from "node:net";
import { DeviceError } from "../device-error.ts";
import { controlSocketPath } from "./control-path.ts";
import { type ControlAnswer, controlAnswerBytesMax, decodeControlAnswer } from "./control-protocol.ts";

/** Longest wait for an answer; a saved file of a year's usage takes seconds. */
const answerTimeoutMs = 60_000;

/** Null when no device runs with this state folder; throws `device_unreachable`. */
export function askDevice(stateDirectory: string, command: string): Promise<ControlAnswer | null> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path: controlSocketPath(stateDirectory) });
    const chunks: Buffer[] = [];
    let bytes = 0;
    const fail = (detail: string): void => {
      socket.destroy();
      reject(new DeviceError("device_unreachable", detail));
    };
    socket.setTimeout(answerTimeoutMs, () => fail("It was silent for a minute."));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ECONNREFUSED") resolve(null);
      else fail(error.message);
    });
    socket.on("connect", () => socket.write(`${JSON.stringify({ command })}\n`));
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > controlAnswerBytesMax) return fail("Its answer is too large.");
      if (chunk.at(-1) !== 10) return;
      socket.destroy();
      try {
        resolve(decodeControlAnswer(Buffer.concat(chunks).toString("utf8")));
      } catch (error) {
        reject(error);
      }
    });
    socket.on("end", () => fail("It closed the connection."));
  });
}
