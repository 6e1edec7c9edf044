// The thread pool of a run. Signatures and keys are real, but a real pool takes as long as the machine likes, and what it was
// slower than would be another run each time. Here the work is done at once and answered some turns of the event loop later, as
// many as the seed says. To be loaded before anything that signs.

import crypto, { type KeyObject, type SignKeyObjectInput } from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { promisify } from "node:util";
import { SeededRandomness } from "@countersign/simulation";

/** As long as the simulated disk of a manager at most: an answer may be signed before or after another's commit. */
const turnsMax = 4;

type Answer = (error: Error | null, ...results: unknown[]) => void;

let chance = new SeededRandomness(0);
let underWay = 0;

export function drawTurnsFrom(random: SeededRandomness): void {
  chance = random;
}

/** Resolves when nothing is left to be answered, and what was answered asked nothing more. One turn passes at least. */
export async function poolIsEmpty(): Promise<void> {
  do await nextTurn();
  while (underWay > 0);
}

async function answerLater(work: () => readonly unknown[], answer: Answer): Promise<void> {
  const turns = 1 + chance.nextBelow(turnsMax);
  underWay += 1;
  let results: readonly unknown[] = [];
  let failure: Error | null = null;
  try {
    results = work();
  } catch (error) {
    failure = error as Error;
  }
  for (let turn = 0; turn < turns; turn += 1) await nextTurn();
  underWay -= 1;
  answer(failure, ...results);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const { sign, verify, generateKeyPairSync } = crypto;
type Key = KeyObject | SignKeyObjectInput;

function generateKeyPair(type: "ec", options: { namedCurve: string }, answer: Answer): void {
  void answerLater(() => {
    const { publicKey, privateKey } = generateKeyPairSync(type, options);
    return [publicKey, privateKey];
  }, answer);
}

const patched = {
  sign: (algorithm: string, data: Uint8Array, key: Key, answer?: Answer) =>
    answer === undefined ? sign(algorithm, data, key) : void answerLater(() => [sign(algorithm, data, key)], answer),
  verify: (algorithm: string, data: Uint8Array, key: Key, signature: Uint8Array, answer?: Answer) =>
    answer === undefined
      ? verify(algorithm, data, key, signature)
      : void answerLater(() => [verify(algorithm, data, key, signature)], answer),
  generateKeyPair: Object.assign(generateKeyPair, {
    [promisify.custom]: async (type: "ec", options: { namedCurve: string }) => {
      const generate = promisify<[KeyObject, KeyObject]>((done) =>
        generateKeyPair(type, options, (error, publicKey, privateKey) =>
          done(error, [publicKey as KeyObject, privateKey as KeyObject]),
        ),
      );
      const [publicKey, privateKey] = await generate();
      return { publicKey, privateKey };
    },
  }),
};
Object.assign(crypto, patched);
syncBuiltinESMExports();
