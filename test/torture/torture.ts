// kill -9 on the real server under load, again and again: while it answers, while it commits, while it starts and recovers.
// Devices keep a list of what they saw acknowledged; the manager's files are judged by that list.

import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { initManager } from "@countersign/manager";
import { SeededRandomness } from "@countersign/simulation";
import { type AcknowledgedEntry, AcknowledgedList } from "./acknowledged-list.ts";
import { type Audit, audit, countLost, openForAudit } from "./audit.ts";
import { ClientPack } from "./client-pack.ts";
import { createTortureToken } from "./create-token.ts";
import { ServedManager } from "./served-manager.ts";

export type TortureWish = {
  /** An empty folder; everything stays in it for the reader of a failure. */
  readonly directory: string;
  readonly rounds: number;
  readonly seed: number;
  readonly onRound?: (round: number, acknowledged: number) => void;
};
/** What `npm run torture -- --json` prints. */
export type TortureResult = { readonly rounds: number; readonly acknowledged: number } & Audit;

const clientCount = 8;
/** The kill comes after so many further ACKs at most, and then so many turns of the event loop. */
const acknowledgementsMax = 40;
const turnsMax = 200;
/** One round in so many kills the manager while it starts, and recovers what the kill before has left. */
const startKillEvery = 10;
const startMsMax = 450;

export async function torture(wish: TortureWish): Promise<TortureResult> {
  const dataDirectory = join(wish.directory, "manager");
  const list = new AcknowledgedList(join(wish.directory, "acknowledged.jsonl"));
  const { rootCertificatePem } = await initManager({ dataDirectory, smartAccount: "Torture" });
  const token = await createTortureToken(dataDirectory);
  const pack = new ClientPack(list, rootCertificatePem);
  await withManager(dataDirectory, (port) => pack.enrol(port, token, clientCount));
  const randomness = new SeededRandomness(wish.seed);
  const databaseFile = join(dataDirectory, "manager.sqlite");
  let lostOnTheWay = 0;
  for (let round = 1; round <= wish.rounds; round += 1) {
    await killOnce(dataDirectory, pack, list, randomness);
    lostOnTheWay += countLostNow(databaseFile, list.takeNew());
    wish.onRound?.(round, list.length);
  }
  await withManager(dataDirectory, (port) => pack.settle(port));
  const judged = audit(databaseFile, list.all());
  return { rounds: wish.rounds, acknowledged: list.length, ...judged, lost: Math.max(judged.lost, lostOnTheWay) };
}

async function killOnce(
  dataDirectory: string,
  pack: ClientPack,
  list: AcknowledgedList,
  randomness: SeededRandomness,
): Promise<void> {
  const manager = ServedManager.spawn(dataDirectory);
  if (randomness.nextBelow(startKillEvery) === 0) {
    const listening = manager.listening().catch(() => 0);
    await wait(randomness.nextBelow(startMsMax));
    await manager.kill();
    await listening;
    return;
  }
  const port = await manager.listening();
  const enough = list.length + 1 + randomness.nextBelow(acknowledgementsMax);
  await pack.reportUntil(
    port,
    () => list.length >= enough,
    async () => {
      for (let turn = randomness.nextBelow(turnsMax); turn > 0; turn -= 1) await nextTurn();
      await manager.kill();
    },
  );
}

/** Looks at the files as the kill has left them, before anybody recovers them. */
function countLostNow(databaseFile: string, entries: readonly AcknowledgedEntry[]): number {
  const database = openForAudit(databaseFile);
  try {
    return countLost(database, entries);
  } finally {
    database.close();
  }
}

async function withManager(dataDirectory: string, use: (port: number) => Promise<void>): Promise<void> {
  const manager = ServedManager.spawn(dataDirectory);
  try {
    await use(await manager.listening());
  } finally {
    await manager.kill();
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
