// The event stream of RESTCONF on a real device: what is told, to whom, and that nobody waits for a listener. Needs
// libyang2-tools.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { AgentNotice } from "@countersign/agent";
import { putUser } from "../ssh/user-store.ts";
import { rightPassword, startHttpsDevice } from "../test-support/https-client.ts";
import { streamHeartbeatSeconds, streamsMax, streamWaitingBytesMax } from "./http-limits.ts";
import { notificationJson, notificationOf, reportsMax } from "./notification-data.ts";
import { NotificationStream } from "./notification-stream.ts";

const moduleFile = fileURLToPath(new URL("../../yang/countersign-license@2026-11-30.yang", import.meta.url));
const streamPath = "/restconf/streams/licensing/json";

/** A client that listens; `next` is the next event, null when the stream has ended. */
class Listener {
  readonly #response: IncomingMessage;
  #text = "";
  #isOver = false;
  #wake = (): void => undefined;

  private constructor(response: IncomingMessage) {
    this.#response = response;
    response.setEncoding("utf8");
    response.on("data", (part: string) => {
      this.#text += part;
      this.#wake();
    });
    const end = (): void => {
      this.#isOver = true;
      this.#wake();
    };
    response.on("error", end);
    response.on("close", end);
  }

  static async open(t: TestContext, stateDirectory: string, port: number, user = "bob"): Promise<Listener> {
    const ca = readFileSync(join(stateDirectory, "https-identity.pem"), "utf8");
    const options = { host: "127.0.0.1", port, path: streamPath, ca, auth: `${user}:${rightPassword}`, agent: false };
    const sent = request({ ...options, headers: { accept: "text/event-stream" } });
    sent.end();
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    sent.on("error", () => undefined);
    t.after(() => response.destroy());
    assert.equal(response.statusCode, 200);
    assert.equal(response.headers["content-type"], "text/event-stream");
    const listener = new Listener(response);
    assert.equal(await listener.next(), ":");
    return listener;
  }

