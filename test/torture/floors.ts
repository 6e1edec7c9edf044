// kill -9 on a manager on premises and on the one above it, while they register with each other and while they synchronise.
// Devices keep a list of what they saw acknowledged; both managers' files are judged by that list, and by each other.

import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { SeededRandomness } from "@countersign/simulation";
import { AcknowledgedList } from "./acknowledged-list.ts";
import { ClientPack } from "./client-pack.ts";
import { createTortureToken } from "./create-token.ts";
import { FloorPair } from "./floor-pair.ts";
import { type FloorsJudgement, judgeFloors, MovingJudge } from "./judge-floors.ts";

export type FloorsWish = {
  /** An empty folder; everything stays in it for the reader of a failure. */
  readonly directory: string;
  /** Rounds of kills while the two register, and then while they synchronise. */
  readonly registrations: number;
  readonly rounds: number;
  readonly seed: number;
  readonly onRound?: (round: number, acknowledged: number) => void;
};
/** What `npm run torture -- --floors --json` prints. */
export type FloorsResult = {
  readonly kills: number;
  /** By devices on premises. */
  readonly acknowledged: number;
} & FloorsJudgement;

const clientCount = 3;
/** A synchronisation begins after so many further ACKs at most. */
const acknowledgementsMax = 20;
/** The kill comes after so many pieces have passed between the floors, both ways, and then so many milliseconds. */
const piecesMax = 12;
const delayMsMax = 60;

export async function tortureFloors(wish: FloorsWish): Promise<FloorsResult> {
  const randomness = new SeededRandomness(wish.seed);
  const list = new AcknowledgedList(join(wish.directory, "acknowledged.jsonl"));
  const pair = await FloorPair.prepare(wish.directory);
  const token = await createTortureToken(pair.below.dataDirectory);
  const judge = new MovingJudge(pair);
  let kills = 0;
  let lostOnTheWay = 0;
  try {
    await pair.start();
    for (let round = 0; round < wish.registrations; round += 1) {
      kills += await killDuring(() => pair.connect(), pair, randomness);
      await pair.start();
    }
    await pair.requireConnected();
    const pack = new ClientPack(list, pair.above.ownRootPem);
    await pack.enrol(pair.below.port, token, clientCount);
    for (let round = 1; round <= wish.rounds; round += 1) {
      const enough = list.length + 1 + randomness.nextBelow(acknowledgementsMax);
      const killBoth = async () => {
        kills += await killDuring(() => pair.sync(), pair, randomness);
      };
      await pack.reportUntil(pair.below.port, () => list.length >= enough, killBoth);
      lostOnTheWay += judge.countLost(list.takeNew());
      wish.onRound?.(round, list.length);
      await pair.start();
    }
    await pack.settle(pair.below.port);
    await pair.requireSynchronised();
  } finally {
    await pair.stop();
  }
  const judged = judgeFloors(pair, list.all());
  return { kills, acknowledged: list.length, ...judged, lost: Math.max(judged.lost, lostOnTheWay) };
}

/** Kills one of the two, or both, while `act` is under way. Answers how many were killed. */
async function killDuring(act: () => Promise<unknown>, pair: FloorPair, randomness: SeededRandomness): Promise<number> {
  const victims = [[pair.below], [pair.above], [pair.below, pair.above]][randomness.nextBelow(3)] ?? [];
  const passed = pair.gate.passes(randomness.nextBelow(piecesMax));
  // It ends in vain where the manager that was asked is killed, or the other one is not there.
  const acting = act().catch(() => undefined);
  await Promise.race([passed, acting]);
  await wait(randomness.nextBelow(delayMsMax));
  await Promise.all(victims.map((victim) => victim.kill()));
  await acting;
  return victims.length;
}
