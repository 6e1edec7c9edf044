import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeIdToken, formatUdi } from "@countersign/protocol";
import {
  advantageTag,
  contact,
  DrivenAgent,
  dayMs,
  firstUdi,
  hourMs,
  minuteMs,
  policyOf,
  secondUdi,
  startMs,
  trustedDevice,
} from "./test-support/driven-agent.ts";

const pair = [
  { udi: firstUdi, role: "Active" as const },
  { udi: secondUdi, role: "Standby" as const },
];
const request = { type: "trust-requested", token: "token", scope: "all", force: false } as const;

function tokenUntil(expiresAtMs: number): string {
  return encodeIdToken({ uuid: "00000000-0000-4000-8000-000000000001", expiresAtMs, secret: Buffer.alloc(32, 7) });
}

test("[TRU-2] [GEN-5] the trust command takes effect at once and trust is installed with the answer", () => {
  const agent = DrivenAgent.booted();
  agent.send(request);
  assert.equal(agent.requestType, "ID_TOKEN_TRUST");
  assert.equal(agent.state.trust.members[formatUdi(firstUdi)]?.status, "requested");
  agent.answerTrust();
  assert.equal(agent.state.trust.members[formatUdi(firstUdi)]?.status, "installed");
  assert.equal(agent.state.trust.attempt, null);
});

test("[TRU-3] scope all seeks trust for every device of the group, local only for the active one", () => {
  const all = DrivenAgent.booted({ members: pair });
  all.send(request);
  assert.deepEqual(
    all.all("establish-trust")[0]?.devices.map(({ udi }) => udi),
    [firstUdi, secondUdi],
  );
  const local = DrivenAgent.booted({ members: pair });
  local.send({ ...request, scope: "local" });
  assert.deepEqual(
    local.all("establish-trust")[0]?.devices.map(({ udi }) => udi),
    [firstUdi],
  );
});

test("[TRU-15] every device of a trust request has its own small number, which stays", () => {
  const agent = DrivenAgent.booted({ members: pair });
  agent.send(request);
  assert.deepEqual(
    agent.all("establish-trust")[0]?.devices.map(({ trustId }) => trustId),
    [1, 2],
  );
  agent.send({
    type: "members-changed",
    members: [
      { udi: secondUdi, role: "Active" },
      { udi: firstUdi, role: "Standby" },
    ],
  });
  assert.deepEqual(
    agent.state.installation.members.map(({ udi, trustId }) => [udi.serialNumber, trustId]),
    [
      [secondUdi.serialNumber, 2],
      [firstUdi.serialNumber, 1],
    ],
  );
});

test("[TRU-4] without force an installed trust is not replaced, and the reason is said", () => {
  const agent = DrivenAgent.trusted();
  agent.send(request);
  assert.equal(agent.state.trust.attempt, null);
  assert.deepEqual(agent.all("establish-trust"), []);
  assert.deepEqual(
    agent.notices("request-refused").map(({ code }) => code),
    ["trust_already_installed"],
  );
  assert.match(agent.syslog.at(-1) ?? "", /%SMART_LIC-3-TRUST_CODE_INSTALL_FAILED: .*P:EDGE-24,S:EXA00000001: .*force/);
});

test("[TRU-4] [SEC-9] force replaces an installed trust with a new key, and the old key goes when the new trust is there", () => {
  const agent = DrivenAgent.trusted();
  agent.send({ ...request, force: true });
  const [asked] = agent.all("establish-trust");
  assert.equal(asked?.force, true);
  assert.equal(asked?.devices[0]?.keyId, "key-2");
  assert.deepEqual(agent.all("delete-keys"), []);
  agent.answerTrust(agent.wantedDevices("1002"));
  assert.deepEqual(agent.all("delete-keys"), [{ type: "delete-keys", keyIds: ["key-1"] }]);
  const trust = agent.state.trust.members[formatUdi(firstUdi)];
  assert.equal(trust?.status === "installed" && trust.certificateSerial, "1002");
});

test("[TRU-10] [TRU-12] [BET-35] trust is logged in the order key removed, key made, saved, installed, with the device's name", () => {
  const agent = DrivenAgent.trusted();
  agent.send({ ...request, force: true });
  agent.effects = [];
  agent.answerTrust(trusted("key-2"));
  assert.deepEqual(agent.syslog, [
    "%CRYPTO_ENGINE-5-KEY_DELETED: A key named SLA-KeyPair has been removed from key store",
    "%CRYPTO_ENGINE-5-KEY_ADDITION: A key named SLA-KeyPair has been generated or imported",
    "%PKI-6-CONFIGAUTOSAVE: Running configuration saved to NVRAM",
    "%SMART_LIC-6-TRUST_INSTALL_SUCCESS: A new licensing trust code was successfully installed on P:EDGE-24,S:EXA00000001.",
  ]);
  const trust = agent.state.trust.members[formatUdi(firstUdi)];
  assert.equal(trust?.status === "installed" && trust.installedAtMs, agent.now);
});

