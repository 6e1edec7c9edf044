// What the failure says when something between an agent and its manager is in the way. Needs python3, for a port that drops.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import type { ConnectionSettings } from "../ports.ts";
import { closedPort } from "../test-support/https-server.ts";
import type { TransportFailure } from "../transport-failure.ts";
import { SmartTransport, systemConnection } from "./smart-transport.ts";

/** A port whose connections are never taken: like one that is blocked on the path, what is sent there is dropped. */
async function blockedPort(t: TestContext): Promise<number> {
  const listening = `
import socket, sys
server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen(0)
waiting = [socket.create_connection(server.getsockname())]
print(server.getsockname()[1], flush=True)
sys.stdin.read()
`;
  const python = spawn("python3", ["-c", listening], { stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => void python.stdin.end());
  const [port] = (await once(python.stdout.setEncoding("utf8"), "data")) as [string];
  return Number(port);
}

test("[TRN-30] a blocked port, a port that nobody listens on and an address without a way are told apart", async (t) => {
  const failureOf = async (port: number, change: Partial<ConnectionSettings> = {}) => {
    const settings = { ...systemConnection([]), resolve: async () => ["127.0.0.1"], ...change };
    const transport = new SmartTransport({ connection: () => settings, timeouts: { connectMs: 300, totalMs: 5_000 } });
    t.after(() => transport.close());
    const options = { proxy: null, signal: new AbortController().signal };
    const asked = transport.exchange(`https://manager.test:${port}/`, Buffer.from("{}"), options);
    const error = await asked.then(
      () => assert.fail(),
      (failure: TransportFailure) => failure,
    );
    return [error.code, error.stage, error.message.replace(String(port), "port")];
  };
  assert.deepEqual(await failureOf(await blockedPort(t)), [
    ...["connection_timed_out", "tcp", "Connection timed out (127.0.0.1:port)"],
  ]);
  assert.deepEqual(await failureOf(await closedPort()), [
    ...["connection_refused", "tcp", "Connection refused (manager.test:port)"],
  ]);
  // Of the broadcast address of this machine's own network nobody is the next hop.
  assert.deepEqual(await failureOf(await closedPort(), { resolve: async () => ["255.255.255.255"] }), [
    ...["host_unreachable", "tcp", "Host or network unreachable (manager.test:port)"],
  ]);
});
