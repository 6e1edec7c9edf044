import assert from "node:assert/strict";
import { test } from "node:test";
import { listenRaw } from "../ceilings/raw-https-server.ts";
import { percentile, runClosedLoop } from "./closed-loop.ts";
import { openConnections } from "./keep-alive-connection.ts";

const { signal } = new AbortController();

async function withServer<T>(
  answer: (body: Buffer) => Promise<string>,
  use: (target: { port: number; rootCertificatePem: string }) => Promise<T>,
) {
  const server = await listenRaw(answer);
  try {
    return await use({ port: server.port, rootCertificatePem: server.certificate });
  } finally {
    await server.stop();
  }
}

test("every message is sent once, and each kept answer belongs to its message", async () => {
  const seen: string[] = [];
  const echo = async (body: Buffer) => {
    seen.push(body.toString());
    return `${body}!`.repeat(3_000);
  };
  await withServer(echo, async (target) => {
    const connections = await openConnections(target, 5);
    const messages = Array.from({ length: 100 }, (_, index) => Buffer.from(`message ${index}`));
    const result = await runClosedLoop({ connections, path: "/", messages, signal, keepEvery: 10 });
    for (const connection of connections) connection.close();
    assert.deepEqual(new Set(seen), new Set(messages.map(String)));
    assert.equal(seen.length, messages.length);
    assert.deepEqual(
      result.kept.map(({ index, answer }) => [index, answer.body.toString().split("!")[0]]),
      Array.from({ length: 10 }, (_, step) => [step * 10, `message ${step * 10}`]),
    );
  });
});

test("a refusal, a delay or a failure ends the load with the answer's words", async () => {
  const load = (answer: (body: Buffer) => Promise<string>) =>
    withServer(answer, async (target) => {
      const connections = await openConnections(target, 1);
      try {
        await runClosedLoop({ connections, path: "/", messages: [Buffer.from("x")], signal, keepEvery: 1 });
      } finally {
        for (const connection of connections) connection.close();
      }
    });
  for (const code of ["FAILED", "OK_TRY_AGAIN"]) {
    await assert.rejects(
      load(async () => JSON.stringify({ response: JSON.stringify({ status_code: code }) })),
      new RegExp(code),
    );
  }
  await assert.rejects(
    load(() => Promise.reject(new Error("no disk"))),
    /HTTP 500: .*no disk/,
  );
});

test("percentiles are samples, not numbers between them", () => {
  const samples = Float64Array.from({ length: 100 }, (_, index) => index + 1);
  assert.equal(percentile(samples, 0.5), 50);
  assert.equal(percentile(samples, 0.99), 99);
  assert.equal(percentile(Float64Array.of(7), 0.99), 7);
});
