import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { checkHealth } from "./health.ts";

test("a database that gives no answer is failing, and whoever asks is not kept waiting for it", async () => {
  const failures: string[] = [];
  const ports = {
    clock: { now: () => 0 },
    storage: { check: () => new Promise<void>(() => undefined) },
    storageAnswerMsMax: 5,
    certificates: () => ({}),
    upstream: async () => null,
    dataDirectory: tmpdir(),
    diskFreeMebibytesMin: 0,
  };
  const { status, dependencies } = await checkHealth(ports, (dependency) => failures.push(dependency));
  assert.deepEqual([status, dependencies.storage], ["failing", { state: "failing", detail: "no answer within 5 ms" }]);
  assert.ok(failures.includes("storage"));
});
