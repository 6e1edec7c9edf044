// A real manager on a free port with a data directory of its own, gone afterwards.

import { mkdtempSync, rmSync } from "node:fs";
import { Agent, type RequestOptions, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { type InitResult, initManager } from "../program/init-manager.ts";
import { type RunningManager, startManager } from "../program/start-manager.ts";
import type { ManagerProgramOptions } from "../program.ts";
import { type DeviceKeyType, type Exchange, randomUdi, TestDevice } from "./test-device.ts";

export type HttpReply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
};

export type TestManager = {
  readonly dataDirectory: string;
  readonly init: InitResult;
  /** The manager that runs now. */
  readonly running: RunningManager;
  /** Stops the manager and starts it again on its data directory. */
  readonly restart: () => Promise<void>;
  /** Everything logged so far. */
  readonly logText: () => string;
  readonly call: (method: string, path: string, options?: CallOptions) => Promise<HttpReply>;
  /** POSTs to a device path and answers the body. */
  readonly exchange: (path?: string) => Exchange;
  readonly device: (udi?: string, keyType?: DeviceKeyType) => TestDevice;
  readonly token: (uses?: number) => Promise<string>;
};
type CallOptions = {
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  readonly bearer?: string;
};

/** Runs against a manager that was initialised and started. */
export async function withManager(
  options: Partial<ManagerProgramOptions>,
  run: (manager: TestManager) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "countersign-manager-"));
  const dataDirectory = join(directory, "data");
  const { clock, randomBytes, database = "" } = options;
  const ports = { ...(clock === undefined ? {} : { clock }), ...(randomBytes === undefined ? {} : { randomBytes }) };
  try {
    const init = await initManager({
      dataDirectory,
      smartAccount: "Example Corp",
      virtualAccount: "Lab",
      operator: "ada",
      database,
      ...ports,
    });
    const log = recordingStream();
    const start = () =>
      startManager({ logDestination: log.stream, isProcessMeasured: false, ...options, dataDirectory, port: 0 });
    let running = await start();
    const restart = async () => {
      await running.stop();
      running = await start();
    };
    try {
      await run(
        toTestManager({
          dataDirectory,
          init,
          running: () => running,
          restart,
          logText: log.text,
          now: clock?.now ?? Date.now,
        }),
      );
    } finally {
      await running.stop();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

type Parts = Pick<TestManager, "dataDirectory" | "init" | "restart" | "logText"> & {
  readonly running: () => RunningManager;
  readonly now: () => number;
};

function toTestManager({ running, now, ...parts }: Parts): TestManager {
  const agent = new Agent({ ca: parts.init.rootCertificatePem, keepAlive: false });
  const call: TestManager["call"] = (method, path, options = {}) =>
    callHttps(`${running().url}${path}`, { method, agent }, options);
  const exchange =
    (path = "/licservice/license"): Exchange =>
    async (body) =>
      Buffer.from((await call("POST", path, { body })).text);
  return {
    ...parts,
    get running() {
      return running();
    },
    call,
    exchange,
    device: (udi = randomUdi(), keyType) =>
      new TestDevice(udi, parts.init.rootCertificatePem, exchange(), now, keyType),
    token: async (uses = 1) => {
      const cause = { kind: "operator", name: "test" } as const;
      return (await running().manager.administration.createToken({ usesMax: uses, cause })).text;
    },
  };
}

function callHttps(url: string, base: RequestOptions, { body, headers = {}, bearer }: CallOptions): Promise<HttpReply> {
  const contentType = body === undefined ? {} : { "content-type": "application/json" };
  const authorization = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { ...base, headers: { ...contentType, ...authorization, ...headers } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(chunks).toString() }),
      );
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

export function recordingStream(): { readonly stream: Writable; readonly text: () => string } {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  return { stream, text: () => chunks.join("") };
}
