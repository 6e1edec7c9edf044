import assert from "node:assert/strict";
import { test } from "node:test";
import { drawerViolations, mainViolations } from "./layout-rules.ts";

test("refuses files and folders named utils, helpers or common", () => {
  const drawers = [
    "packages/agent/src/utils.ts",
    "packages/agent/src/helpers/time.ts",
    "packages/common/src/index.ts",
    "test/helper.test.ts",
  ];
  const fine = ["packages/agent/src/lifecycle/helping-hand.ts", "docs/concepts/common-questions.md"];
  assert.deepEqual(
    drawerViolations([...drawers, ...fine]).map(({ place }) => place),
    drawers,
  );
});

test("refuses a main.ts of more than 20 lines", () => {
  const path = "packages/manager/src/main.ts";
  assert.equal(mainViolations([{ path, lineCount: 21 }]).length, 1);
  assert.equal(mainViolations([{ path, lineCount: 20 }]).length, 0);
  assert.equal(mainViolations([{ path: "packages/manager/src/program.ts", lineCount: 200 }]).length, 0);
});
