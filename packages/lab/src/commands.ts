// The commands of the lab.

import type { Command } from "@countersign/terminal";
import { execute } from "./exec-command.ts";
import { accessPoints, member, reload, switchover } from "./installation-commands.ts";
import { list } from "./list-command.ts";
import { start } from "./start-command.ts";

export const commands: readonly Command[] = [accessPoints, execute, list, member, reload, start, switchover];
