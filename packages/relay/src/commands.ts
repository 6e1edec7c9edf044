// The commands below `countersign relay`.

import type { Command } from "@countersign/terminal";
import { device } from "./commands/device.ts";
import { configure, init } from "./commands/init.ts";
import { serve } from "./commands/serve.ts";
import { show } from "./commands/show.ts";
import { collect, exportWaiting, importCarried, renew, send } from "./commands/work.ts";

export const commands: readonly Command[] = [
  init,
  serve,
  show,
  configure,
  device,
  collect,
  send,
  exportWaiting,
  importCarried,
  renew,
];
