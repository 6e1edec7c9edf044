import assert from "node:assert/strict";
import { it } from "node:test";
import { staleVectors } from "../../spec/generate-vectors.ts";

it("spec/vectors are what their sources make, byte for byte", async () => {
  assert.deepEqual(await staleVectors(), [], "run `npm run vectors`");
});
