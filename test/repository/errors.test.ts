// Codes are interface: whoever reads one in a log finds it in the reference, and a test shows how it comes about.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { errorTables } from "../../scripts/errors.docs.ts";
import { projectFiles, textOf } from "./project-files.ts";

const testTexts = projectFiles()
  .filter((file) => file.endsWith(".test.ts") || file.startsWith("spec/vectors/"))
  .map((file) => textOf(file) ?? "");

suite("error codes", () => {
  for (const { title, errors } of errorTables) {
    test(`${title}: each code stands in a test`, () => {
      const untested = Object.keys(errors).filter((code) => !testTexts.some((text) => text.includes(`"${code}"`)));
      assert.deepEqual(untested, []);
    });
  }
});
