// The relay's side of every answer, with a store on a disk and a manager that signs as the real one; only the way between is a test's.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { PassThrough } from "node:stream";
import { type TestContext, test } from "node:test";
import { TransportFailure } from "@countersign/agent";
import {
  type AnswerContent,
  decodeAnswer,
  decodeLicenseFile,
  decodeRequest,
  encodeAnswer,
  encodeRequest,
  encodeSmartLicense,
  formatUdi,
  type RequestData,
  type RequestType,
  readBundle,
  type SigningIdentity,
  serialNumberOf,
  signReport,
  udiOf,
} from "@countersign/protocol";
import { issueRelayCertificate, signingIdentity, testNow } from "@countersign/protocol/test-support/certificates";
import {
  anchors,
  authority,
  builtinSigner,
  manager,
  managerObject,
  requestIdentity,
} from "@countersign/protocol/test-support/parties";
import { managerConnectInfo, otherSudi, requestDataSamples, sudi } from "@countersign/protocol/test-support/samples";
import { gunzip } from "@countersign/terminal";
import { retryDelayMs } from "../holding/held-request.ts";
import { createLog } from "../logging/log.ts";
import { createMetrics } from "../metrics/metrics.ts";
import { ManagerRefusal, type Upstream } from "../ports.ts";
import { healthOf } from "../program.ts";
import { RelayError } from "../relay-error.ts";
import { openRelayStore } from "../storage/relay-store.ts";
import { answerDevice } from "./answer-device.ts";
import { exportBundle } from "./carry-bundle.ts";
import { collectFromAll } from "./collect-usage.ts";
import { SendUp } from "./send-up.ts";

const acknowledged = encodeSmartLicense([await managerObject("ack")]);
const relayCertificate = issueRelayCertificate(authority.issuing);
const relaySigning = signingIdentity(relayCertificate, authority.issuing);

const never = new Promise<void>(() => undefined);

/** What the manager says to one request of a device. */
type Says = (requestType: string) => AnswerContent | Error;
const says =
  (statusCode: AnswerContent["statusCode"], data: object | null = null): Says =>
  () => ({ statusCode, statusMessage: statusCode, retryTimeSeconds: 0, data });
const acknowledges: Says = () => {
  const device = {
    sudi,
    product_instance_identifier: "",
    smart_license: acknowledged,
    status_code: "OK",
    status_message: "",
  };
  return {
    statusCode: "OK",
    statusMessage: "OK",
    retryTimeSeconds: 0,
    data: { nonce: "", sudi, device_list: [device] },
  };
};
const away: Says = () => new TransportFailure("connection_refused");

