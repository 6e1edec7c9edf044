// A device and a real manager in one process, without sockets, under one clock that the test moves.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Exchange, TransportFailure } from "@countersign/agent";
import { type Device, type DeviceOptions, startDevice } from "@countersign/device";
import { createRequestHandler, initManager, type Manager, openManager } from "@countersign/manager";
import { decodeRequest } from "@countersign/protocol";
import { ManualTime } from "@countersign/simulation";

export const startAtMs = Date.parse("2031-01-24T23:02:12.000Z");
const cause = { kind: "operator", name: "ada" } as const;
const virtualAccount = "Lab";

export type Pair = {
  readonly manager: Manager;
  readonly time: ManualTime;
  readonly device: Device;
  /** Log lines of the device as printed. */
  readonly log: readonly string[];
  /** Request types in the order in which the manager got them. */
  readonly requests: readonly string[];
  /** False: no answer comes from now on. */
  isReachable: boolean;
  /** True: the manager hears what is sent, and its answers are lost. */
  losesAnswers: boolean;
  token(uses?: number, exportControlAllowed?: boolean): Promise<string>;
  setPolicy(layer: object): Promise<void>;
  say(line: string): Promise<string>;
  /** Moves the clock and lets everything that falls due happen. */
  pass(seconds: number): Promise<void>;
};

/** Both are stopped and their folders gone after the test. */
export async function startPair(
  context: TestContext,
  options: Partial<DeviceOptions> = {},
  role: "cloud" | "onprem" = "cloud",
): Promise<Pair> {
  const folder = mkdtempSync(join(tmpdir(), "countersign-pair-"));
  const time = new ManualTime(startAtMs);
  const dataDirectory = join(folder, "manager");
  await initManager({ dataDirectory, smartAccount: "Example Corp", virtualAccount, role, clock: time });
  const manager = await openManager({ dataDirectory, clock: time, logLevel: "silent", isProcessMeasured: false });
  const handle = createRequestHandler(manager);
  const requests: string[] = [];
  const log: string[] = [];
  const exchange: Exchange = async (_url, body) => {
    if (!pair.isReachable) throw new TransportFailure("connection_timed_out");
    requests.push(decodeRequest(body).header.request_type);
    const answer = await handle(body);
    if (pair.losesAnswers) throw new TransportFailure("connection_timed_out");
    return answer;
  };
  const device = await startDevice({
    stateDirectory: null,
    platform: "c9300-stack",
    keyType: "p-256",
    trustAnchors: manager.rootCertificatePem,
    clock: time,
    timers: time,
    exchange,
    onLog: (text) => log.push(text),
    ...options,
  });
  context.after(async () => {
    await device.stop();
    await manager.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const pair: Pair = {
    ...{ manager, time, device, log, requests, isReachable: true, losesAnswers: false },
    token: async (uses = 10, exportControlAllowed = false) => {
      const wish = { smartAccount: "Example Corp", virtualAccount, usesMax: uses, exportControlAllowed, cause };
      return (await manager.administration.createToken(wish)).text;
    },
    setPolicy: async (layer) => {
      await manager.administration.setPolicy({ smartAccount: "Example Corp", layer, cause });
    },
    say: async (line) => (await device.execute(line)).output,
    pass: (seconds) => time.advanceTo(time.now() + seconds * 1000, () => device.agent.idle()),
  };
  return pair;
}
