// GET /health: what the manager stands on, each with its state. 200 when all is well, 503 when something is not.

import type { X509Certificate } from "node:crypto";
import { statfs } from "node:fs/promises";
import type { Clock } from "../ports.ts";

export type DependencyState = { readonly state: "ok" | "failing"; readonly detail: string };
export type Health = {
  readonly status: "ok" | "failing";
  readonly dependencies: Readonly<Record<string, DependencyState>>;
};

export type HealthPorts = {
  readonly clock: Clock;
  readonly storage: { check(): Promise<void> };
  /** Whoever asks how it is gives up as well: a database that does not answer in this time is failing (milliseconds). */
  readonly storageAnswerMsMax: number;
  /** The certificates in use now, by role. */
  readonly certificates: () => Readonly<Record<string, X509Certificate>>;
  /** What is to be said of the manager above; null where there is none. It may be away without anything being wrong here. */
  readonly upstream: () => Promise<string | null>;
  readonly dataDirectory: string;
  readonly diskFreeMebibytesMin: number;
};

/** Asks everything at once. What exactly failed stands in the log, not here: the answer is public. */
export async function checkHealth(
  ports: HealthPorts,
  onFailure: (dependency: string, cause: unknown) => void,
): Promise<Health> {
  const checks: Record<string, () => Promise<string> | string> = {
    storage: async () => {
      await inTime(ports.storage.check(), ports.storageAnswerMsMax);
      return "written and read";
    },
    certificates: () => checkCertificates(ports),
    disk: () => checkDisk(ports),
  };
  const states = await Promise.all(
    Object.entries(checks).map(async ([name, run]): Promise<[string, DependencyState]> => {
      try {
        return [name, { state: "ok", detail: await run() }];
      } catch (cause) {
        onFailure(name, cause);
        return [name, { state: "failing", detail: cause instanceof HealthProblem ? cause.message : "see the log" }];
      }
    }),
  );
  const upstream = await ports.upstream();
  if (upstream !== null) states.push(["upstream", { state: "ok", detail: upstream }]);
  const isWell = states.every(([, { state }]) => state === "ok");
  return { status: isWell ? "ok" : "failing", dependencies: Object.fromEntries(states) };
}

/** A finding of ours, whose words are meant to be read by anybody. */
class HealthProblem extends Error {}

async function inTime(answer: Promise<void>, msMax: number): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new HealthProblem(`no answer within ${msMax} ms`)), msMax);
  try {
    await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function checkCertificates(ports: HealthPorts): string {
  const now = ports.clock.now();
  const ends = Object.entries(ports.certificates()).map(([role, certificate]) => {
    if (now < Date.parse(certificate.validFrom)) throw new HealthProblem(`the ${role} certificate is not valid yet`);
    if (now > Date.parse(certificate.validTo)) throw new HealthProblem(`the ${role} certificate has expired`);
    return { role, endsAtMs: Date.parse(certificate.validTo) };
  });
  const first = ends.reduce((one, other) => (one.endsAtMs <= other.endsAtMs ? one : other));
  return `valid; the first to end is ${first.role}, on ${new Date(first.endsAtMs).toISOString().slice(0, 10)}`;
}

async function checkDisk(ports: HealthPorts): Promise<string> {
  const { bavail, bsize } = await statfs(ports.dataDirectory);
  const freeMebibytes = Math.floor((bavail * bsize) / (1024 * 1024));
  if (freeMebibytes < ports.diskFreeMebibytesMin) throw new HealthProblem(`only ${freeMebibytes} MiB are free`);
  return `${freeMebibytes} MiB are free`;
}
