// countersign relay serve: runs the relay until it is interrupted.

import { once } from "node:events";
import { logLines } from "@countersign/terminal";
import { directoryOf, facts, relayCommand, requireWords } from "./relay-command.ts";

export const serve = relayCommand({
  name: "serve",
  summary: "Run the relay; logs as JSON lines on standard output",
  run: async (input) => {
    requireWords(input);
    const { startRelay } = await import("../program.ts");
    const running = await startRelay(directoryOf(input), logLines(input.stdout));
    input.stderr.write(input.json ? `${JSON.stringify({ url: running.url })}\n` : facts([["Listening", running.url]]));
    if (!input.signal.aborted) await once(input.signal, "abort");
    await running.stop();
    return 0;
  },
});
