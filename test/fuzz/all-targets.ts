// Every parser of the project that sees foreign bytes, ready to be fed.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectToRunningManager, initManager, startManager } from "@countersign/manager";
import { backupTarget } from "./backup-target.ts";
import { deviceAuthorization, deviceTargets, startFuzzedDevice } from "./device-targets.ts";
import { doctorTargets } from "./doctor-targets.ts";
import type { FuzzTarget } from "./fuzz-target.ts";
import { openLiveExchange } from "./live-exchange.ts";
import { managerTargets } from "./manager-targets.ts";
import { deviceRequests, httpTarget, managerRequests } from "./network-targets.ts";
import { protocolTargets } from "./protocol-targets.ts";
import { relayTarget } from "./relay-target.ts";
import { snmpTarget } from "./snmp-target.ts";

/** Opens everything in a temporary folder, and removes it whatever `use` does. */
export async function withTargets<T>(use: (targets: readonly FuzzTarget[]) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "cs-fuzz-"));
  const live = await openLiveExchange(join(folder, "a"));
  const administered = join(folder, "b");
  const { operator } = await initManager({ dataDirectory: administered, smartAccount: "Fuzz", operator: "ada" });
  const running = await startManager({
    dataDirectory: administered,
    port: 0,
    logLevel: "silent",
    isProcessMeasured: false,
    bearerFailuresPerMinuteMax: 10_000,
  });
  const device = await startFuzzedDevice(join(folder, "c"));
  try {
    const administration = await connectToRunningManager(administered);
    if (administration === null) throw new Error("the manager does not answer its commands");
    return await use([
      ...protocolTargets(live),
      ...managerTargets(live, administration),
      await backupTarget(join(folder, "a"), folder),
      ...deviceTargets(device),
      httpTarget({
        ...{ name: "HTTP request to the manager", port: running.port, seeds: managerRequests },
        authorization: `Bearer ${operator?.bearer ?? ""}`,
      }),
      httpTarget({
        ...{ name: "HTTP request to a device", port: device.https?.port ?? 0, seeds: deviceRequests },
        authorization: deviceAuthorization,
      }),
      await snmpTarget(device),
      relayTarget,
      ...doctorTargets(),
    ]);
  } finally {
    await device.stop();
    await running.stop();
    await live.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
