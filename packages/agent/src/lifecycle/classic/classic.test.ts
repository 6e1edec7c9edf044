// A device in the classic model, step by step: evaluation, registration, authorization, renewal, and their ends.

import assert from "node:assert/strict";
import { test } from "node:test";
import { formatUdi } from "@countersign/protocol";
import { ClassicAgent, legacyLicense } from "../test-support/classic-agent.ts";
import {
  advantageTag,
  contact,
  DrivenAgent,
  dayMs,
  essentialsTag,
  firstUdi,
  hourMs,
  minuteMs,
  secondUdi,
} from "../test-support/driven-agent.ts";
import { evaluationMs, isRegistered } from "./classic-state.ts";
import { warningsMs } from "./evaluation.ts";

test("[CLS-1] [CLS-3] [CLS-4] [CLS-6] the evaluation period counts use of the device as a whole, says nothing to anybody, and rests while nothing is used", () => {
  const agent = ClassicAgent.fresh();
  agent.advance(10 * dayMs);
  assert.equal(agent.remainingMs, evaluationMs);
  agent.use(advantageTag, 1);
  agent.use(essentialsTag, 3);
  agent.advance(10 * dayMs);
  assert.equal(agent.remainingMs, 80 * dayMs);
  agent.use(advantageTag, 0);
  agent.advance(dayMs);
  agent.use(essentialsTag, 0);
  agent.advance(30 * dayMs);
  assert.equal(agent.remainingMs, 79 * dayMs);
  assert.equal(agent.effects.filter((effect) => "exchangeId" in effect).length, 0);
  assert.equal(agent.syslog.filter((line) => line === "%SMART_LIC-5-EVAL_START: Entering evaluation period").length, 1);
});

test("[CLS-5] [CLS-7] [CLS-8] the period survives restarts and a factory reset, counts no time without power, warns to its end, and never comes back", () => {
  const agent = ClassicAgent.fresh();
  agent.use(advantageTag, 1);
  agent.advance(20 * dayMs);
  agent.send({ type: "stopping" });
  agent.now += 100 * dayMs;
  agent.send({ type: "booted", reason: "reload" });
  assert.equal(agent.remainingMs, 70 * dayMs);
  agent.send({ type: "factory-reset-requested", what: "all" });
  assert.equal(agent.remainingMs, 70 * dayMs);
  agent.advance(70 * dayMs + hourMs);
  assert.equal(agent.remainingMs, 0);
  const warned = agent.syslog.filter((line) => line.startsWith("%SMART_LIC-4-EVAL_WILL_EXPIRE_WARNING"));
  assert.equal(warned.length, warningsMs.length);
  assert.ok(
    warned[0]?.endsWith("will expire in 60 days, 0 hours, 0 minutes") &&
      warned.at(-1)?.endsWith("0 days, 1 hours, 0 minutes"),
  );
  assert.equal(
    agent.syslog.filter((line) => line === "%SMART_LIC-3-EVAL_EXPIRED: Evaluation period expired").length,
    1,
  );
  agent.send({ type: "booted", reason: "reload" });
  agent.use(essentialsTag, 5);
  agent.send({ type: "clock-changed", deltaSeconds: -86_400 * 200 });
  agent.advance(dayMs);
  assert.equal(agent.remainingMs, 0);
  assert.equal(agent.state.metering.usages[essentialsTag]?.count, 5);
});

test("[CLS-9] the period counts until both answers have come: to the registration and to a request for authorization", () => {
  const agent = ClassicAgent.fresh();
  agent.use(advantageTag, 1);
  agent.advance(dayMs);
  agent.register();
  agent.answerRegistration();
  agent.fail();
  agent.advance(20_000);
  assert.equal(agent.remainingMs, 89 * dayMs - 20_000);
  agent.advance(10_000);
  agent.answerAuthorize();
  const { remainingMs } = agent;
  agent.advance(dayMs);
  assert.equal(agent.remainingMs, remainingMs);
});

