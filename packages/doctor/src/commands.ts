// The commands below `countersign doctor`.

import type { Command } from "@countersign/terminal";
import { capture } from "./commands/capture.ts";
import { device } from "./commands/device.ts";
import { probe } from "./commands/probe.ts";
import { read } from "./commands/read.ts";
import { relay } from "./commands/relay.ts";

export const commands: readonly Command[] = [read, probe, capture, device, relay];
