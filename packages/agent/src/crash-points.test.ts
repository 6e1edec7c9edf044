// The power goes away before, within and after each of the writes that a changed count makes, and the next start must know of
// every second that was measured, once: what was confirmed counts as it was confirmed, and what was asked for either
// counts whole or never happened.

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeRumReport, type Measurement } from "@countersign/protocol";
import { ManualTime, SeededRandomness, SimulatedDisk } from "@countersign/simulation";
import { createAgent } from "./create-agent.ts";
import { countSeconds } from "./lifecycle/merge-reports.ts";
import type { Disk, ReportBody } from "./ports.ts";
import { DiskReportStore } from "./storage/report-store.ts";
import { DiskStateStore } from "./storage/state-store.ts";
import { advancedTag, baseTag, exampleUrl, product, startAtMs } from "./test-support/example-state.ts";
import { createTestAuthority } from "./test-support/test-certificates.ts";
import { TransportFailure } from "./transport-failure.ts";

const tags = [baseTag, advancedTag];
const trustAnchors = createTestAuthority(startAtMs).root.certificate.toString();
/** More than the measurements that wait for one write, so that each write of them is met. */
const changesMax = 30;
const secondsAfter = 600;

type CrashPoint = { readonly write: number; readonly where: "before" | "within" };
type Outcome = {
  readonly hasCrashed: boolean;
  /** By tag, what was confirmed to be in use. */
  readonly confirmed: ReadonlyMap<string, number>;
  readonly asked: ReadonlyMap<string, number>;
  /** By tag, the naive sum up to the last change that was confirmed, and when that was. */
  readonly countSeconds: ReadonlyMap<string, bigint>;
  readonly confirmedAtMs: number;
  readonly disk: SimulatedDisk;
};

function openAgent(stateDirectory: Disk, time: ManualTime) {
  return createAgent({
    stateDirectory,
    product,
    transport: { type: "smart", url: exampleUrl },
    trustAnchors,
    keyType: "p-256",
    exchange: () => Promise.reject(new TransportFailure("connection_refused")),
    clock: time,
    timers: time,
  });
}

/** The disk that loses power before a write instead of within it. */
function diesBefore(disk: SimulatedDisk, write: number): Disk {
  const spend = (): void => {
    if (disk.writes === write) disk.crash();
  };
  return {
    list: (folder) => disk.list(folder),
    read: (name) => disk.read(name),
    readAt: (name, offset, length) => disk.readAt(name, offset, length),
    replace: (name, bytes) => {
      spend();
      return disk.replace(name, bytes);
    },
    overwrite: (name, bytes) => {
      spend();
      return disk.overwrite(name, bytes);
    },
    append: (name, bytes, isDurable) => {
      spend();
      return disk.append(name, bytes, isDurable);
    },
    remove: (name) => {
      spend();
      return disk.remove(name);
    },
  };
}

/** Changes counts of two tags by turns until the power goes away, and keeps the naive sum of what was in use. */
async function useUntilCrash(time: ManualTime, seed: number, point: CrashPoint): Promise<Outcome> {
  const random = new SeededRandomness(seed);
  const disk = new SimulatedDisk(random);
  if (point.where === "within") disk.crashAtWrite(point.write);
  const crashed = new Promise<"crashed">((resolve) => {
    disk.onCrash = () => resolve("crashed");
  });
  const counts = new Map<string, number>(tags.map((tag) => [tag, 0]));
  const asked = new Map(counts);
  const sums = new Map<string, bigint>(tags.map((tag) => [tag, 0n]));
  let confirmedAtMs = time.now();
  const use = async (): Promise<"done"> => {
    const agent = await openAgent(point.where === "before" ? diesBefore(disk, point.write) : disk, time);
    for (let change = 0; change < changesMax; change += 1) {
      const seconds = 1 + random.nextBelow(5_000);
      await time.advanceTo(time.now() + seconds * 1000, () => agent.idle());
      const tag = tags[change % tags.length] as string;
      asked.set(tag, ((counts.get(tag) ?? 0) % 7) + 1);
      await agent.request(tag, asked.get(tag) ?? 0);
      for (const each of tags) addUse(sums, each, counts.get(each) ?? 0, time.now() - confirmedAtMs);
      counts.set(tag, asked.get(tag) ?? 0);
      confirmedAtMs = time.now();
    }
    return "done";
  };
  const ended = await Promise.race([use(), crashed]);
  return { hasCrashed: ended === "crashed", confirmed: counts, asked, countSeconds: sums, confirmedAtMs, disk };
}