function trusted(keyId: string) {
  return [trustedDevice(firstUdi, keyId, "1002")];
}

test("[TRU-6] [BET-4] after a failure trust is sought again after one minute, then with growing waits and never silent", () => {
  const agent = DrivenAgent.booted();
  agent.send(request);
  const waits: number[] = [];
  for (let attempt = 0; attempt < 11; attempt += 1) {
    agent.fail();
    const nextMs = agent.state.trust.attempt?.nextAttemptAtMs ?? 0;
    waits.push((nextMs - agent.now) / minuteMs);
    agent.advance(nextMs - agent.now);
    assert.equal(agent.requestType, "ID_TOKEN_TRUST");
  }
  assert.deepEqual(waits, [1, 2, 5, 15, 30, 60, 120, 240, 360, 360, 360]);
  assert.equal(agent.state.trust.attempt?.lastFailure?.code, "connection_timed_out");
});

test("[BET-31] [I9] every attempt, also with another token, uses the same key until trust is installed", () => {
  const agent = DrivenAgent.booted();
  agent.send(request);
  agent.fail();
  agent.advance(minuteMs);
  agent.fail({ stage: "refused", code: "token_expired", message: "expired" });
  agent.send({ ...request, token: "another" });
  assert.deepEqual(
    agent.all("establish-trust").map(({ devices }) => devices[0]?.keyId),
    ["key-1", "key-1", "key-1"],
  );
});

for (const code of [
  "token_unknown",
  "token_expired",
  "token_used_up",
  "token_revoked",
  "already_registered",
  "consumption_without_force",
]) {
  test(`[TRU-23] the refusal ${code} ends the attempt, says why, and usage goes on`, () => {
    const agent = DrivenAgent.booted();
    agent.use(advantageTag, 2);
    agent.send(request);
    agent.fail({ stage: "refused", code, message: `refused: ${code}` });
    assert.equal(agent.state.trust.attempt, null);
    assert.equal(agent.state.trust.lastRefusal?.code, code);
    assert.match(agent.syslog.at(-1) ?? "", new RegExp(`TRUST_CODE_INSTALL_FAILED: .*refused: ${code}`));
    assert.deepEqual(
      agent.notices("trust-refused").map(({ final }) => final),
      [true],
    );
    assert.equal(agent.state.communication.statistics.trust_establishment.failed, 1);
    assert.equal(agent.state.metering.usages[advantageTag]?.count, 2);
    agent.effects = [];
    agent.advance(dayMs);
    assert.deepEqual(agent.all("establish-trust"), []);
  });
}

test("[BET-4] an attempt ends with its token, and not before", () => {
  const agent = DrivenAgent.booted();
  agent.send({ ...request, token: tokenUntil(startMs + hourMs) });
  agent.fail();
  agent.advance(minuteMs);
  agent.fail();
  assert.notEqual(agent.state.trust.attempt, null);
  agent.advance(2 * minuteMs);
  agent.now = startMs + hourMs;
  agent.fail();
  assert.equal(agent.state.trust.attempt, null);
  assert.equal(agent.state.trust.lastRefusal?.code, "token_expired");
});

test("a device whose clock is wrong does not judge its token by it", () => {
  const agent = DrivenAgent.booted();
  agent.send({ ...request, token: tokenUntil(startMs - hourMs) });
  agent.fail({ stage: "refused", code: "clock_offset", message: "offset" });
  assert.notEqual(agent.state.trust.attempt, null);
});

test("a pending key that the manager withdrew is replaced and the token tried again", () => {
  const agent = DrivenAgent.booted();
  agent.send(request);
  agent.fail({ stage: "refused", code: "key_revoked", message: "revoked" });
  assert.deepEqual(agent.all("delete-keys"), [{ type: "delete-keys", keyIds: ["key-1"] }]);
  agent.advance(minuteMs);
  assert.equal(agent.all("establish-trust").at(-1)?.devices[0]?.keyId, "key-2");
});

test("[BET-9] a token with too few uses trusts the active device and names the one without trust", () => {
  const agent = DrivenAgent.booted({ members: pair });
  agent.send(request);
  agent.answerTrust(agent.wantedDevices().slice(0, 1), { refused: [secondUdi] });
  assert.equal(agent.state.trust.members[formatUdi(firstUdi)]?.status, "installed");
  assert.deepEqual(agent.state.trust.lastRefusal?.udis, [formatUdi(secondUdi)]);
  assert.ok(agent.syslog.some((line) => line.includes("TRUST_CODE_INSTALL_FAILED") && line.includes("S:EXA00000002")));
});

