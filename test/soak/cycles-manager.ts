// The manager of the sync cycles, in a process of its own so that its memory is its own. Over the channel from its parent comes
// what a device sends, with the time of it: `cycles-manager.ts <data directory>`.

import { existsSync } from "node:fs";
import { createRequestHandler, initManager, openManager } from "@countersign/manager";
import { ManualTime } from "@countersign/simulation";
import { exposeGarbageCollection } from "./garbage-collection.ts";
import { type MemoryUse, measureMemory } from "./memory-use.ts";

/** `now` is the time in ms. */
export type ToManager =
  | { readonly ask: "start"; readonly now: number }
  | { readonly ask: "answer"; readonly now: number; readonly body: Uint8Array }
  | { readonly ask: "measure" }
  | { readonly ask: "stop" };
export type FromManager = {
  readonly started?: { readonly rootCertificatePem: string; readonly token: string };
  readonly answer?: Uint8Array;
  readonly memory?: MemoryUse;
};

exposeGarbageCollection();
const [dataDirectory = ""] = process.argv.slice(2);
let time = new ManualTime(0);
let manager: Awaited<ReturnType<typeof openManager>> | null = null;
let handle: ReturnType<typeof createRequestHandler> | null = null;

// Its parent may end without a word.
process.on("disconnect", () => process.exit());
process.on("message", (message: ToManager) => void take(message));

async function take(message: ToManager): Promise<void> {
  switch (message.ask) {
    case "start":
      return tell({ started: await start(message.now) });
    case "answer":
      await time.advanceTo(message.now);
      return tell({ answer: (await handle?.(message.body)) ?? new Uint8Array() });
    case "measure":
      return tell({ memory: measureMemory() });
    case "stop":
      await manager?.close();
      process.disconnect();
      return;
    default:
      return message satisfies never;
  }
}

/** On a directory that has a manager, it goes on. */
async function start(now: number) {
  time = new ManualTime(now);
  if (!existsSync(dataDirectory)) await initManager({ dataDirectory, smartAccount: "Soak", clock: time });
  manager = await openManager({ dataDirectory, clock: time, logLevel: "silent", isProcessMeasured: false });
  handle = createRequestHandler(manager);
  const cause = { kind: "operator", name: "soak" } as const;
  const { text: token } = await manager.administration.createToken({ cause });
  return { rootCertificatePem: manager.rootCertificatePem, token };
}

function tell(message: FromManager): void {
  process.send?.(message);
}