test("[CLS-10] [CLS-12] [CLS-30] [LOG-11] [LOG-13] [LOG-14] registration is followed by an authorization at once, told in the documents' words and order", () => {
  const agent = ClassicAgent.fresh({ configuration: { transport: "callhome" } });
  agent.use(advantageTag, 2);
  agent.effects = [];
  agent.register();
  assert.equal(agent.requestType, "REGISTER");
  agent.answerRegistration();
  assert.equal(agent.requestType, "AUTHORIZE");
  assert.deepEqual(agent.all("authorize")[0]?.entitlements, [{ tag: advantageTag, count: 2 }]);
  agent.answerAuthorize();
  assert.deepEqual(agent.syslog, [
    "%CALL_HOME-6-SCH_REGISTRATION_IN_PROGRESS: SCH device registration is in progress. Call-home will poll SCH server for registration result.",
    "%CRYPTO_ENGINE-5-KEY_ADDITION: A key named SLA-KeyPair has been generated or imported by crypto-engine",
    "%PKI-6-CONFIGAUTOSAVE: Running configuration saved to NVRAM",
    "%SMART_LIC-6-EXPORT_CONTROLLED: Usage of export controlled features is allowed",
    "%SMART_LIC-6-AGENT_REG_SUCCESS: Smart Agent for Licensing Registration with the Cisco Smart Software Manager or satellite for udi PID:EDGE-24,SN:EXA00000001",
    "%SMART_LIC-5-IN_COMPLIANCE: All entitlements and licenses in use on this device are authorized",
    "%SMART_LIC-6-AUTH_RENEW_SUCCESS: Authorization renewal with the Cisco Smart Software Manager or satellite. State=authorized for udi PID:EDGE-24,SN:EXA00000001",
  ]);
  assert.ok(isRegistered(agent.state));
  assert.equal(agent.classic.authorization.standing, "authorized");
});

test("[CLS-13] [CLS-15] the ID certificate is renewed after 180 days to the second, and tried again until it ends", () => {
  const agent = ClassicAgent.registered();
  const registeredAtMs = agent.now;
  assert.equal(agent.classic.registration.nextRenewalAtMs, registeredAtMs + 180 * dayMs);
  agent.advance(30 * dayMs);
  for (let month = 0; month < 5; month += 1) {
    assert.equal(agent.requestType, "AUTHORIZE");
    agent.answerAuthorize();
    agent.advance(30 * dayMs);
  }
  assert.equal(agent.requestType, "RENEW_ID");
  agent.fail();
  agent.answerAuthorize();
  assert.equal(agent.classic.registration.renewal?.isDone, false);
  agent.advance(minuteMs);
  assert.equal(agent.requestType, "RENEW_ID");
  agent.answerRegistration("2");
  assert.equal(agent.classic.registration.nextRenewalAtMs, agent.now + 180 * dayMs);
  assert.equal(agent.requestType, "AUTHORIZE");
  agent.answerAuthorize();
  assert.deepEqual(agent.classic.registration.previous, {});
});

test("[CLS-14] [CLS-18] [CLS-23] [CLS-24] [CLS-25] a year of silence: authorized, after 90 days expired and asked each hour, after 365 unregistered and evaluating again", () => {
  const agent = ClassicAgent.registered();
  const { now: startedAtMs, remainingMs } = agent;
  agent.advanceInSilence(90 * dayMs - 1);
  assert.equal(agent.classic.authorization.standing, "authorized");
  agent.advanceInSilence(1);
  assert.equal(agent.classic.authorization.standing, "expired");
  agent.advanceInSilence(2 * hourMs);
  agent.effects = [];
  agent.advanceInSilence(dayMs);
  assert.equal(agent.all("authorize").length, 24);
  agent.advanceInSilence(startedAtMs + 365 * dayMs + hourMs - 1 - agent.now);
  assert.ok(isRegistered(agent.state));
  agent.advanceInSilence(1);
  assert.ok(!isRegistered(agent.state));
  assert.equal(agent.state.metering.usages[advantageTag]?.count, 1);
  assert.ok(agent.syslog.some((line) => line.startsWith("%SMART_LIC-3-ID_CERT_EXPIRED: ")));
  agent.effects = [];
  agent.advanceInSilence(dayMs);
  assert.equal(agent.remainingMs, remainingMs - dayMs);
  assert.equal(agent.effects.filter((effect) => "exchangeId" in effect).length, 0);
});

