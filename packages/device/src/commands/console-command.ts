// countersign device console: the console of a device on this terminal.

import type { Command } from "@countersign/terminal";
import { explain, required, stateOption } from "./command-input.ts";

export const console: Command = {
  name: "console",
  summary: "Open the console of a device on this terminal; a device that does not run is started for as long",
  usage: "--state <folder>",
  options: stateOption,
  run: async (input) => {
    const state = required(input, "state");
    if (state === null) return 2;
    try {
      const { attachConsole } = await import("../control/attach-console.ts");
      const { openLocalTerminal } = await import("../control/local-terminal.ts");
      const terminal = openLocalTerminal(input.stdout);
      try {
        if (await attachConsole(state, terminal)) return 0;
        const { startDevice } = await import("../program/start-device.ts");
        const device = await startDevice({ stateDirectory: state });
        input.stderr.write("The device did not run; it is started, and stops when you leave.\n");
        try {
          await attachConsole(state, terminal);
        } finally {
          await device.stop();
        }
        return 0;
      } finally {
        terminal.close();
      }
    } catch (error) {
      return explain(error, input);
    }
  },
};
