// Keys of the simulated devices. An RSA key takes 50 ms to make, so a small pool serves all devices of a run: what the
// manager pays for a signature depends on the kind of key, not on how many devices share it.

import { generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";

export type DeviceKeyType = "rsa-2048" | "p-256";
export type DeviceKey = { readonly privateKey: KeyObject; readonly publicKey: KeyObject };

const generate = promisify(generateKeyPair);

/** Makes keys on the thread pool. */
export function createDeviceKeys(type: DeviceKeyType, count: number): Promise<readonly DeviceKey[]> {
  return Promise.all(Array.from({ length: count }, () => createKey(type)));
}

function createKey(type: DeviceKeyType): Promise<DeviceKey> {
  if (type === "rsa-2048") return generate("rsa", { modulusLength: 2048 });
  return generate("ec", { namedCurve: "prime256v1" });
}

/** Maps with at most `width` calls under way, and in order; the thread pool has few threads and memory is not free. */
export async function mapBounded<T, R>(
  items: readonly T[],
  width: number,
  map: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length) {
      const index = next;
      next += 1;
      results[index] = await map(items[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return results;
}
