// What a running device shows to a console that is attached to it. Read without the library of schemas, which takes a third of
// the time that a person waits for the prompt (docs/decisions/0074), and which everything else is read with.

import { DeviceError } from "../device-error.ts";

export type SessionOutput = { readonly output: string };

/** Text for the screen. Throws `control_request_invalid`: whoever answers there is no device. */
export function decodeSessionOutput(line: string): string {
  const said = parse(line);
  if (isSessionOutput(said)) return said.output;
  throw new DeviceError("control_request_invalid");
}

function isSessionOutput(said: unknown): said is SessionOutput {
  if (typeof said !== "object" || said === null) return false;
  const [[name, text] = [], ...others] = Object.entries(said);
  return name === "output" && typeof text === "string" && others.length === 0;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new DeviceError("control_request_invalid", "", { cause });
  }
}
