import assert from "node:assert/strict";
import { test } from "node:test";
import { classicMessages, otherMessages, policyMessages, type SyslogRow } from "./syslog-table.ts";
import { ClassicAgent } from "./test-support/classic-agent.ts";
import {
  advantageTag,
  contact,
  DrivenAgent,
  dayMs,
  firstUdi,
  minuteMs,
  policyOf,
  received,
  trustedDevice,
} from "./test-support/driven-agent.ts";

/** Lives through everything that a policy-mode agent has to say. */
function eventfulLife(): DrivenAgent {
  const agent = DrivenAgent.booted();
  agent.use(advantageTag, 1);
  agent.send({ type: "trust-requested", token: "token", scope: "all", force: false });
  agent.fail();
  agent.send({ type: "trust-requested", token: "token", scope: "all", force: true });
  const [wanted] = agent.wantedDevices();
  assert.ok(wanted !== undefined);
  agent.answerTrust([{ ...wanted, exportControlAllowed: true }], { policy: policyOf(2) });
  agent.send({ type: "trust-requested", token: "token", scope: "all", force: false });
  agent.send({ type: "trust-requested", token: "token", scope: "all", force: true });
  agent.send({ type: "trust-answered", ...answer(agent), contact: withoutReporting });
  agent.send({ type: "policy-imported", policy: policyOf(1) });
  agent.send({ type: "clock-changed", deltaSeconds: 60 });
  agent.send({ type: "factory-reset-requested", what: "policy" });
  agent.send({ type: "configured", change: { transport: "off" } });
  agent.advance(120 * dayMs);
  return agent;
}

/** A product that demands an ACK, and gets none. */
function mandatoryLife(): DrivenAgent {
  const agent = DrivenAgent.booted();
  agent.send({ type: "configured", change: { acknowledgementIsMandatory: true } });
  agent.use(advantageTag, 1);
  agent.advance(120 * dayMs);
  return agent;
}

/** A manager whose ledger shrinks, is as before again, and then is another one. */
function eventfulLedger(): DrivenAgent {
  const agent = DrivenAgent.trusted();
  const other = "00000000-0000-4000-8000-0000000000d2";
  const heads = [head(11), head(10), head(11), head(1, other)];
  for (const treeHead of heads) agent.send({ type: "acknowledgement-imported", ...received([], { treeHead }) });
  return agent;
}

function head(size: number, ledger_id = "00000000-0000-4000-8000-0000000000d1") {
  return { ledger_id, size, root_sha256: "a".repeat(64) };
}

/** The manager was restored from before this device came. */
function lostLife(): DrivenAgent {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1);
  agent.advance(2 * minuteMs);
  agent.handOut();
  agent.fail({ stage: "refused", code: "identity_not_valid", message: "lost" });
  return agent;
}

/** A code that is refused, given, and given back while its licence is in use. */
function authorizedLife(): DrivenAgent {
  const agent = DrivenAgent.trusted();
  agent.use(advantageTag, 1, "export");
  const licenses = [{ tag: advantageTag, licenseClass: "export", count: 1 }] as const;
  for (const refusal of ["authorization_export_not_allowed", null]) {
    agent.send({ type: "authorization-requested", mode: "add", scope: "local", licenses });
    agent.answerAuthorization(refusal);
  }
  agent.hearAuthorization();
  agent.send({ type: "authorization-return-requested", scope: "local", way: "online" });
  return agent;
}

/** What a device in the classic model has to say, from its first use to a silence of a year. */
function classicLives(): readonly ClassicAgent[] {
  const evaluating = ClassicAgent.fresh();
  evaluating.use(advantageTag, 1);
  evaluating.advance(91 * dayMs);
  const registered = ClassicAgent.fresh({ configuration: { transport: "callhome" } });
  registered.use(advantageTag, 1);
  registered.register();
  registered.fail();
  registered.advance(minuteMs);
  registered.answerRegistration();
  registered.answerAuthorize({ [advantageTag]: 1 });
  registered.send({ type: "renewal-requested", what: "authorization" });
  registered.answerAuthorize();
  registered.send({ type: "renewal-requested", what: "id" });
  registered.fail();
  registered.advance(minuteMs);
  registered.answerRegistration("2");
  registered.answerAuthorize();
  registered.send({ type: "clock-changed", deltaSeconds: 60 });
  registered.convert(firstUdi);
  registered.answerConversion("conversion_not_allowed");
  registered.convert(firstUdi);
  registered.answerConversion();
  registered.send({ type: "deregistration-requested" });
  registered.fail();
  registered.register();
  registered.answerRegistration("3");
  registered.send({ type: "deregistration-requested" });
  registered.answerDeregistration();
  const removed = ClassicAgent.registered();
  removed.send({ type: "renewal-requested", what: "authorization" });
  removed.refuse("identity_not_valid");
  const silent = ClassicAgent.registered();
  silent.advanceInSilence(366 * dayMs);
  return [evaluating, registered, removed, silent];
}

const withoutReporting = { ...contact, peer: { ...contact.peer, name: "Old", capabilities: [] } };

function answer(agent: DrivenAgent) {
  const { udi, keyId } = agent.wantedDevices()[0] ?? assert.fail("nobody was asked for");
  const devices = [trustedDevice(udi, keyId, "1002")];
  return { exchangeId: agent.exchangeId, devices, refused: [], account: null, policy: null };
}

function matches({ facility, severity, mnemonic, text }: SyslogRow, line: string): boolean {
  const start = `%${facility}-${severity}-${mnemonic}: `;
  const parts = text.split(/<\w+>/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return line.startsWith(start) && new RegExp(`^${parts.join(".+")}$`).test(line.slice(start.length));
}

const lives = [eventfulLife(), mandatoryLife(), lostLife(), eventfulLedger(), authorizedLife()];
const lines = lives.flatMap((agent) => agent.syslog);

for (const row of Object.values(policyMessages)) {
  test(`%${row.facility}-${row.severity}-${row.mnemonic} is written: ${row.text}`, () => {
    assert.ok(
      lines.some((line) => matches(row, line)),
      lines.join("\n"),
    );
  });
}

const classicLines = [...classicLives().flatMap((agent) => agent.syslog), ...ClassicAgent.fresh().syslog];

for (const row of Object.values(classicMessages)) {
  test(`[GEN-1] in the classic model %${row.facility}-${row.severity}-${row.mnemonic} is written: ${row.text}`, () => {
    assert.ok(
      classicLines.some((line) => matches(row, line)),
      classicLines.join("\n"),
    );
  });
}

test("[GEN-1] a device in the classic model writes lines of that model, and none that only the other has", () => {
  const rows = Object.values(classicMessages);
  for (const line of classicLines)
    assert.ok(
      rows.some((row) => matches(row, line)),
      line,
    );
});

test("[LOG-2] [LOG-5] trust that was installed and a manager that is not reached are told in the documents' words", () => {
  for (const printed of [
    "%SMART_LIC-6-TRUST_INSTALL_SUCCESS: A new licensing trust code was successfully installed on P:EDGE-24,S:EXA00000001.",
    "%SMART_LIC-3-COMM_FAILED: Communications failure with the Cisco Smart Software Manager (CSSM) : Connection timed out",
  ])
    assert.ok(lines.includes(printed), lines.join("\n"));
});

test("every line of the agent is a row of the table, and none of those of other models", () => {
  const rows = Object.values(policyMessages);
  for (const line of lines)
    assert.ok(
      rows.some((row) => matches(row, line)),
      line,
    );
  for (const other of otherMessages) assert.ok(!lines.some((line) => line.includes(`-${other.mnemonic}:`)));
});