test("[CLS-17] [CLS-28] authorized: asked again after 30 days to the second; the deadline is 90 days after the last answer", () => {
  const agent = ClassicAgent.registered();
  const answeredAtMs = agent.now;
  assert.equal(agent.classic.authorization.nextAtMs, answeredAtMs + 30 * dayMs);
  assert.equal(agent.classic.authorization.deadlineAtMs, answeredAtMs + 90 * dayMs);
  agent.advance(30 * dayMs - 1);
  assert.equal(agent.requestType, null);
  agent.advance(1);
  assert.equal(agent.requestType, "AUTHORIZE");
});

test("[CLS-12] use that changes while an answer is awaited is told a moment after it, and a device that joins meanwhile too", () => {
  const agent = ClassicAgent.registered({ members: [{ udi: firstUdi, role: "Active" }] });
  agent.advance(30 * dayMs);
  assert.equal(agent.requestType, "AUTHORIZE");
  agent.use(essentialsTag, 3);
  agent.answerAuthorize();
  assert.equal(agent.requestType, null);
  agent.advance(1_000);
  assert.equal(agent.requestType, "AUTHORIZE");
  const told = () => agent.effects.findLast((effect) => effect.type === "authorize")?.entitlements;
  assert.deepEqual(told(), [
    { tag: advantageTag, count: 1 },
    { tag: essentialsTag, count: 3 },
  ]);
  const joined = [
    { udi: firstUdi, role: "Active" as const },
    { udi: secondUdi, role: "Standby" as const },
  ];
  agent.send({ type: "members-changed", members: joined });
  agent.answerAuthorize();
  agent.advance(1_000);
  assert.equal(agent.requestType, "AUTHORIZE");
  agent.answerAuthorize();
  agent.advance(30 * dayMs - 1_000);
  assert.equal(agent.requestType, null, "and no more often than that");
});

test("[CLS-19] [CLS-21] [CLS-22] [BET-34] out of compliance: which licence, how many and where is told; asked at least daily; nothing stops", () => {
  const agent = ClassicAgent.registered();
  agent.use(advantageTag, 3);
  agent.advance(1_000);
  agent.answerAuthorize({ [advantageTag]: 2 });
  assert.equal(agent.classic.authorization.standing, "out_of_compliance");
  assert.ok(
    agent.syslog.includes(
      "%SMART_LIC-3-OUT_OF_COMPLIANCE: One or more entitlements are out of compliance: 2 more of EDGE_ADVANTAGE in virtual account Lab",
    ),
  );
  assert.deepEqual(agent.notices("classic-standing").at(-1)?.shortTags, [advantageTag]);
  assert.equal(agent.state.metering.usages[advantageTag]?.count, 3);
  agent.effects = [];
  agent.advance(12 * hourMs);
  agent.answerAuthorize({ [advantageTag]: 2 });
  assert.equal(agent.all("authorize").length, 1);
  assert.ok(!agent.syslog.some((line) => line.includes("OUT_OF_COMPLIANCE")));
  agent.advance(12 * hourMs);
  agent.answerAuthorize();
  assert.equal(agent.classic.authorization.standing, "authorized");
  assert.ok(agent.syslog.some((line) => line.startsWith("%SMART_LIC-5-IN_COMPLIANCE")));
});

test("[CLS-26] [CLS-27] after a failure it is asked again in 30 seconds, then ever later; the answer leads back into an ordinary state", () => {
  const agent = ClassicAgent.registered();
  agent.advance(30 * dayMs);
  agent.fail();
  assert.equal(agent.classic.authorization.nextAtMs, agent.now + 30_000);
  const waits: number[] = [];
  for (let failures = 0; failures < 8; failures += 1) {
    agent.advance((agent.classic.authorization.nextAtMs ?? 0) - agent.now);
    agent.fail();
    waits.push((agent.classic.authorization.nextAtMs ?? 0) - agent.now);
  }
  assert.deepEqual(
    waits,
    [1, 2, 5, 15, 30, 60, 60, 60].map((minutes) => minutes * minuteMs),
  );
  agent.advanceInSilence(100 * dayMs);
  assert.equal(agent.classic.authorization.standing, "expired");
  agent.advance(hourMs);
  agent.answerAuthorize();
  assert.equal(agent.classic.authorization.standing, "authorized");
});