test("[TRU-14] one answer brings trust, account names and policy", () => {
  const agent = DrivenAgent.booted();
  agent.send(request);
  agent.answerTrust(undefined, { policy: policyOf(4) });
  assert.deepEqual(agent.state.trust.account, { smartAccount: "Example", virtualAccount: "Lab", asOfMs: agent.now });
  assert.equal(agent.state.policy.inForce.policy_version, 4);
});

test("[TRU-19] about 35 seconds after trust a trust sync follows, then the first report, and a poll for its result", () => {
  const agent = DrivenAgent.booted();
  agent.use(advantageTag, 1);
  agent.now += 10 * minuteMs;
  agent.send(request);
  agent.answerTrust();
  const trustedAtMs = agent.now;
  agent.advance(35_000);
  assert.equal(agent.requestType, "TRUST_SYNC");
  agent.answerTrust([]);
  assert.equal(agent.state.reporting.nextPushRule, "trust_established");
  agent.advance(70_000);
  assert.equal(agent.requestType, "LICENSE_USAGE");
  assert.equal(agent.now, trustedAtMs + 105_000);
  agent.handOut();
  agent.send({ type: "poll-later", exchangeId: agent.exchangeId, contact, pollId: "7", afterSeconds: 300 });
  agent.advance(300_000);
  assert.equal(agent.requestType, "POLL_REQ");
  assert.equal(agent.all("poll-result").at(-1)?.pollId, "7");
});

test("trust is renewed before a certificate ends, with the same key", () => {
  const agent = DrivenAgent.trusted();
  agent.now = startMs + 8 * 365 * dayMs - 59 * dayMs;
  agent.send({ type: "timer" });
  const [asked] = agent.all("sync-trust");
  assert.deepEqual(
    asked?.devices.map(({ keyId, wantsCertificate }) => [keyId, wantsCertificate]),
    [["key-1", true]],
  );
});

test("a manager that has lost the device is asked for recognition once a day, with one clear line", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.advance(2 * minuteMs);
  agent.handOut();
  const message =
    '{"product_instance_identifier":["The identity for the instance x is not valid.Please re-register the instance."]}';
  agent.fail({ stage: "refused", code: "unknown", message });
  assert.equal(agent.requestType, "TRUST_SYNC");
  assert.equal(agent.all("sync-trust").at(-1)?.devices[0]?.wantsCertificate, true);
  assert.equal(agent.state.reporting.nextPushRule, "waits_for_trust");
  agent.fail({ stage: "refused", code: "identity_not_valid", message });
  assert.equal(agent.state.trust.nextSyncAtMs, agent.now + dayMs);
  agent.advance(dayMs);
  agent.answerTrust();
  assert.equal(agent.state.trust.lostSinceMs, null);
  assert.equal(agent.syslog.filter((line) => line.includes("TRUST_LOST")).length, 1);
  agent.advance(5_000);
  assert.equal(agent.requestType, "LICENSE_USAGE");
});

test("a device that reports nothing learns from its trust sync that the manager has lost it", () => {
  const agent = DrivenAgent.trusted();
  agent.send({ type: "sync-requested", scope: "all" });
  assert.equal(agent.requestType, "TRUST_SYNC");
  agent.fail({ stage: "refused", code: "identity_not_valid", message: "not valid" });
  assert.equal(agent.state.trust.lostSinceMs, agent.now);
  assert.equal(agent.syslog.filter((line) => line.includes("TRUST_LOST")).length, 1);
  assert.equal(agent.requestType, "TRUST_SYNC");
  agent.fail({ stage: "refused", code: "identity_not_valid", message: "not valid" });
  assert.equal(agent.requestType, null);
  assert.equal(agent.state.trust.nextSyncAtMs, agent.now + dayMs);
});

test("with a lost trust a token is taken without force", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.advance(2 * minuteMs);
  agent.fail({ stage: "refused", code: "identity_not_valid", message: "lost" });
  agent.fail({ stage: "refused", code: "identity_not_valid", message: "lost" });
  agent.send(request);
  assert.equal(agent.requestType, "ID_TOKEN_TRUST");
  assert.equal(agent.all("establish-trust").at(-1)?.devices[0]?.keyId, "key-1");
});

test("[BET-11] the token stands in no log line, no event and no notice", () => {
  const token = tokenUntil(startMs + hourMs);
  const agent = DrivenAgent.booted();
  agent.send({ ...request, token });
  agent.fail({ stage: "refused", code: "token_unknown", message: "unknown" });
  agent.send({ ...request, token });
  agent.answerTrust();
  const told = agent.effects.filter((effect) => effect.type !== "establish-trust");
  assert.ok(!JSON.stringify(told).includes(token));
  assert.ok(!JSON.stringify(agent.state).includes(token));
});

