// What can be set about the manager's behaviour towards devices, with the values that hold when nothing is set.

import { availableParallelism } from "node:os";
import { dayMs, managerCapabilities, reportsPerDeviceMessageMax } from "@countersign/protocol";
import type { ManagerOptions } from "./ports.ts";

/**
 * On two processors the threads and the load share everything: waking the thread pool for single signatures costs the caller
 * as much as making them itself, and the pool's work comes on top. With more
 * processors the pool runs beside.
 */
export const prefersCallerThread = availableParallelism() <= 2;

export const defaultManagerOptions: ManagerOptions = {
  acknowledgeMode: "inline",
  // The field's servers ask for about five minutes (REP-14).
  pollIntervalSeconds: 300,
  overloadRetrySeconds: 30,
  waitingReportsMax: 20_000,
  reportsPerCommitMax: 1000,
  renewBeforeMs: 365 * dayMs,
  relaysVouch: true,
  // For RSA that holds for all that a device may send (docs/decisions/0100); P-256 takes more than twice as long to verify.
  verifiedOnCallerMax: prefersCallerThread ? { SHA256: reportsPerDeviceMessageMax, ES256: 4 } : { SHA256: 0, ES256: 0 },
  connectInfo: {
    name: "SSM",
    version: "1.3",
    production: true,
    additional_info: "",
    capabilities: [...managerCapabilities],
  },
};