test("[BET-32] an identity that is not believed is replaced under the one before, without a person", () => {
  const agent = ClassicAgent.registered();
  agent.send({ type: "renewal-requested", what: "id" });
  agent.answerRegistration("2");
  const before = agent.classic.registration.previous[formatUdi(firstUdi)];
  assert.equal(before?.certificateSerial, "1");
  agent.refuse("signature_mismatch", "The signature does not fit the received bytes.");
  const fallen = agent.state.trust.members[formatUdi(firstUdi)];
  assert.ok(fallen?.status === "installed" && fallen.certificateSerial === "1");
  assert.equal(agent.requestType, "RENEW_ID");
  agent.answerRegistration("3");
  agent.answerAuthorize();
  const healed = agent.state.trust.members[formatUdi(firstUdi)];
  assert.ok(healed?.status === "installed" && healed.certificateSerial === "3");
  assert.deepEqual(agent.classic.registration.previous, {});
  const deleted = agent.all("delete-keys").flatMap(({ keyIds }) => keyIds);
  assert.ok(deleted.length === 2 && !deleted.includes(healed.keyId));
  assert.ok(
    agent.syslog.some((line) => line.includes("AUTH_RENEW_FAILED") && line.includes("Data and signature do not match")),
  );
});

test("without an identity before, a new key is tried once under the present one; then it waits for a person", () => {
  const agent = ClassicAgent.registered();
  agent.advance(30 * dayMs);
  agent.refuse("signature_mismatch");
  assert.equal(agent.requestType, "RENEW_ID");
  agent.refuse("signature_mismatch");
  assert.equal(agent.requestType, null);
  agent.effects = [];
  agent.advanceInSilence(hourMs);
  assert.ok(isRegistered(agent.state));
  assert.ok(!agent.events.includes("SAEVT_REKEY"));
});

test("a product instance that the manager removed is unregistered, and may register again with another token", () => {
  const agent = ClassicAgent.registered();
  agent.advance(30 * dayMs);
  agent.refuse("identity_not_valid", "The identity for the instance x is not valid.Please re-register the instance.");
  assert.ok(!isRegistered(agent.state));
  assert.ok(agent.syslog.some((line) => line.startsWith("%SMART_LIC-3-AGENT_REG_LOST")));
  agent.register();
  agent.answerRegistration("9");
  assert.ok(isRegistered(agent.state));
});

test("registration is tried again until it succeeds or cannot; what a person must do ends it with its reason", () => {
  const agent = ClassicAgent.fresh();
  agent.register();
  agent.refuse("overloaded", "Your request could not be processed right now. Please try again.");
  assert.equal(agent.classic.registration.attempt?.nextAttemptAtMs, agent.now + minuteMs);
  agent.advance(minuteMs);
  assert.equal(agent.requestType, "REGISTER");
  agent.refuse("already_registered", "Product Already Registered");
  assert.equal(agent.classic.registration.attempt, null);
  assert.equal(agent.classic.registration.initial?.reason, "Product Already Registered");
  assert.ok(
    agent.syslog.includes(
      "%SMART_LIC-3-AGENT_REG_FAILED: Smart Agent for Licensing Registration with the Cisco Smart Software Manager or satellite failed: Product Already Registered",
    ),
  );
  agent.register(true);
  assert.equal(agent.all("register").at(-1)?.force, true);
});

test("a registered device registers anew only with force, which makes new keys", () => {
  const agent = ClassicAgent.registered();
  agent.register();
  assert.equal(agent.notices("request-refused")[0]?.code, "already_registered");
  const before = agent.state.trust.members[formatUdi(firstUdi)];
  agent.register(true);
  agent.answerRegistration("2");
  const after = agent.state.trust.members[formatUdi(firstUdi)];
  assert.ok(before?.status === "installed" && after?.status === "installed" && before.keyId !== after.keyId);
  assert.deepEqual(
    agent.all("delete-keys").flatMap(({ keyIds }) => keyIds),
    [before.keyId],
  );
});