function addUse(sums: Map<string, bigint>, tag: string, count: number, durationMs: number): void {
  sums.set(tag, (sums.get(tag) ?? 0n) + BigInt(count) * BigInt(durationMs / 1000));
}

function measurementsOf(body: ReportBody | null): readonly Measurement[] {
  if (body === null) return [];
  if (body.kind === "measurements") return body.measurements;
  return (body.kind === "draft" ? body.report : decodeRumReport(body.report.payload)).measurements;
}

/** Every measurement that the directory holds, by tag. */
async function measuredSeconds(disk: Disk): Promise<ReadonlyMap<string, bigint>> {
  const store = new DiskReportStore(disk);
  await store.open();
  const sums = new Map<string, bigint>(tags.map((tag) => [tag, 0n]));
  for (const { reportId, tag } of store.entries()) {
    for (const measurement of measurementsOf(await store.read(reportId))) {
      sums.set(tag, (sums.get(tag) ?? 0n) + countSeconds(measurement));
    }
  }
  return sums;
}

/**
 * Starts on what the crash left, lets time pass, and compares what the directory then holds with what was in use: up to the
 * last change that was confirmed, from there to when the agent last noted that it ran, and since the start.
 */
async function checkAfterCrash(time: ManualTime, outcome: Outcome, where: string): Promise<void> {
  const { confirmed, asked, confirmedAtMs } = outcome;
  const disk = outcome.disk.afterCrash();
  const { stored } = await new DiskStateStore(disk).load();
  const ranUntilMs = stored?.state.metering.measuredUntilMs ?? confirmedAtMs;
  assert.ok(ranUntilMs >= confirmedAtMs && ranUntilMs <= time.now(), where);
  const startedAtMs = time.now();
  const agent = await openAgent(disk, time);
  await time.advanceTo(startedAtMs + secondsAfter * 1000, () => agent.idle());
  const expected = new Map(outcome.countSeconds);
  for (const tag of tags) {
    const count = agent.state().metering.usages[tag]?.count ?? 0;
    assert.ok(count === confirmed.get(tag) || count === asked.get(tag), `${where}: ${tag} is ${count}`);
    addUse(expected, tag, confirmed.get(tag) ?? 0, ranUntilMs - confirmedAtMs);
    addUse(expected, tag, count, time.now() - startedAtMs);
    if (count > 0) await agent.request(tag, 0);
  }
  await agent.stop();
  assert.deepEqual(await measuredSeconds(disk), expected, where);
}

/** Within a write every seed tears it in another place. */
for (const [where, seeds] of [
  ["before", 1],
  ["within", 3],
] as const) {
  test(`power lost ${where} any write of thirty changes of a count: nothing that was measured is lost or counted twice`, async () => {
    let crashes = 0;
    let isOver = false;
    for (let write = 0; !isOver; write += 1) {
      for (let seed = 1; seed <= seeds && !isOver; seed += 1) {
        const time = new ManualTime(startAtMs);
        const outcome = await useUntilCrash(time, write * 10 + seed, { write, where });
        isOver = !outcome.hasCrashed;
        if (isOver) break;
        crashes += 1;
        await checkAfterCrash(time, outcome, `write ${write}, seed ${seed}`);
      }
    }
    // A state, and a line of the event log, for each change.
    assert.ok(crashes > 2 * changesMax * seeds, `${crashes} crashes`);
  });
}
