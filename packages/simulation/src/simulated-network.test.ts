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

test("a garbled answer is never the answer", async () => {
  for (let seed = 0; seed < 40; seed += 1) {
    const { send } = createNetwork({ weights: { garbled: 1 }, seed });
    assert.notEqual(await send("one"), "answer to ada: one");
  }
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