test("deregistration tells the manager and forgets the identity, also where the manager is not reached", () => {
  for (const [end, mnemonic] of [
    [
      (agent: ClassicAgent) => agent.send({ type: "deregistered", exchangeId: agent.exchangeId, contact }),
      "6-AGENT_DEREG_SUCCESS",
    ],
    [(agent: ClassicAgent) => agent.refuse("identity_not_valid"), "6-AGENT_DEREG_SUCCESS"],
    [(agent: ClassicAgent) => agent.fail(), "3-AGENT_DEREG_FAILED"],
    [(agent: ClassicAgent) => agent.send({ type: "configured", change: { transport: "off" } }), null],
  ] as const) {
    const agent = ClassicAgent.registered();
    agent.send({ type: "deregistration-requested" });
    assert.equal(agent.requestType, "DEREGISTER");
    end(agent);
    if (mnemonic === null) agent.fail();
    assert.ok(!isRegistered(agent.state));
    assert.equal(agent.all("delete-keys").length, 1);
    if (mnemonic !== null)
      assert.ok(
        agent.syslog.some((line) => line.includes(mnemonic)),
        agent.syslog.join("\n"),
      );
    assert.ok(agent.events.includes("SAEVT_DEREGISTER_STATUS"));
    agent.send({ type: "deregistration-requested" });
    assert.equal(agent.notices("request-refused").at(-1)?.code, "not_registered");
  }
});

const pair = [
  { udi: firstUdi, role: "Active" },
  { udi: secondUdi, role: "Standby" },
] as const;

test("a pair is registered as one; after a switchover the other speaks, and a member that left takes its keys along", () => {
  const agent = ClassicAgent.registered({ members: pair });
  agent.send({ type: "members-changed", members: [{ udi: secondUdi, role: "Active" }] });
  assert.ok(isRegistered(agent.state));
  agent.advance(1_000);
  assert.equal(agent.requestType, "AUTHORIZE");
  assert.equal(agent.all("delete-keys").length, 1);
  agent.answerAuthorize();
  const thirdUdi = { pid: "EDGE-24", serialNumber: "EXA00000003" };
  agent.send({ type: "members-changed", members: [{ udi: thirdUdi, role: "Active" }] });
  assert.ok(!isRegistered(agent.state));
  assert.equal(agent.classic.authorization.standing, "none");
});

test("[GEN-2] [GEN-6] each model takes its own requests and names the way of the other; nothing changes", () => {
  const classic = ClassicAgent.registered();
  const policy = DrivenAgent.booted();
  const wrong = [
    [classic, { type: "trust-requested", token: "t", scope: "all", force: false }, /license smart register/],
    [classic, { type: "sync-requested", scope: "all" }, /license smart renew auth/],
    [policy, { type: "registration-requested", token: "t", force: false }, /license smart trust idtoken/],
    [policy, { type: "renewal-requested", what: "id" }, /license smart sync/],
    [policy, { type: "deregistration-requested" }, /license smart factory reset/],
  ] as const;
  for (const [agent, event, instead] of wrong) {
    const before = agent.state;
    agent.send(event);
    const refused = agent.notices("request-refused").at(-1);
    assert.equal(refused?.code, "other_licensing_model");
    assert.match(refused.message, instead);
    assert.deepEqual(agent.state, { ...before, metering: agent.state.metering });
  }
});

test("[GEN-1] the event log says at the start which model the device has, and when that changes", () => {
  const agent = ClassicAgent.fresh();
  const started = agent.all("record-event").find(({ name }) => name === "SAEVT_INIT_START");
  assert.equal(started?.details.model, "classic");
  agent.send({ type: "software-upgraded", softwareVersion: "17.9.4", licensingModel: "policy" });
  const changed = agent.all("record-event").find(({ name }) => name === "SAEVT_MODEL_CHANGE");
  assert.deepEqual(changed?.details, { model: "policy" });
});

