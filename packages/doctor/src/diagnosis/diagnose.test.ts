// Every rule with what makes it speak and what must not; and what holds for all of them.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { readSession } from "../reading/read-session.ts";
import { diagnose } from "./diagnose.ts";
import { type Fact, factKinds } from "./fact.ts";
import { evidenceFor, type Rule } from "./rule.ts";
import { fact, fixtures } from "./rule-fixtures.test-support.ts";
import { findingCodes, rules } from "./rule-table.ts";
import { impacts } from "./step.ts";

function factsOf(fixture: string | Fact): readonly Fact[] {
  return typeof fixture === "string" ? readSession(Buffer.from(fixture), "pasted").facts : [fixture];
}

const codesOf = (facts: readonly Fact[]) => diagnose(facts).map(({ code }) => code);

suite("every rule speaks on what it is for, with evidence, and is silent on what is close to it", () => {
  for (const code of findingCodes) {
    const { standsFor }: Rule = rules[code];
    const ids = standsFor.filter((id) => /^(FAIL-|TOK-4$)/.test(id)).map((id) => `[${id}] `);
    test(`${ids.join("")}${code}`, () => {
      const { speaks, silent } = fixtures[code];
      for (const fixture of speaks) {
        const finding = diagnose(factsOf(fixture)).find((each) => each.code === code);
        assert.ok(finding, JSON.stringify(fixture));
        assert.ok(finding.evidence.length > 0 && finding.evidence.every(({ text }) => text !== ""));
      }
      for (const fixture of silent) assert.ok(!codesOf(factsOf(fixture)).includes(code), JSON.stringify(fixture));
    });
  }
});

const arbitraryFact: fc.Arbitrary<Fact> = fc
  .record({
    kind: fc.constantFrom(...(Object.keys(factKinds) as Fact["kind"][])),
    value: fc.oneof(
      fc.string({ unit: "binary" }),
      fc.double(),
      fc.constantFrom(
        "none",
        "open",
        "NO REPLY",
        "policy",
        "Smart",
        "cslu",
        "OUT OF COMPLIANCE",
        "Connection timed out",
      ),
    ),
    about: fc.constantFrom("", "Trust Establishment", "call-home", "SMART_LIC-3-COMM_FAILED"),
  })
  .map(({ kind, value, about }) => fact(kind, value, about));
const known = Object.values(fixtures).flatMap(({ speaks, silent }) => [...speaks, ...silent].flatMap(factsOf));
const someFacts = fc.array(fc.oneof(arbitraryFact, fc.constantFrom(...known)), { maxLength: 30 });

test("no rule throws on any facts, and their order changes no finding", () => {
  fc.assert(
    fc.property(someFacts, (facts) => {
      assert.deepEqual(codesOf([...facts].reverse()), codesOf(facts));
      for (const { evidence } of diagnose(facts)) assert.ok(evidence.length > 0);
    }),
  );
});

test("facts of a kind that a rule does not name change nothing for it", () => {
  fc.assert(
    fc.property(someFacts, fc.constantFrom(...findingCodes), (facts, code) => {
      const rule: Rule = rules[code];
      const named = new Set([...rule.when, ...(rule.and ?? []), ...(rule.unless ?? [])].map((each) => each.fact));
      const related = facts.filter(({ kind }) => named.has(kind));
      assert.deepEqual(evidenceFor(rule, facts), evidenceFor(rule, related));
    }),
    { numRuns: 300 },
  );
});

test("a rule that yields to another names one that there is, and never itself", () => {
  for (const code of findingCodes) {
    const { yieldsTo = [] }: Rule = rules[code];
    const unknown = yieldsTo.filter((other) => !findingCodes.some((each) => each === other) || other === code);
    assert.deepEqual(unknown, [], code);
  }
});

/** What a command does is told by its words; the first pattern that fits decides. */
const effects: readonly (readonly [RegExp, readonly (keyof typeof impacts)[]])[] = [
  [/^(show|telnet) /, ["asks"]],
  [/^(reload|license smart factory reset)/, ["reloads"]],
  [/^(debug|monitor capture) /, ["debugs"]],
  [/^write memory$/, ["saves"]],
  [/^license smart (deregister|(trust|register) idtoken <TOKEN>.* force)/, ["replaces"]],
  [/^license smart (trust|register|sync|renew|authorization)/, ["sends"]],
  [/^(revocation-check none|no http secure server-identity-check|enrollment terminal|crypto pki )/, ["weakens"]],
  [/./, ["configures"]],
];

test("[GEN-21] each command is offered after what it does to the device, and no command does more than is said", () => {
  const everything = findingCodes.flatMap((code) => [...rules[code].remedy, ...rules[code].verify]);
  const commands = everything.flatMap((step) => ("command" in step ? [step] : []));
  for (const { command, impact } of commands) {
    const expected = effects.find(([pattern]) => pattern.test(command))?.[1] ?? [];
    assert.ok(expected.includes(impact), `${command} is said to have the effect ${impact}`);
    assert.ok(command.length <= 100, command);
  }
  const used = new Set(everything.map(({ impact }) => impact));
  assert.deepEqual([...used].sort(), Object.keys(impacts).sort());
  for (const code of findingCodes) {
    const { severity, remedy }: Rule = rules[code];
    assert.ok(severity === "note" || remedy.length > 0, `${code} says nothing that can be done`);
  }
});

test("commands are those of the device's platform, with the host that it speaks to, unless that is no host", () => {
  const commandsOf = (...facts: Fact[]) =>
    diagnose([fact("tcp-test", "timed out"), ...facts]).flatMap(({ remedy }) => remedy.map(({ command }) => command));
  const url = fact("transport-url", "https://licences.example.org:8443/x", "license smart");
  assert.ok(commandsOf(url).includes("show ip route licences.example.org"));
  assert.ok(commandsOf(url, fact("platform", "c9800")).includes("show ip route licences.example.org"));
  assert.ok(!commandsOf(url, fact("platform", "asa")).some((command) => command?.startsWith("show ip route")));
  assert.ok(commandsOf(fact("server-host", "x;reload")).includes("show ip route <HOST>"));
});

test("a path is tried at the port of the address, and at 443 where that names none", () => {
  const verifyOf = (...facts: Fact[]) =>
    diagnose([fact("tcp-test", "timed out"), ...facts]).flatMap(({ verify }) => verify.map(({ command }) => command));
  const [host, other] = [fact("server-host", "licences.example.org"), fact("transport-url", "https://a.test:1/x", "")];
  const url = fact("transport-url", "https://licences.example.org:8443/x", "license smart");
  assert.ok(verifyOf(url).includes("telnet licences.example.org 8443"));
  assert.ok(verifyOf(host, url).includes("telnet licences.example.org 8443"));
  assert.ok(verifyOf(host, other).includes("telnet licences.example.org 443"));
  assert.ok(
    verifyOf(fact("transport-url", "https://licences.example.org/x", "")).includes("telnet licences.example.org 443"),
  );
});

test("[TOK-4] [FAIL-8b] out of compliance looks at the virtual account first", () => {
  const [finding] = diagnose([fact("authorization-status", "OUT OF COMPLIANCE on Jul 26 2031")]);
  const [first, , next] = finding?.remedy ?? [];
  assert.match(first?.command ?? "", /include Account/);
  assert.match(next?.advice ?? "", /^1\. Is this the virtual account/);
});
