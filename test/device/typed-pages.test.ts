// Sessions that the documentation shows, typed line by line on a device of the platform they are about, with a real manager.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startPair } from "./device-with-manager.test-support.ts";
import { typePage } from "./typed-page.test-support.ts";

test("[CLI-28] [CLI-24] [TRU-1] the session of docs/start/console.md gives trust, report and acknowledgement", async (t) => {
  const pair = await startPair(t);
  // As the lab's devices are when somebody logs in.
  await pair.device.execute(`license smart trust idtoken ${await pair.token()} all`);
  await pair.pass(60);
  const shown = await typePage(pair, { page: "start/console.md" });
  assert.equal(shown.match(/ {4}INSTALLED on /g)?.length, 3);
  assert.equal(shown.match(/KEY_DELETED/g)?.length, 3);
  assert.match(shown, /Last ACK received: (?!<none>)/);
});