  async next(): Promise<string | null> {
    while (!this.#text.includes("\n\n") && !this.#isOver) await new Promise<void>((resolve) => (this.#wake = resolve));
    const [event, ...rest] = this.#text.split("\n\n");
    if (rest.length === 0) return null;
    this.#text = rest.join("\n\n");
    return event ?? null;
  }

  close(): Promise<unknown> {
    const closed = once(this.#response, "close");
    this.#response.destroy();
    return closed;
  }
}

async function startStreaming(t: TestContext) {
  const started = await startHttpsDevice(t);
  const port = started.device.https?.port ?? 0;
  return { ...started, listen: (user?: string) => Listener.open(t, started.stateDirectory, port, user) };
}

test("who listens is told what happens, when it happens, in the envelope of RFC 8040", async (t) => {
  const { listen, say, device, time } = await startStreaming(t);
  const [one, other] = [await listen(), await listen("ada")];
  await say("license smart trust idtoken canary-token-2020 all");
  await device.agent.idle();
  const told = (await one.next()) ?? "";
  assert.equal(await other.next(), told);
  const { "ietf-restconf:notification": notification } = JSON.parse(told.replace(/^data: /, "")) as {
    "ietf-restconf:notification": Record<string, unknown>;
  };
  assert.equal(notification.eventTime, new Date(time.now()).toISOString());
  const changed = notification["countersign-license:communication-changed"] as Record<string, string>;
  assert.deepEqual([changed["failing-since"], changed.stage], [notification.eventTime, "tcp"]);
  assert.doesNotMatch(told, /canary/);
});

test("the stream is listed where RFC 8040 wants it, under the name that the client has for the device", async (t) => {
  const { ask, device } = await startStreaming(t);
  const json = async (path: string): Promise<unknown> => JSON.parse((await ask("GET", path)).text);
  const { "ietf-restconf-monitoring:streams": streams } = (await json(
    "/restconf/data/ietf-restconf-monitoring:restconf-state/streams",
  )) as { "ietf-restconf-monitoring:streams": { stream: [{ access: [{ location: string; encoding: string }] }] } };
  const [{ access }] = streams.stream;
  assert.deepEqual(access, [
    { encoding: "json", location: `https://127.0.0.1:${device.https?.port}/restconf/streams/licensing/json` },
  ]);
  const whole = (await json("/restconf/data/ietf-restconf-monitoring:restconf-state")) as Record<string, object>;
  assert.deepEqual(Object.keys(whole["ietf-restconf-monitoring:restconf-state"] ?? {}), ["capabilities", "streams"]);
  assert.equal((await ask("GET", `${streamPath}?start-time=2031-01-01T00:00:00Z`)).status, 400);
  assert.equal((await ask("GET", streamPath, { user: null })).status, 401);
  assert.equal((await ask("GET", streamPath, { user: "eve" })).status, 403);
});

test("as many listen as may and one more is told to come later; who looks at the heading alone takes no place", async (t) => {
  const { listen, ask } = await startStreaming(t);
  const listeners: Listener[] = [];
  for (let count = 0; count < streamsMax; count += 1) {
    assert.equal((await ask("HEAD", streamPath)).status, 200);
    listeners.push(await listen());
  }
  const refused = await ask("GET", streamPath);
  assert.deepEqual([refused.status, refused.headers["retry-after"]], [503, String(streamHeartbeatSeconds)]);
  assert.match(refused.text, /device_busy/);
  await listeners[0]?.close();
  let status = 503;
  while (status === 503) status = (await ask("HEAD", streamPath)).status;
  assert.equal(status, 200);
  await listen();
});

test("a stream ends with the right to read: at the next event when nobody is let in, at the next sign of life for one user", async (t) => {
  const { listen, say, stateDirectory, time, device } = await startStreaming(t);
  // What the start has to say of acknowledgements is said.
  await time.advanceTo(time.now() + 1_000, () => device.agent.idle());
  const one = await listen("bob");
  await time.advanceTo(time.now() + streamHeartbeatSeconds * 1000);
  assert.equal(await one.next(), ":");
  await putUser(stateDirectory, { name: "bob", privilege: 0, password: null, publicKeys: [] });
  await time.advanceTo(time.now() + streamHeartbeatSeconds * 1000);
  assert.equal(await one.next(), null);
  const other = await listen("ada");
  await say("no ip http authentication");
  await say("license smart trust idtoken abc all");
  await device.agent.idle();
  assert.equal(await other.next(), null);
});

test("a reload ends streams", async (t) => {
  const { listen, say } = await startStreaming(t);
  const one = await listen();
  await say("reload");
  assert.equal(await one.next(), null);
});

test("a listener that does not read is cut off when more waits for it than may, and nobody waits for it", async () => {
  const stream = new NotificationStream({ authenticates: () => true, start: () => () => undefined });
  const frame = "data: \n\n".length;
  for (const [more, isCutOff] of [
    [0, false],
    [1, true],
  ] as const) {
    const listener = stream.listen(async () => true);
    let wasCutOff = false;
    listener.onCutOff(() => (wasCutOff = true));
    assert.deepEqual(await listener.next(), { done: false, value: ":\n\n" });
    stream.publish("x".repeat(1000));
    stream.publish("x".repeat(streamWaitingBytesMax - 1000 - 2 * frame + more));
    assert.equal(wasCutOff, isCutOff);
    assert.equal((await listener.next()).done ?? false, isCutOff);
    await listener.return();
  }
});

const head = { ledger_id: "ledger", size: 5, root_sha256: "0".repeat(64) } as Extract<
  AgentNotice,
  { type: "ledger-changed" }
>["kept"];
const udis = ["PID:C9300-48P,SN:CSL2701A001"] as const;
const refusal = { code: "no", message: "no\u0007 use left", udis, final: true };
const tag = "regid.2031-01.org.example.EDGE,1.0_00000000-0000-4000-8000-0000000000a1";
const notices: { readonly [Type in AgentNotice["type"]]: Extract<AgentNotice, { type: Type }> } = {
  "trust-installed": { type: "trust-installed", udi: udis[0] },
  "trust-refused": { type: "trust-refused", ...refusal },
  "request-refused": { type: "request-refused", request: "sync", code: "transport_off", message: "off" },
  "authorization-installed": { type: "authorization-installed", udi: udis[0], tags: [tag] },
  "authorization-refused": { type: "authorization-refused", ...refusal },
  "authorization-removed": { type: "authorization-removed", udi: udis[0], reason: "withdrawn" },
  "not-authorized": { type: "not-authorized", tag },
  authorized: { type: "authorized", tag },
  "policy-installed": { type: "policy-installed", policyVersion: 3, name: "Custom" },
  "usage-changed": { type: "usage-changed", tag, count: 3, countBefore: 0 },
  acknowledged: {
    type: "acknowledged",
    sequence: 7,
    reportIds: Array.from({ length: reportsMax + 1 }, (_, index) => index + 1),
  },
  "ledger-rewritten": { type: "ledger-rewritten", kept: head, offered: head },
  "ledger-changed": { type: "ledger-changed", kept: head, offered: head },
  "acknowledgement-overdue": {
    type: "acknowledgement-overdue",
    ...{ sinceMs: 0, deadlineAtMs: 86_400_000, isMandatory: true },
  },
  "acknowledgement-due": { type: "acknowledgement-due", deadlineAtMs: 86_400_000, days: 3, isMandatory: false },
  "communication-failed": {
    type: "communication-failed",
    ...{ kind: "usage_reporting", stage: "tcp", code: "connection_timed_out", message: "Connection timed out" },
  },
  "communication-restored": { type: "communication-restored" },
  "classic-standing": {
    type: "classic-standing",
    ...{ isRegistered: true, standing: "out_of_compliance", shortTags: [tag], evaluationRemainingMs: 1, reason: "no" },
  },
};

test("every notice of the agent is a notification of the module, by yanglint; what a person was refused is told to nobody", async (t) => {
  const { stateDirectory } = await startHttpsDevice(t);
  const names = new Set<string>();
  for (const notice of Object.values(notices)) {
    const told = notificationOf(notice, 86_400_000);
    assert.equal(told === null, notice.type === "request-refused");
    const json = notificationJson(notice, 86_400_000) ?? "";
    assert.doesNotMatch(json, /\n/);
    if (told === null) continue;
    const [name, content] = told;
    names.add(name);
    const file = join(stateDirectory, "notification.json");
    writeFileSync(file, JSON.stringify({ [`countersign-license:${name}`]: content }));
    execFileSync("yanglint", ["-t", "notif", "-f", "json", moduleFile, file], { stdio: ["ignore", "ignore", "pipe"] });
    assert(Buffer.byteLength(json) < streamWaitingBytesMax / 2);
  }
  const tree = execFileSync("yanglint", ["-f", "tree", moduleFile], { encoding: "utf8" });
  const declared = [...(tree.split("notifications:")[1] ?? "").matchAll(/^ {4}\+---n ([\w-]+)/gm)];
  assert.deepEqual([...names].sort(), declared.map(([, name]) => name).sort());
  const acknowledged = notificationOf(notices.acknowledged, 0)?.[1].report;
  assert(Array.isArray(acknowledged) && acknowledged.length === reportsMax);
});
