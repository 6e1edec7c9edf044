// Facts in, findings out. Pure, and the same for every order of the facts but for the order of the evidence.

import type { Evidence, Fact } from "./fact.ts";
import { evidenceFor, type Rule, type Severity, severities } from "./rule.ts";
import { type FindingCode, findingCodes, rules } from "./rule-table.ts";
import { impacts, type Platform, platforms, type Step, stepsFor } from "./step.ts";

export type OfferedStep = {
  /** What it does to the device, before it is offered. */
  readonly impact: Step["impact"];
  readonly impactText: string;
  readonly platform: Platform | null;
  /** To paste; null where a person must do something else. */
  readonly command: string | null;
  readonly advice: string | null;
};

export type Finding = {
  readonly code: FindingCode;
  readonly severity: Severity;
  readonly title: string;
  readonly meaning: string;
  readonly standsFor: readonly string[];
  readonly evidence: readonly Evidence[];
  readonly remedy: readonly OfferedStep[];
  readonly verify: readonly OfferedStep[];
};

/** The gravest first; those of one severity in the order of the table, which is that of the way of a message. */
export function diagnose(facts: readonly Fact[]): readonly Finding[] {
  const spoken = new Map<string, readonly Fact[]>();
  for (const code of findingCodes) {
    const evidence = evidenceFor(rules[code], facts);
    if (evidence.length > 0) spoken.set(code, evidence);
  }
  const kept = findingCodes.filter((code) => {
    const { yieldsTo = [] }: Rule = rules[code];
    return spoken.has(code) && !yieldsTo.some((other) => spoken.has(other));
  });
  const findings = kept.map((code) => findingOf(code, spoken.get(code) ?? [], facts));
  return severities.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
}

function findingOf(code: FindingCode, telling: readonly Fact[], facts: readonly Fact[]): Finding {
  const { severity, title, meaning, standsFor, remedy, verify }: Rule = rules[code];
  const platform = platformOf(facts);
  const offer = (steps: readonly Step[]) => stepsFor(steps, platform).map((step) => offered(step, facts));
  const evidence = telling.map((fact) => fact.evidence);
  return { code, severity, title, meaning, standsFor, evidence, remedy: offer(remedy), verify: offer(verify) };
}

/** Two platforms in one session: steps for all of them. */
function platformOf(facts: readonly Fact[]): Platform | null {
  const seen = new Set(facts.filter(({ kind }) => kind === "platform").map(({ value }) => value));
  const [only, ...more] = platforms.filter((platform) => seen.has(platform));
  return only === undefined || more.length > 0 ? null : only;
}

function offered(step: Step, facts: readonly Fact[]): OfferedStep {
  const { impact, platform } = step;
  const [command, advice] = "command" in step ? [filled(step.command, facts), null] : [null, step.advice];
  return { impact, impactText: impacts[impact], platform, command, advice };
}

/** Only what cannot become another command: a host name or an address. */
const safeHost = /^[A-Za-z0-9.:-]{1,255}$/;

function filled(command: string, facts: readonly Fact[]): string {
  const servers = facts.flatMap(serversOf).filter(({ host }) => safeHost.test(host));
  const host = servers[0]?.host;
  if (host === undefined) return command;
  // A server listens where its address says; 443 stands in the commands for where addresses say nothing.
  const port = servers.find((server) => server.host === host && server.port !== null)?.port ?? "443";
  return command.replaceAll("<HOST> 443", `<HOST> ${port}`).replaceAll("<HOST>", host);
}

type Server = { readonly host: string; readonly port: string | null };

function serversOf({ kind, value }: Fact): readonly Server[] {
  if (kind === "server-host") return [{ host: String(value), port: null }];
  const [, host, port = null] = /^https?:\/\/([^/:]{1,255})(?::([0-9]{1,5}))?/i.exec(String(value)) ?? [];
  return kind === "transport-url" && host !== undefined ? [{ host, port }] : [];
}

/** Whether somebody must do something. */
export function needsSomeone(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity !== "note");
}