test("[HW-9] an upgrade to the policy model keeps the identity and asks for a trust code with it, without a token; use is measured from then on", () => {
  const agent = ClassicAgent.registered();
  agent.advance(40 * dayMs);
  agent.answerAuthorize();
  const before = agent.state.trust.members[formatUdi(firstUdi)];
  agent.effects = [];
  agent.send({ type: "software-upgraded", softwareVersion: "17.9.4", licensingModel: "policy" });
  const { usages, firstUseAtMs } = agent.state.metering;
  assert.notEqual(usages[advantageTag]?.openReport, null);
  assert.equal(firstUseAtMs, agent.now);
  assert.equal(agent.requestType, "TRUST_SYNC");
  const [seeker] = agent.all("sync-trust")[0]?.devices ?? [];
  assert.ok(before?.status === "installed" && seeker?.wantsCertificate && seeker.keyId === before.keyId);
  agent.answerTrust();
  const after = agent.state.trust.members[formatUdi(firstUdi)];
  assert.ok(after?.status === "installed" && after.isClassic === undefined);
  agent.send({ type: "software-upgraded", softwareVersion: "16.12.4", licensingModel: "classic" });
  assert.ok(!isRegistered(agent.state));
  assert.equal(agent.state.trust.members[formatUdi(firstUdi)]?.status, "none");
  assert.equal(agent.remainingMs, evaluationMs);
});

test("an upgrade in the middle of a registration goes on with its token as a search for trust", () => {
  const agent = ClassicAgent.fresh();
  agent.use(advantageTag, 1);
  agent.register();
  agent.send({ type: "software-upgraded", softwareVersion: "17.9.4", licensingModel: "policy" });
  assert.equal(agent.requestType, "ID_TOKEN_TRUST");
  assert.equal(agent.all("establish-trust").at(-1)?.token, "token");
});

test("an upgrade while a deregistration waits ends it: the device forgets, says that it may still be listed, and asks for no trust", () => {
  const isWarned = (line: string) => line.includes("AGENT_DEREG_FAILED");
  for (const begun of ["registered", "registering", "registering anew"]) {
    const agent = begun === "registering" ? ClassicAgent.fresh() : ClassicAgent.registered();
    if (begun !== "registered") agent.register(begun === "registering anew");
    agent.send({ type: "deregistration-requested" });
    agent.send({ type: "software-upgraded", softwareVersion: "17.9.4", licensingModel: "policy" });
    assert.equal(agent.state.licensingModel, "policy", begun);
    assert.equal(agent.syslog.filter(isWarned).length, 1, begun);
    assert.deepEqual(
      Object.values(agent.state.trust.members).map(({ status }) => status),
      ["none"],
      begun,
    );
    agent.advance(hourMs);
    const asked = agent.effects.flatMap((effect) => ("exchangeId" in effect ? [effect.type] : []));
    assert.ok(!asked.includes("sync-trust") && !asked.includes("establish-trust"), asked.join());
  }
});

test("no key of a registration with force outlives a factory reset, a deregistration or an upgrade", () => {
  for (const [what, event] of [
    ["reset", { type: "factory-reset-requested", what: "all" }],
    ["reset of trust", { type: "factory-reset-requested", what: "trust" }],
    ["deregistration", { type: "deregistration-requested" }],
    ["upgrade", { type: "software-upgraded", softwareVersion: "17.9.4", licensingModel: "policy" }],
  ] as const) {
    const agent = ClassicAgent.registered();
    agent.register(true);
    const [{ keyId } = assert.fail()] = agent.effects.findLast((effect) => effect.type === "register")?.devices ?? [];
    agent.fail({ stage: "name" });
    agent.send(event);
    if (what === "deregistration") agent.answerDeregistration();
    const deleted = agent.effects.flatMap((effect) => (effect.type === "delete-keys" ? effect.keyIds : []));
    assert.ok(deleted.includes(keyId), what);
  }
});

