// What can be set about the manager's behaviour towards devices, with the values that hold when nothing is set.

import { dayMs, managerCapabilities } from "@countersign/protocol";
import type { ManagerOptions } from "./ports.ts";

export const defaultManagerOptions: ManagerOptions = {
  acknowledgeMode: "inline",
  // The field's servers ask for about five minutes (REP-14).
  pollIntervalSeconds: 300,
  overloadRetrySeconds: 30,
  waitingReportsMax: 20_000,
  reportsPerCommitMax: 1000,
  renewBeforeMs: 365 * dayMs,
  connectInfo: {
    name: "SSM",
    version: "1.3",
    production: true,
    additional_info: "",
    capabilities: [...managerCapabilities],
  },
};
