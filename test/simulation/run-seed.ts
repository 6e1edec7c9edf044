// One run: a seed, an authority, a few dozen acts, then everything heals and must come together.

import { calmNetwork } from "@countersign/simulation";
import { checkInvariants } from "./check-invariants.ts";
import type { Authority } from "./simulated-manager.ts";
import { drawAct, lacksTrust, seekTrust, type Workload } from "./workload.ts";
import { startAtMs, World } from "./world.ts";

export type RunResult = {
  readonly seed: number;
  readonly deviceDays: number;
  /** Reports that the manager made durable. */
  readonly reports: number;
  /** Each begins with the id of the invariant that does not hold. */
  readonly violations: readonly string[];
  readonly acts: readonly string[];
  readonly counters: Readonly<Record<string, number>>;
  /** Of what reached the manager and what was answered, in that order: two runs of a seed are the same where theirs are. */
  readonly course: string;
};

const dayMs = 86_400_000;
const actsMin = 16;
const actsSpan = 20;
const actsBetweenChecks = 4;
const roundsMax = 14;
/** Not a whole day, or a daily push would be under way at the end of every round. */
const roundMs = 20 * 3_600_000;
/** Longer than any clock was ahead. */
const lastWaitMs = 10 * dayMs;

export async function runSeed(seed: number, workload: Workload, authority: Authority): Promise<RunResult> {
  const world = new World(seed, workload, authority);
  try {
    await world.open();
    await live(world);
    await comeTogether(world);
    const problems = await checkInvariants(world.asFinished());
    return resultOf(seed, world, [...world.problems, ...problems]);
  } finally {
    await world.close();
  }
}

async function live(world: World): Promise<void> {
  const { random, products, pace } = world;
  for (const product of products) await seekTrust(world, product, false);
  const count = actsMin + random.nextBelow(actsSpan);
  for (let number = 0; number < count; number += 1) {
    await world.pass(pace.gapMsMin + random.nextBelow(pace.gapMsMax - pace.gapMsMin));
    await world.look();
    for (const product of products) {
      product.sample();
      if (product.agent === null && random.nextBelow(3) > 0) await product.start(random.pick(["restart", "reload"]));
      await product.declare();
    }
    const product = random.pick(products);
    const act = drawAct(world);
    world.acts.push(`${new Date(world.time.now()).toISOString()} ${product.name}: ${act.name}`);
    await act.run(world, product);
    await world.settle();
    await world.look();
    if (number % actsBetweenChecks === 0) await world.checkSums();
  }
}

/** Lines, disks, clocks and managers work again; then every report must arrive and every sum be right. */
async function comeTogether(world: World): Promise<void> {
  const { products, network, manager } = world;
  network.weights = calmNetwork;
  manager.fateOfCommits(() => "whole");
  for (const product of products) {
    network.join(product.name);
    product.disk.heal();
    product.setClockRight();
    product.timerGrainMs = dayMs / 2;
  }
  await world.pass(lastWaitMs);
  // A push, its poll and what is left after them each wait for a timer: all must fit into a round.
  for (const product of products) product.timerGrainMs = dayMs / 24;
  let broughtWithTrust = false;
  for (let round = 0; round < roundsMax; round += 1) {
    const haveTrust = products.every(({ agent }) => agent !== null && !lacksTrust(agent));
    for (const product of products) {
      if (product.agent === null) await product.start("restart");
      await product.declare();
      if (lacksTrust(product.agent)) await seekTrust(world, product, round > 0);
      await product.run((agent) => agent.sync("all"));
    }
    // Again when trust is there, which a code in a file needs.
    if (round === 0 || (haveTrust && !broughtWithTrust)) await world.files.bringAllBack(products);
    broughtWithTrust ||= haveTrust;
    await world.pass(roundMs);
    await world.look();
    if (round > 0 && broughtWithTrust && products.every((product) => isDone(product))) break;
  }
  for (const product of products) if (!isDone(product)) noteUnfinished(world, product);
}

function isDone({ agent, uncertain }: World["products"][number]): boolean {
  if (agent === null || uncertain.size > 0 || lacksTrust(agent)) return false;
  const { counts } = agent.state().reporting;
  return counts.closed + counts.pending + counts.unacknowledged === 0;
}

function noteUnfinished(world: World, product: World["products"][number]): void {
  const state = product.agent?.state();
  const counts = JSON.stringify(state?.reporting.counts ?? null);
  const { nextPushRule } = state?.reporting ?? { nextPushRule: "no agent" };
  const failure = JSON.stringify(state?.trust.lastRefusal ?? state?.trust.attempt?.lastFailure ?? null);
  const id = world.journal.restores > 0 ? "I8" : "I1";
  world.problems.push(`[${id}] ${product.name} does not get its reports through: ${counts} ${nextPushRule} ${failure}`);
}

function resultOf(seed: number, world: World, violations: readonly string[]): RunResult {
  const { products, journal, time, acts, manager, network, files } = world;
  const days = (time.now() - startAtMs) / dayMs;
  const sum = (of: (product: World["products"][number]) => number) =>
    products.reduce((total, one) => total + of(one), 0);
  return {
    ...{ seed, violations, acts, course: journal.course() },
    deviceDays: days * sum(({ slots }) => slots.length),
    reports: journal.everCommitted.length,
    counters: {
      acknowledgements: journal.acknowledgements.length,
      agentCrashes: sum(({ crashes }) => crashes),
      managerRestarts: manager.restarts,
      restores: journal.restores,
      forgotten: journal.everCommitted.length - journal.committed.length,
      twoManagers: Number(manager.processes > 1),
      samples: sum(({ samples }) => samples.length),
      undisturbed: sum(({ isUndisturbed }) => Number(isUndisturbed)),
      merged: journal.committed.filter(({ report }) => report.meta.merged_report_ids !== undefined).length,
      ...network.fates,
      ...files.counters,
      ...Object.fromEntries(journal.refusals),
    },
  };
}