test("[LOG-16] [LOG-17] [LOG-18] failures have the documents' words, with the reason behind them", () => {
  const cases = [
    [
      "smart",
      { stage: "tcp", code: "address_not_configured", message: "no URL" },
      "Communication transport not available (no URL)",
    ],
    [
      "callhome",
      { stage: "tcp", code: "connection_timed_out", message: "Connection timed out" },
      "Fail to send out Call Home HTTP message. (Connection timed out)",
    ],
    ["smart", { stage: "refused", code: "signature_mismatch", message: "no" }, "Data and signature do not match (no)"],
  ] as const;
  for (const [transport, failure, words] of cases) {
    const agent = ClassicAgent.fresh({ configuration: { transport } });
    agent.register();
    agent.fail(failure);
    assert.equal(agent.classic.registration.initial?.reason, words);
    assert.ok(
      agent.syslog.includes(
        `%SMART_LIC-3-AGENT_REG_FAILED: Smart Agent for Licensing Registration with the Cisco Smart Software Manager or satellite failed: ${words}`,
      ),
    );
    if (failure.stage !== "refused")
      assert.ok(
        agent.syslog.includes(
          `%SMART_LIC-3-COMM_FAILED: Communications failure with the Cisco Smart Software Manager or satellite : ${words}`,
        ),
      );
  }
});

test("[CNV-2] [HW-9] old licences are told once: asked for until it is allowed, again after a lost answer or a restart, and never after the word that they are deposited", () => {
  const unregistered = ClassicAgent.fresh();
  unregistered.convert(firstUdi);
  assert.equal(unregistered.notices("request-refused")[0]?.code, "not_registered");
  const agent = ClassicAgent.registered();
  agent.convert();
  assert.equal(agent.notices("request-refused").at(-1)?.code, "nothing_to_convert");
  agent.convert(firstUdi);
  const asked = () => agent.effects.filter((effect) => effect.type === "convert");
  assert.deepEqual(asked()[0]?.converting, [{ udi: firstUdi, licenses: [legacyLicense] }]);
  agent.answerConversion("conversion_not_allowed");
  agent.advance(hourMs - 1000);
  assert.equal(asked().length, 1);
  agent.advance(1000);
  assert.equal(agent.requestType, "CONVERSION");
  agent.fail();
  agent.advance(minuteMs);
  // The answer is lost with the power; the request goes out again as it was.
  agent.send({ type: "booted", reason: "reload" });
  assert.equal(agent.requestType, "CONVERSION");
  assert.deepEqual(asked().at(-1)?.converting, asked()[0]?.converting);
  agent.answerConversion();
  const told = (mark: string) => agent.syslog.filter((line) => line.includes(mark)).length;
  assert.deepEqual([told("-6-CONVERSION_SUCCESS"), told("-3-CONVERSION_FAILED")], [1, 1]);
  assert.deepEqual(Object.keys(agent.classic.conversion?.done ?? {}), [formatUdi(firstUdi)]);
  const { length } = asked();
  agent.convert(firstUdi);
  assert.equal(agent.notices("request-refused").at(-1)?.code, "already_converted");
  agent.send({ type: "deregistration-requested" });
  agent.answerDeregistration();
  agent.register();
  agent.answerRegistration("2");
  agent.convert(firstUdi);
  agent.advance(dayMs);
  assert.equal(asked().length, length);
  agent.send({ type: "software-upgraded", softwareVersion: "17.9.4", licensingModel: "policy" });
  agent.convert(firstUdi);
  assert.equal(agent.notices("request-refused").at(-1)?.code, "other_licensing_model");
});

test("a conversion that was stopped is asked for no more, and an answer that still comes is taken; one that cannot be is given up", () => {
  const agent = ClassicAgent.registered();
  agent.convert(firstUdi);
  agent.answerConversion("conversion_done_elsewhere");
  assert.equal(agent.classic.conversion?.attempt, null);
  assert.equal(agent.classic.conversion?.failure?.code, "conversion_done_elsewhere");
  agent.convert(firstUdi);
  agent.send({ type: "conversion-stopped" });
  agent.answerConversion();
  assert.deepEqual(Object.keys(agent.classic.conversion?.done ?? {}), [formatUdi(firstUdi)]);
  assert.equal(agent.requestType, null);
});
