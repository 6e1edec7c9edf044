// One console line on a device: over its control socket when it runs, else from what it stored.

import { askDevice } from "../control/control-client.ts";
import type { ExecutedLine } from "./device-options.ts";
import { executeStored } from "./stored-device.ts";

/** Throws what `askDevice` and `executeStored` throw. */
export async function executeOnDevice(stateDirectory: string, line: string): Promise<ExecutedLine> {
  const answer = await askDevice(stateDirectory, line);
  if (answer === null) return executeStored(stateDirectory, line, Date.now());
  return { outcome: answer.outcome, output: answer.text, json: answer.json };
}