function startRelay(t: TestContext, bytesMax = 1_000_000) {
  const folder = mkdtempSync(join(tmpdir(), "countersign-answer-"));
  const file = join(folder, "relay.db");
  let seed = 0;
  const randomness = {
    bytes: (size: number) => {
      seed += 1;
      return Buffer.alloc(size, seed);
    },
  };
  const store = openRelayStore(file, randomness, bytesMax);
  t.after(() => {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  let now = testNow;
  const clock = { now: () => now };
  const state = {
    says: acknowledges,
    signing: manager as SigningIdentity,
    batches: [] as number[],
    poison: "",
    isPatient: true,
    takesFiles: false,
    /** What the device that is collected from says to an answer that is brought back. */
    imports: [] as (RelayError | null)[],
  };
  const upstream: Upstream = {
    async carry(items) {
      state.batches.push(items.length);
      if (items.some(({ content }) => content === state.poison)) throw new ManagerRefusal("payload_invalid", "", 0);
      const answered = [];
      for (const { item_id, content } of items) {
        if (state.takesFiles) {
          answered.push({ item_id, content: "", code: "", remedy: "" });
          continue;
        }
        const { header, requestType } = decodeRequest(Buffer.from(content, "base64"));
        const said = state.says(requestType);
        if (said instanceof Error) throw said;
        const data =
          said.data === null ? null : { ...said.data, ...("nonce" in said.data ? { nonce: header.nonce } : {}) };
        const context = { header, productInstanceIdentifier: "", connectInfo: managerConnectInfo, now };
        const body = await encodeAnswer({ ...said, data }, context, state.signing);
        answered.push({ item_id, content: Buffer.from(body).toString("base64"), code: "", remedy: "" });
      }
      return { items: answered, signingCertificate: manager.certificate };
    },
  };
  const identity = {
    request: {
      sudi: otherSudi,
      productInstanceIdentifier: "",
      key: { certificateSerial: serialNumberOf(relayCertificate.certificate), signer: relayCertificate.keys.signer },
    },
    signing: relaySigning,
    connectInfo: managerConnectInfo,
    anchors,
  };
  const log = createLog("silent", new PassThrough());
  const validUntilMs = Date.parse(relayCertificate.certificate.validTo);
  const certificate = { validUntilMs, state: "valid", renewalFailure: null, renewalFailingSinceMs: null } as const;
  const metrics = createMetrics({
    counts: () => store.counts(),
    failingSinceMs: () => null,
    certificate: () => certificate,
    requestBytesReceived: () => 0,
    now: clock.now,
  });
  const sendUp = new SendUp({ store, upstream, identity, clock, log, metrics });
  const ports = {
    store,
    sendUp,
    identity,
    clock,
    log,
    metrics,
    wait: () => ({ done: state.isPatient ? never : Promise.resolve(), cancel: () => undefined }),
  };
  const options = { answerWithinMs: 1, pollIntervalSeconds: 7, isConnected: true };
  let nonces = 0;
  async function ask<T extends RequestType>(requestType: T, change: Partial<RequestData<T>> = {}) {
    nonces += 1;
    const nonce = String(nonces);
    const data = { ...requestDataSamples[requestType], ...change, nonce, timestamp: now } as RequestData<T>;
    const body = await encodeRequest(requestType, data, { ...requestIdentity(), sudi: data.sudi });
    const bytes = await answerDevice(Buffer.from(body), ports, options);
    const expected = { requestType, nonce, anchors, knownCertificate: null, now, takesRelay: true };
    return { body: Buffer.from(body).toString("base64"), answer: await decodeAnswer(bytes, expected) };
  }
  const usage = async (payload: string) =>
    ask("LICENSE_USAGE", { rum_reports: [await signReport(payload, builtinSigner)] });
  const poll = (poll_id: string) => ask("POLL_REQ", { poll_id });
  const pass = (ms: number) => {
    now += ms;
  };
  const stopping = new AbortController();
  /** From one device, which gives this. */
  async function collect(text: string, udi: string | null = null) {
    const device = { name: "edge", url: "https://x", user: "u", password: "p", fingerprint: "" };
    store.devices.put({ ...device, udi, lastContactAtMs: null, lastOutcome: "" });
    const client = {
      closeReports: async () => undefined,
      allReports: async () => Buffer.from(text),
      import: async () => {
        const said = state.imports.shift();
        if (said instanceof RelayError) throw said;
      },
    };
    const collecting = { store, devices: store.devices, client, clock, log, metrics, randomness };
    const [collection] = await collectFromAll({ ...collecting, signal: stopping.signal });
    return collection;
  }
  /** The disk takes this no more, until the answer is called. */
  const breakDatabase = (at: "insert" | "update") => {
    const other = new DatabaseSync(file);
    other.exec(`create trigger broken before ${at} on items begin select raise(abort, 'full'); end`);
    return () => {
      other.exec("drop trigger broken");
      other.close();
    };
  };
  return {
    ...{
      store,
      state,
      sendUp,
      options,
      breakDatabase,
      identity,
      ask,
      usage,
      poll,
      pass,
      file,
      clock,
      stopping,
      collect,
    },
  };
}

function pollIdOf({ answer }: Awaited<ReturnType<ReturnType<typeof startRelay>["usage"]>>): string {
  assert.ok(answer.statusCode === "OK_POLL", answer.statusCode);
  assert.equal(answer.signedBy, "relay");
  return answer.data.poll_id;
}

test("usage is held while the manager is away, and its answer given to whoever polls for it", async (t) => {
  const relay = startRelay(t);
  relay.state.says = away;
  const held = await relay.usage("one");
  const pollId = pollIdOf(held);
  assert.equal(pollIdOf(await relay.usage("one")), pollId, "the same reports wait under the same id");
  assert.notEqual(pollIdOf(await relay.usage("two")), pollId);
  assert.equal(pollIdOf(await relay.poll(pollId)), pollId);
  assert.equal(statSync(relay.file).mode & 0o077, 0);
  assert.ok(relay.store.counts().waitingBytes > 2000);
  relay.state.says = acknowledges;
  await relay.sendUp.run();
  assert.equal(relay.store.counts().waiting, 2, "a way that is closed is not tried at every knock");
  relay.pass(retryDelayMs(1));
  await relay.sendUp.run();
  assert.deepEqual([relay.store.counts().waiting, relay.state.batches.at(-1)], [0, 2]);
  assert.equal(relay.store.counts().waitingBytes, 0);
  const { answer } = await relay.poll(pollId);
  assert.deepEqual([answer.statusCode, answer.signedBy], ["OK", "relay"]);
  assert.ok(answer.statusCode === "OK");
  assert.equal(answer.data.device_list[0]?.smart_license, acknowledged);
  // Nobody else has it by the same id.
  relay.state.says = says("FAILED");
  const foreign = await relay.ask("POLL_REQ", { poll_id: pollId, sudi: otherSudi });
  assert.deepEqual([foreign.answer.statusCode, foreign.answer.signedBy], ["FAILED", "manager"]);
  assert.equal(relay.store.forget(relay.clock.now() + 1), 2);
});

test("a device is not kept waiting for a manager that takes its time", async (t) => {
  const relay = startRelay(t);
  relay.state.isPatient = false;
  const pollId = pollIdOf(await relay.usage("one"));
  await relay.sendUp.run();
  assert.equal((await relay.poll(pollId)).answer.statusCode, "OK");
});

test("a device that repeats itself before it was answered hears the result each time", async (t) => {
  const relay = startRelay(t);
  const [first, second] = await Promise.all([relay.usage("one"), relay.usage("one")]);
  assert.deepEqual([first.answer.statusCode, first.answer.signedBy], ["OK", "manager"]);
  assert.deepEqual([second.answer.statusCode, second.answer.signedBy], ["OK", "relay"]);
  assert.deepEqual([relay.store.counts().taken, relay.store.counts().acknowledged], [1, 1]);
});

test("a manager that is there answers for itself, and what it refuses is refused by nobody else", async (t) => {
  const relay = startRelay(t);
  assert.equal((await relay.usage("one")).answer.signedBy, "manager");
  relay.state.says = says("FAILED", { code: "identity_not_valid", remedy: "" });
  const refused = await relay.usage("two");
  assert.deepEqual([refused.answer.statusCode, refused.answer.signedBy], ["FAILED", "manager"]);
  assert.deepEqual([relay.store.counts().acknowledged, relay.store.counts().refused], [1, 1]);
  relay.state.says = away;
  const pollId = pollIdOf(await relay.usage("three"));
  relay.state.says = says("FAILED", { code: "identity_not_valid", remedy: "" });
  relay.pass(retryDelayMs(1));
  await relay.sendUp.run();
  const { answer } = await relay.poll(pollId);
  assert.ok(answer.statusCode === "FAILED" && answer.signedBy === "relay");
  assert.equal(answer.data?.code, "poll_not_held");
});

test("what cannot be brought up now is put off, and a store that is full takes no more", async (t) => {
  const relay = startRelay(t, 2500);
  relay.state.says = away;
  for (const requestType of ["HELLO", "ID_TOKEN_TRUST", "TRUST_SYNC"] as const) {
    const { answer } = await relay.ask(requestType);
    assert.ok(answer.statusCode === "OK_TRY_AGAIN" && answer.signedBy === "relay", requestType);
    assert.deepEqual([answer.data?.code, answer.retryTimeSeconds], ["manager_away", 7]);
  }
  pollIdOf(await relay.usage("one"));
  const { answer } = await relay.usage("two".padEnd(2000, "x"));
  assert.equal(answer.statusCode === "OK_TRY_AGAIN" && answer.data?.code, "relay_store_full");
  await assert.rejects(relay.ask("RELAYED_REQUESTS"), { code: "request_type_unknown" });
  relay.options.isConnected = false;
  relay.state.says = acknowledges;
  assert.equal((await relay.ask("HELLO")).answer.statusCode, "OK_TRY_AGAIN");
});

test("an answer that no manager signed settles nothing", async (t) => {
  const relay = startRelay(t);
  relay.state.signing = relaySigning;
  pollIdOf(await relay.usage("one"));
  assert.deepEqual([relay.store.counts().waiting, relay.store.counts().acknowledged], [1, 0]);
  relay.state.signing = manager;
  relay.pass(retryDelayMs(1));
  await relay.sendUp.run();
  assert.equal(relay.store.counts().acknowledged, 1);
});

test("one request that the manager cannot read stops no other, and one that it puts off waits", async (t) => {
  const relay = startRelay(t);
  relay.state.says = away;
  pollIdOf(await relay.usage("one"));
  relay.state.poison = (await relay.usage("two")).body;
  pollIdOf(await relay.usage("three"));
  relay.state.says = acknowledges;
  relay.pass(retryDelayMs(1));
  await relay.sendUp.run();
  const { waiting, acknowledged: taken, refused } = relay.store.counts();
  assert.deepEqual({ waiting, taken, refused }, { waiting: 0, taken: 2, refused: 1 });
  relay.state.says = says("OK_TRY_AGAIN");
  const pollId = pollIdOf(await relay.usage("four"));
  relay.state.says = acknowledges;
  await relay.sendUp.run();
  assert.equal(pollIdOf(await relay.poll(pollId)), pollId);
  relay.pass(retryDelayMs(1));
  await relay.sendUp.run();
  assert.equal((await relay.poll(pollId)).answer.statusCode, "OK");
});

test("waits grow from seconds to a quarter of an hour, and are never shorter than was asked for", () => {
  assert.deepEqual(
    [1, 2, 3, 8, 9, 1000].map((failures) => retryDelayMs(failures)),
    [5_000, 10_000, 20_000, 640_000, 900_000, 900_000],
  );
  assert.equal(retryDelayMs(1, 30), 30_000);
  assert.deepEqual(
    [86_399, 86_400, 86_401].map((seconds) => retryDelayMs(1, seconds) / 1000),
    [86_399, 86_400, 86_400],
  );
});

test("a clock that is set back by a year keeps nothing waiting for that year", async (t) => {
  const relay = startRelay(t);
  relay.state.says = says("OK_TRY_AGAIN");
  pollIdOf(await relay.usage("one"));
  relay.state.says = away;
  pollIdOf(await relay.usage("two"));
  relay.state.says = acknowledges;
  await relay.sendUp.run();
  assert.equal(relay.store.counts().waiting, 2);
  relay.pass(-365 * 86_400_000);
  await relay.sendUp.run();
  assert.equal(relay.store.counts().waiting, 0);
});

test("a device that gives something else than reports is named with its code", async (t) => {
  const relay = startRelay(t);
  for (const text of ["", "{}", '{"usage":[{}]}', "[]", "null"])
    assert.equal((await relay.collect(text))?.code, "device_answer_invalid", text);
  assert.equal(relay.store.devices.list()[0]?.lastOutcome, "device_answer_invalid");
});

test("what is collected goes up in files that fit into a message, and one that fits into none stops no other", async (t) => {
  const relay = startRelay(t, 100_000_000);
  relay.options.isConnected = false;
  const charactersPerFileMax = 3_500_000;
  const small = await signReport("small", builtinSigner);
  const around = JSON.stringify(small).length - "small".length;
  const filesWith = async (characters: number) => {
    const before = relay.store.counts().waiting;
    const large = await signReport("x".repeat(characters - around), builtinSigner);
    await relay.collect(JSON.stringify({ usage: [small, large] }));
    return relay.store.counts().waiting - before;
  };
  const left = charactersPerFileMax - JSON.stringify(small).length;
  assert.deepEqual([await filesWith(left - 1), await filesWith(left), await filesWith(left + 1)], [1, 1, 2]);
  // 6 291 456 bytes of a message, less 65 536 for its envelope, hold a file of three quarters of that.
  const bodyBytesMax = ((6_291_456 - 65_536) / 4) * 3;
  const hold = (length: number) => {
    const body = Buffer.alloc(length);
    const digest = String(length);
    const asked = { nonce: "1", sudi };
    relay.store.hold({ kind: "usage-file", udi: "", digest, asked, reports: 1, receivedAtMs: testNow, body });
  };
  hold(bodyBytesMax + 1);
  hold(bodyBytesMax);
  hold(bodyBytesMax - 1);
  relay.state.takesFiles = true;
  const { waiting } = relay.store.counts();
  await relay.sendUp.run();
  const { acknowledged: taken, refused, waiting: waitingStill } = relay.store.counts();
  assert.deepEqual({ taken, refused, waitingStill }, { taken: waiting - 1, refused: 1, waitingStill: 0 });
});

test("a bundle has no device file with more reports than one ACK names, so that every request can be answered", async (t) => {
  const relay = startRelay(t, 100_000_000);
  relay.options.isConnected = false;
  const signed = async (from: number, to: number) =>
    Promise.all(Array.from({ length: to - from }, (_, at) => signReport(`${from + at}`, builtinSigner)));
  const reportsPerFile = async () => {
    const { bytes, devices } = exportBundle(relay.store, { smartAccount: "", virtualAccount: "", uuid: "" }, testNow);
    assert.equal(devices, 1);
    const counts: number[] = [];
    for await (const { bytes: file } of readBundle([bytes], gunzip))
      counts.push(decodeLicenseFile(file).reports.length);
    return counts;
  };
  const files: number[][] = [];
  for (const [from, to] of [
    [0, 600],
    [600, 999],
    [999, 1000],
    // Told twice, it stands there once.
    [998, 1000],
    [1000, 1001],
  ] as const) {
    await relay.collect(JSON.stringify({ usage: await signed(from, to) }));
    files.push(await reportsPerFile());
  }
  assert.deepEqual(files, [[600], [999], [1000], [1000], [1000, 1]]);
});

test("a relay that stops asks no further device, and blames none", async (t) => {
  const relay = startRelay(t);
  relay.stopping.abort();
  assert.equal(await relay.collect("{}"), undefined);
  assert.equal(relay.store.devices.list()[0]?.lastOutcome, "");
});

test("a disk that takes nothing puts devices off, fails health, and is not tried with every knock", async (t) => {
  const relay = startRelay(t);
  const certificate = { validUntilMs: 0, state: "valid", renewalFailure: null, renewalFailingSinceMs: null } as const;
  const health = () => healthOf({ ...relay, renewal: { view: () => certificate } }).status;
  const mendInsert = relay.breakDatabase("insert");
  const { answer } = await relay.usage("one");
  assert.equal(answer.statusCode === "OK_TRY_AGAIN" && answer.data?.code, "relay_store_unwritable");
  assert.equal(health(), "failing");
  mendInsert();
  relay.state.says = away;
  pollIdOf(await relay.usage("one"));
  assert.equal(health(), "ok");

  relay.state.says = acknowledges;
  relay.pass(retryDelayMs(1));
  const mendUpdate = relay.breakDatabase("update");
  const before = relay.state.batches.length;
  // It is held all the same, and says so.
  pollIdOf(await relay.usage("one"));
  await relay.sendUp.run();
  assert.deepEqual([relay.state.batches.length - before, health()], [1, "failing"]);
  mendUpdate();
  relay.pass(retryDelayMs(1));
  await relay.sendUp.run();
  assert.deepEqual([relay.store.counts().waiting, relay.store.counts().acknowledged, health()], [0, 1, "ok"]);
});

test("an answer that a device refuses holds up neither those behind it nor what the device has to give", async (t) => {
  const relay = startRelay(t);
  const udi = formatUdi(udiOf(sudi));
  for (const digest of ["one", "two", "three"]) {
    const asked = { nonce: "1", sudi };
    const body = Buffer.from("file");
    const request = { kind: "usage-file", udi, digest, asked, reports: 1, receivedAtMs: testNow, body } as const;
    const { itemId } = relay.store.hold(request);
    relay.store.settle(itemId, { outcome: "acknowledged", answer: { file: "" } }, testNow);
  }
  const report = JSON.stringify({ usage: [await signReport("new", builtinSigner)] });
  relay.state.imports = [new RelayError("device_refuses_answer"), null, new RelayError("device_unreachable")];
  assert.equal((await relay.collect(report, udi))?.code, "device_unreachable");
  assert.equal(relay.store.undelivered("PID:other,SN:1").length, 0, "they are no other device's");
  assert.equal(relay.store.undelivered(udi).length, 1, "one that was not reached is brought again");
  assert.deepEqual(await relay.collect(report, udi), { device: "edge", udi, reports: 1, delivered: 1, code: null });
  assert.deepEqual(relay.store.undelivered(udi), []);
  assert.deepEqual(relay.store.undelivered(), []);
});
