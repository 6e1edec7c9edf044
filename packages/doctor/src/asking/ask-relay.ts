// A running relay of ours, asked how it is over the address that devices use: its public health, as facts.

import { type ClientRequest, request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { rootCertificates } from "node:tls";
import { dayMs, ProtocolError, parseJson } from "@countersign/protocol";
import { evidenceText, type Fact, type FactKind } from "../diagnosis/fact.ts";

export const healthBytesMax = 16 * 1024;
const answerTimeoutMs = 10_000;
const minuteMs = 60_000;

export class RelaySilent extends Error {
  override readonly name = "RelaySilent";
}

export type RelayQuestion = {
  /** Of the relay, with whatever path. */
  readonly url: URL;
  /** PEM, beside those that this machine's Node.js knows. */
  readonly roots: readonly string[];
  readonly now: () => number;
};

/** Throws `RelaySilent` where nobody answers, or no relay does. */
export async function askRelay({ url, roots, now }: RelayQuestion): Promise<readonly Fact[]> {
  const address = new URL("/health", url);
  const health = readHealth(await get(address, roots), address);
  const askedAtMs = now();
  const fact = (kind: FactKind, value: string | number, text: string): Fact => {
    return { kind, value, about: "", evidence: { source: address.href, place: "health", text: evidenceText(text) } };
  };
  const { status, managerAwaySinceMs, certificate } = health;
  const { state, validUntilMs, renewalFailure, renewalFailingSinceMs } = certificate;
  const since = (ms: number) => `since ${instant(ms)}`;
  const facts = [fact("relay-certificate", state, `its own certificate ends at ${instant(validUntilMs)}: ${state}`)];
  if (renewalFailure !== null && renewalFailingSinceMs !== null) {
    const days = Math.floor((askedAtMs - renewalFailingSinceMs) / dayMs);
    const text = `renewing it fails ${since(renewalFailingSinceMs)}: ${renewalFailure}`;
    facts.push(fact("relay-renewal-failing-days", days, text));
  }
  if (managerAwaySinceMs !== null) {
    const minutes = Math.floor((askedAtMs - managerAwaySinceMs) / minuteMs);
    facts.push(fact("relay-manager-away-minutes", minutes, `its manager was not reached ${since(managerAwaySinceMs)}`));
  }
  // Whose certificate has ended says it fails too.
  if (status === "failing" && state !== "ended")
    facts.push(fact("relay-storage", "failing", "it cannot keep what it is given"));
  return facts;
}

function instant(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? "no date" : date.toISOString();
}

/** A relay that fails says so with 503. */
function get(address: URL, roots: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      asking.destroy();
      reject(new RelaySilent(`${address.href}: ${why}`));
    };
    const common = { agent: false, signal: AbortSignal.timeout(answerTimeoutMs) } as const;
    const asking: ClientRequest =
      address.protocol === "https:"
        ? secureRequest(address, { ...common, ca: [...rootCertificates, ...roots] })
        : plainRequest(address, common);
    asking.on("error", (error) => fail(error.message));
    asking.on("response", (answer) => {
      const { statusCode } = answer;
      if (statusCode !== 200 && statusCode !== 503) return fail(`HTTP ${statusCode}`);
      const chunks: Buffer[] = [];
      let size = 0;
      answer.on("error", (error) => fail(error.message));
      answer.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > healthBytesMax) return fail(`more than ${healthBytesMax} bytes`);
        chunks.push(chunk);
      });
      answer.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    });
    asking.end();
  });
}

type RelayHealth = {
  readonly status: "ok" | "failing";
  readonly managerAwaySinceMs: number | null;
  readonly certificate: {
    readonly state: string;
    readonly validUntilMs: number;
    readonly renewalFailure: string | null;
    readonly renewalFailingSinceMs: number | null;
  };
};

const states: readonly unknown[] = ["valid", "due", "ends_soon", "ended"];
const isMoment = (value: unknown): boolean => Number.isSafeInteger(value);
const isMomentOrNone = (value: unknown): boolean => value === null || isMoment(value);

/** What else stands there is for others: a newer relay may say more. */
function readHealth(text: string, address: URL): RelayHealth {
  const health = membersOf(parsed(text));
  const certificate = membersOf(health.certificate);
  const isHealth =
    (health.status === "ok" || health.status === "failing") &&
    isMomentOrNone(health.managerAwaySinceMs) &&
    states.includes(certificate.state) &&
    isMoment(certificate.validUntilMs) &&
    (certificate.renewalFailure === null || typeof certificate.renewalFailure === "string") &&
    isMomentOrNone(certificate.renewalFailingSinceMs);
  if (!isHealth) throw new RelaySilent(`${address.href}: whoever answers is no relay`);
  return { ...health, certificate } as RelayHealth;
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