test("[TRU-18] [REP-15] trust establishment, trust sync, usage and polling are counted apart", () => {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.advance(2 * minuteMs);
  agent.send({ type: "poll-later", exchangeId: agent.exchangeId, contact, pollId: "1", afterSeconds: 60 });
  agent.advance(minuteMs);
  agent.fail();
  const { statistics } = agent.state.communication;
  const counts = (["trust_establishment", "trust_sync", "usage_reporting", "result_polling"] as const).map((kind) => {
    const { total, succeeded, failed } = statistics[kind];
    return [total, succeeded, failed];
  });
  assert.deepEqual(counts, [
    [1, 1, 0],
    [1, 1, 0],
    [1, 1, 0],
    [1, 0, 1],
  ]);
});

test("[TRU-7] the wait before the first retry is a setting", () => {
  const agent = DrivenAgent.booted({ configuration: { trustRetrySeconds: 30 } });
  agent.send(request);
  agent.fail();
  assert.equal(agent.state.trust.attempt?.nextAttemptAtMs, agent.now + 30_000);
  agent.advance(30_000);
  agent.fail();
  assert.equal(agent.state.trust.attempt?.nextAttemptAtMs, agent.now + 2 * minuteMs);
});

const onPremises = "https://onprem.test/cslu/v1/pi/Lab-1";
const urls = { smart: null, cslu: onPremises, utility: null };

test("[TRU-8] a device whose address is that of a manager on premises asks for trust by itself, without a token", () => {
  const agent = DrivenAgent.booted({ members: pair });
  assert.equal(agent.requestType, null);
  agent.send({ type: "configured", change: { transport: "cslu" } });
  assert.equal(agent.requestType, null, "nobody configured an address yet");
  agent.send({ type: "configured", change: { urls } });
  const [effect] = agent.all("establish-trust");
  assert.equal(effect?.token, null);
  assert.deepEqual(
    effect?.devices.map(({ udi }) => udi),
    [firstUdi, secondUdi],
  );
  agent.answerTrust();
  assert.equal(agent.state.trust.members[formatUdi(firstUdi)]?.status, "installed");
  assert.equal(agent.state.trust.attempt, null);
  agent.advance(dayMs);
  assert.equal(agent.all("establish-trust").length, 1, "what is there is not asked for again");
});

test("[TRN-6] the path /SmartTransport is that of a manager on premises with transport smart too; other paths need a token", () => {
  const asks = (smart: string) =>
    DrivenAgent.booted({ configuration: { transport: "smart", urls: { ...urls, smart } } }).all("establish-trust")
      .length;
  assert.equal(asks("https://onprem.test/SmartTransport"), 1);
  assert.equal(asks("https://onprem.test/licservice/license"), 0);
  assert.equal(asks("https://onprem.test/smarttransport"), 0);
});

test("who needs a token after all is asked for it once a day, silently; another address ends the asking", () => {
  const agent = DrivenAgent.booted({ configuration: { transport: "cslu", urls } });
  const asked = () => agent.all("establish-trust").length;
  const key = agent.state.trust.attempt?.keys;
  agent.fail({ stage: "refused", code: "token_required", message: "no" });
  agent.advance(dayMs - 1);
  assert.equal(asked(), 1);
  agent.advance(1);
  assert.equal(asked(), 2);
  assert.deepEqual(agent.state.trust.attempt?.keys, key, "with the same keys");
  agent.fail();
  assert.deepEqual(
    agent.syslog.filter((line) => line.includes("TRUST")),
    [],
  );
  agent.send({ type: "configured", change: { urls: { ...urls, cslu: null } } });
  assert.equal(agent.state.trust.attempt, null);
  agent.send({ type: "configured", change: { urls } });
  assert.equal(asked(), 3);
  agent.send({ ...request, token: "one" });
  const { attempt } = agent.state.trust as { readonly attempt: { readonly token: string } | null };
  assert.equal(attempt?.token, "one", "a token that is entered takes its place");
});

test("a device that the manager does not know asks it by itself when that is one on premises, with the same key", () => {
  const agent = DrivenAgent.trusted();
  agent.send({ type: "configured", change: { transport: "cslu", urls } });
  assert.equal(agent.all("establish-trust").length, 0, "the trust it has may be this manager's");
  agent.use(advantageTag, 1);
  agent.send({ type: "sync-requested", scope: "all" });
  while (agent.requestType !== null && agent.requestType !== "ID_TOKEN_TRUST")
    agent.fail({ stage: "refused", code: "identity_not_valid", message: "unknown" });
  assert.equal(agent.requestType, "ID_TOKEN_TRUST");
  assert.deepEqual(
    agent
      .all("establish-trust")
      .at(-1)
      ?.devices.map(({ keyId }) => keyId),
    ["key-1"],
  );
  agent.answerTrust();
  assert.equal(agent.state.trust.lostSinceMs, null);
});
