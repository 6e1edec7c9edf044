import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualTime } from "./manual-time.ts";
import { SeededRandomness } from "./seeded-randomness.ts";
import { calmNetwork, type NetworkWeights, SimulatedNetwork } from "./simulated-network.ts";

type Wish = { readonly weights?: Partial<NetworkWeights>; readonly delayMsMax?: number; readonly seed?: number };

function createNetwork({ weights, delayMsMax = 0, seed = 1 }: Wish) {
  const time = new ManualTime(0);
  const delivered: string[] = [];
  const network = new SimulatedNetwork({
    time,
    random: new SeededRandomness(seed),
    deliver: async (from, body) => {
      const text = `${from}: ${new TextDecoder().decode(body)}`;
      delivered.push(text);
      if (text.endsWith("break")) throw new Error("the other end broke");
      return new TextEncoder().encode(`answer to ${text}`);
    },
    failure: (code) => Object.assign(new Error(code), { code }),
    weights: weights === undefined ? calmNetwork : { ...calmNetwork, whole: 0, ...weights },
    delayMsMax,
    lateMsMax: 1000,
  });
  const { carry, parked } = network.carrierOf("ada");
  const abort = new AbortController();
  const send = async (text: string) =>
    new TextDecoder().decode(await carry(new TextEncoder().encode(text), abort.signal));
  return { time, network, delivered, send, parked, abort };
}

test("a calm network brings every request and every answer", async () => {
  const { send, delivered } = createNetwork({});
  assert.equal(await send("one"), "answer to ada: one");
  assert.deepEqual(delivered, ["ada: one"]);
});

test("a lost request was never seen, a lost answer was; the sender cannot tell them apart", async () => {
  const request = createNetwork({ weights: { requestLost: 1 } });
  await assert.rejects(request.send("one"), { code: "answer_timed_out" });
  assert.deepEqual(request.delivered, []);
  const answer = createNetwork({ weights: { answerLost: 1 } });
  await assert.rejects(answer.send("one"), { code: "answer_timed_out" });
  assert.deepEqual(answer.delivered, ["ada: one"]);
});

test("a doubled request comes again later, and a late one behind those that were sent after it", async () => {
  const { network, send, delivered, time } = createNetwork({ weights: { late: 1 } });
  await assert.rejects(send("late"), { code: "answer_timed_out" });
  network.weights = { ...calmNetwork, whole: 0, doubled: 1 };
  await send("doubled");
  assert.deepEqual(delivered, ["ada: doubled"]);
  await time.advanceTo(2000);
  assert.deepEqual(delivered.toSorted(), ["ada: doubled", "ada: doubled", "ada: late"]);
});

test("a garbled answer is never the answer, and comes of a request that arrived; sometimes the way ends under it", async () => {
  const outcomes = new Set<string>();
  for (let seed = 0; seed < 40; seed += 1) {
    const { send, delivered } = createNetwork({ weights: { garbled: 1 }, seed });
    const outcome = await send("one").catch((error: Error) => error.message);
    assert.notEqual(outcome, "answer to ada: one");
    assert.deepEqual(delivered, ["ada: one"]);
    outcomes.add(outcome);
  }
  assert.ok(outcomes.has("connection_reset"));
  assert.ok([...outcomes].some((outcome) => outcome.includes("guest network")));
});

test("proxy, TLS and HTTP refuse before anything is sent, each in its turn", async () => {
  const { network, send, delivered, time } = createNetwork({ weights: { refused: 1 }, delayMsMax: 10 });
  const codes = new Set<string>();
  for (let number = 0; number < 60; number += 1) {
    codes.add(await send("one").then(assert.fail, ({ code }: { code: string }) => code));
  }
  const expected = ["certificate_expired", "http_status", "proxy_refused", "proxy_unreachable", "tls_handshake_failed"];
  assert.deepEqual([...codes].sort(), expected);
  assert.deepEqual([delivered, network.fates.refused, time.nextTimerAt()], [[], 60, null]);
});

test("request and answer are each as late as allowed, and no later", async () => {
  const waits = new Set<number>();
  for (let seed = 0; seed < 40; seed += 1) {
    const { send, delivered, time } = createNetwork({ weights: { whole: 1 }, delayMsMax: 10, seed });
    const sentAtMs = time.now();
    let answeredAtMs: number | null = null;
    const answered = send("one").then(() => {
      answeredAtMs = time.now();
    });
    await time.advanceTo(sentAtMs + 20);
    await answered;
    waits.add((answeredAtMs ?? Number.NaN) - sentAtMs);
    assert.deepEqual(delivered, ["ada: one"]);
  }
  assert.ok(Math.max(...waits) <= 18 && Math.max(...waits) > 9, "both halves wait");
  assert.ok(waits.has(0));
});

test("who is cut off gets nothing through until joined again; a connection that broke is told as one", async () => {
  const { network, send, delivered, time } = createNetwork({});
  network.cut("ada");
  const refused = assert.rejects(send("one"), /host_unreachable|connection_timed_out/);
  await time.advanceTo(60_000);
  await refused;
  assert.deepEqual([delivered, network.isCut("ada")], [[], true]);
  network.join("ada");
  await send("two");
  await assert.rejects(send("break"), { code: "connection_reset" });
});

test("who waits for time to pass is parked, and an abandoned exchange ends at once", async () => {
  const { network, send, parked, time, abort } = createNetwork({ weights: { requestLost: 1 }, delayMsMax: 10 });
  const lost = assert.rejects(send("one"), { code: "answer_timed_out" });
  await parked();
  let isNextParked = false;
  const next = network.carrierOf("ada");
  void next.parked().then(() => {
    isNextParked = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isNextParked, false, "what a dead start left behind parks nobody after it");
  await time.advanceTo(30_000);
  await lost;
  const aborted = assert.rejects(send("two"), { code: "aborted" });
  await parked();
  abort.abort();
  await aborted;
  assert.equal(time.nextTimerAt(), null);
});

test("what one sender draws does not depend on another", async () => {
  const fatesOf = async (withOther: boolean) => {
    const { network, send } = createNetwork({ weights: { whole: 1, requestLost: 1, answerLost: 1 }, seed: 9 });
    const other = network.carrierOf("eve").carry;
    const outcomes: string[] = [];
    for (let number = 0; number < 20; number += 1) {
      if (withOther) await other(new Uint8Array(), new AbortController().signal).catch(() => undefined);
      outcomes.push(await send("x").catch((error: Error) => error.message));
    }
    return outcomes;
  };
  assert.deepEqual(await fatesOf(true), await fatesOf(false));
});
