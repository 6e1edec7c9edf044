// countersign doctor device: a running device of ours, asked over its console's socket.

import type { Command } from "@countersign/terminal";
import { askDevice, DeviceSilent } from "../asking/ask-device.ts";
import { refuse, report } from "../output/report.ts";
import { readSession } from "../reading/read-session.ts";

export const device: Command = {
  name: "device",
  summary: "Ask a running device of ours what a person would ask it, and say what is wrong",
  usage: "STATE-DIRECTORY   (exit code 0: nothing to do, 1: someone must act, 2: no device runs there)",
  run: async (input) => {
    const [stateDirectory, ...more] = input.positionals;
    if (stateDirectory === undefined || more.length > 0) return refuse("exactly one STATE-DIRECTORY is needed", input);
    try {
      const session = await askDevice(stateDirectory);
      const { facts, leftOut } = readSession(Buffer.from(session), stateDirectory);
      return report({ facts, leftOut }, input);
    } catch (error) {
      if (!(error instanceof DeviceSilent)) throw error;
      return refuse(error.message, input);
    }
  },
};
