// A running device of ours, asked over the socket of its console: one JSON object a line, an answer for each. Only asks.

import { connect } from "node:net";
import { join } from "node:path";

/** What is asked, in the order in which a person would. */
export const questions: readonly string[] = [
  ...["show version", "show clock detail", "show license tech support", "show license history message"],
  ...["show license eventlog", "show license all", "show license summary", "show logging", "show running-config"],
];

export const answerBytesMax = 8 * 1024 * 1024;
const answerTimeoutMs = 60_000;

export class DeviceSilent extends Error {
  override readonly name = "DeviceSilent";
}

/** A session as a person would have pasted it. Throws `DeviceSilent`. */
export async function askDevice(stateDirectory: string): Promise<string> {
  const path = join(stateDirectory, "control.sock");
  let session = "";
  for (const question of questions) session += `device#${question}\n${await ask(path, question)}\n`;
  return `${session}device#\n`;
}

function ask(path: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    const chunks: Buffer[] = [];
    let size = 0;
    const fail = (why: string): void => {
      socket.destroy();
      reject(new DeviceSilent(`${path}: ${why}`));
    };
    socket.setTimeout(answerTimeoutMs, () => fail("silent for a minute"));
    socket.on("error", (error) => fail(error.message));
    socket.on("end", () => fail("it ended the connection"));
    socket.on("connect", () => socket.write(`${JSON.stringify({ command })}\n`));
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > answerBytesMax) return fail(`more than ${answerBytesMax} bytes`);
      if (chunk.at(-1) !== 10) return;
      socket.destroy();
      const text = textOf(Buffer.concat(chunks).toString("utf8"));
      if (text === null) fail("whoever answers is no device");
      else resolve(text);
    });
  });
}

function textOf(line: string): string | null {
  try {
    const { text } = JSON.parse(line);
    return typeof text === "string" ? text : null;
  } catch {
    return null;
  }
}
