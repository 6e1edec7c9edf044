import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { askDevice } from "./control-client.ts";
import { controlSocketPath } from "./control-path.ts";
import { type ControlAnswer, controlRequestBytesMax } from "./control-protocol.ts";
import { openControlSocket } from "./control-socket.ts";

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "countersign-control-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const openSocket = (state: string, execute: (line: string) => Promise<ControlAnswer>) =>
  openControlSocket(state, { execute, openSession: () => assert.fail("nobody attaches") });

const echo = async (line: string): Promise<ControlAnswer> => ({ outcome: "done", text: line, json: { line } });

/** What is answered to raw bytes, until the device closes the connection. */
async function sendRaw(path: string, bytes: string | Buffer): Promise<string> {
  const socket = connect({ path });
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.end(bytes);
  await once(socket, "close");
  return Buffer.concat(chunks).toString("utf8");
}

test("a line is carried to the device and its answer back, for the owner only", async (t) => {
  const state = folder(t);
  const control = await openSocket(state, echo);
  t.after(() => control.close());
  assert.equal(statSync(control.path).mode & 0o777, 0o600);
  assert.deepEqual(await askDevice(state, 'show "x" ü'), {
    outcome: "done",
    text: 'show "x" ü',
    json: { line: 'show "x" ü' },
  });
});

test("several lines of one connection are answered in their order", async (t) => {
  const control = await openSocket(folder(t), async (line) => {
    // The first takes more turns than the second.
    for (let turn = line === "slow" ? 20 : 0; turn > 0; turn -= 1)
      await new Promise((resolve) => setImmediate(resolve));
    return echo(line);
  });
  t.after(() => control.close());
  const socket = connect({ path: control.path });
  socket.write(`${JSON.stringify({ command: "slow" })}\n${JSON.stringify({ command: "fast" })}\n`);
  let received = "";
  for await (const chunk of socket) {
    received += String(chunk);
    if (received.split("\n").length === 3) break;
  }
  assert.deepEqual(
    received
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as ControlAnswer).text),
    ["slow", "fast"],
  );
});

test("what is no request is answered with its code, and what is too large closes the connection", async (t) => {
  const control = await openSocket(folder(t), echo);
  t.after(() => control.close());
  for (const line of ["", "not json", '{"command":1}', '{"command":"a","more":1}', "[]"]) {
    const socket = connect({ path: control.path });
    socket.write(`${line}\n`);
    const [answer] = (await once(socket, "data")) as [Buffer];
    assert.equal(JSON.parse(String(answer)).json.code, "control_request_invalid", line);
    socket.destroy();
  }
  const answer = await sendRaw(control.path, Buffer.alloc(controlRequestBytesMax + 1, 97));
  assert.equal(JSON.parse(answer).json.code, "control_request_too_large");
});

test("an error of a command is an answer, not the end of the device", async (t) => {
  const state = folder(t);
  const control = await openSocket(state, async () => {
    throw new Error("broken");
  });
  t.after(() => control.close());
  const answer = await askDevice(state, "show");
  assert.deepEqual([answer?.outcome, answer?.text], ["failed", "% broken"]);
});

test("no device is told from one that does not answer", async (t) => {
  const state = folder(t);
  assert.equal(await askDevice(state, "show"), null);
  const control = await openSocket(state, echo);
  await control.close();
  assert.equal(await askDevice(state, "show"), null);
  const stranger = createServer((socket) => socket.end());
  stranger.listen({ path: controlSocketPath(state) });
  await once(stranger, "listening");
  t.after(() => stranger.close());
  await assert.rejects(askDevice(state, "show"), { code: "device_unreachable" });
});

test("a socket that a dead process left behind is replaced", async (t) => {
  const state = folder(t);
  const first = await openSocket(state, async () => ({ outcome: "done", text: "first", json: null }));
  const second = await openSocket(state, async () => ({ outcome: "done", text: "second", json: null }));
  t.after(() => second.close());
  assert.equal((await askDevice(state, "x"))?.text, "second");
  t.after(() => first.close());
});
