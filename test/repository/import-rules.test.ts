import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { importViolations, type Manifest } from "./import-rules.ts";
import { factsOfPlanted } from "./source-facts.ts";

const nothing: Manifest = { dependencies: [], devDependencies: [] };

interface Planted {
  readonly sources: Readonly<Record<string, string>>;
  readonly manifests?: Readonly<Record<string, Partial<Manifest>>>;
}

function violationsOf({ sources, manifests = {} }: Planted): readonly string[] {
  const complete = Object.entries(manifests).map(
    ([folder, manifest]) => [folder, { ...nothing, ...manifest }] as const,
  );
  return importViolations(factsOfPlanted(sources), new Map(complete)).map(
    ({ place, problem }) => `${place}: ${problem}`,
  );
}

suite("imports between packages", () => {
  const against = (path: string, name: string) =>
    violationsOf({
      sources: { [path]: `import { x } from "${name}";` },
      manifests: { [path.split("/").slice(0, 2).join("/")]: { dependencies: [name] } },
    });

  for (const [path, name] of [
    ["packages/protocol/src/a.ts", "@countersign/agent"],
    ["packages/agent/src/storage/a.ts", "@countersign/device"],
    ["packages/manager/src/http/a.ts", "@countersign/agent"],
    ["packages/device/src/console/a.ts", "@countersign/manager"],
    ["packages/agent/src/runtime.ts", "@countersign/simulation"],
    ["packages/manager/src/program.ts", "@countersign/lab"],
    ["packages/lab/src/fleet.ts", "@countersign/cli"],
    ["examples/product/src/a.ts", "@countersign/manager"],
    ["packages/device/src/a.ts", "@countersign/example-embedded-product"],
  ] as const) {
    test(`refuses that ${path} imports ${name}`, () => {
      assert.deepEqual(against(path, name), [`${path}:1: ${name} is imported against the direction of packages`]);
    });
  }

  for (const [path, name] of [
    ["packages/agent/src/runtime.ts", "@countersign/protocol"],
    ["packages/device/src/program.ts", "@countersign/agent"],
    ["packages/lab/src/fleet.ts", "@countersign/simulation"],
    ["packages/cli/src/main.ts", "@countersign/lab"],
    ["packages/lab/src/fleet.ts", "@countersign/example-embedded-product"],
  ] as const) {
    test(`accepts that ${path} imports ${name}`, () => {
      assert.deepEqual(against(path, name), []);
    });
  }

  test("accepts simulation in tests, when it is declared for them", () => {
    const sources = { "packages/agent/src/runtime.test.ts": 'import { clock } from "@countersign/simulation";' };
    const declared = { "packages/agent": { devDependencies: ["@countersign/simulation"] } };
    assert.deepEqual(violationsOf({ sources, manifests: declared }), []);
    assert.deepEqual(violationsOf({ sources, manifests: { "packages/agent": {} } }), [
      "packages/agent/src/runtime.test.ts:1: @countersign/simulation is not declared",
    ]);
  });

  test("refuses what another package keeps for tests, but not in tests", () => {
    const text = 'import { x } from "@countersign/protocol/test-support/keys.ts";';
    const manifests = { "packages/agent": { dependencies: ["@countersign/protocol"] } };
    assert.deepEqual(violationsOf({ sources: { "packages/agent/src/a.test.ts": text }, manifests }), [
      "packages/agent/package.json: the dependency @countersign/protocol is not imported",
    ]);
    const [first] = violationsOf({ sources: { "packages/agent/src/a.ts": text }, manifests });
    assert.equal(first, "packages/agent/src/a.ts:1: @countersign/protocol/test-support/keys.ts is not shipped");
  });

  test("refuses the upward import in every way a module can be reached", () => {
    const texts = [
      'import "@countersign/agent";',
      'import type { Agent } from "@countersign/agent";',
      'export * from "@countersign/agent";',
      'export type { Agent } from "@countersign/agent";',
      'const a = await import("@countersign/agent");',
      'type A = import("@countersign/agent").Agent;',
      'const a = require("@countersign/agent");',
      'const a = import.meta.resolve("@countersign/agent");',
    ];
    for (const text of texts) {
      const [found] = violationsOf({ sources: { "packages/protocol/src/a.ts": text } });
      assert.equal(
        found,
        "packages/protocol/src/a.ts:1: @countersign/agent is imported against the direction of packages",
      );
    }
  });
});

suite("declarations", () => {
  test("refuses an import that the package's own package.json does not declare", () => {
    const sources = { "packages/manager/src/http/a.ts": 'import fastify from "fastify/types.js";' };
    const root = { ".": { dependencies: ["fastify"], devDependencies: ["fastify"] } };
    const undeclared = violationsOf({ sources, manifests: { ...root, "packages/manager": {} } });
    assert.ok(undeclared.includes("packages/manager/src/http/a.ts:1: fastify is not declared"));
    const declared = { "packages/manager": { dependencies: ["fastify"] } };
    assert.deepEqual(violationsOf({ sources, manifests: declared }), []);
  });

  test("accepts the root's devDependencies in tests and in no other code", () => {
    const manifests = { ".": { devDependencies: ["fast-check"] }, "packages/agent": {} };
    const text = 'import fc from "fast-check";';
    assert.deepEqual(violationsOf({ sources: { "packages/agent/src/a.property.test.ts": text }, manifests }), []);
    assert.deepEqual(violationsOf({ sources: { "packages/agent/src/a.ts": text }, manifests }), [
      "packages/agent/src/a.ts:1: fast-check is not declared",
    ]);
  });

  test("refuses a dependency that no code imports", () => {
    const manifests = { "packages/agent": { dependencies: ["undici", "valibot"] } };
    const sources = {
      "packages/agent/src/transport/a.ts": 'import { request } from "undici";',
      "packages/agent/src/transport/a.test.ts": 'import * as v from "valibot";',
    };
    assert.deepEqual(violationsOf({ sources, manifests }), [
      "packages/agent/package.json: the dependency valibot is not imported",
    ]);
  });

  test("refuses a module whose name is computed", () => {
    const sources = { "packages/manager/src/storage/a.ts": 'const dialect = "x"; await import("./" + dialect);' };
    assert.deepEqual(violationsOf({ sources }), [
      "packages/manager/src/storage/a.ts:1: the imported module is computed",
    ]);
  });
});

test("lets generators of reference pages, and no other script, read what packages keep to themselves", () => {
  const text = 'import { x } from "../packages/agent/src/agent-error.ts";';
  assert.deepEqual(violationsOf({ sources: { "scripts/errors.docs.ts": text } }), []);
  assert.equal(violationsOf({ sources: { "scripts/errors.ts": text } }).length, 1);
});

suite("imports inside a package", () => {
  const inside = (path: string, specifier: string) =>
    violationsOf({ sources: { [`packages/${path}`]: `import { x } from "${specifier}";` } });

  for (const [path, specifier, problem] of [
    ["manager/src/usage/a.ts", "../use-cases/b.ts", "domain usage imports use case use-cases, which stands above it"],
    ["manager/src/usage/a.ts", "../storage/b.ts", "domain usage imports adapter storage, which stands above it"],
    ["manager/src/use-cases/a.ts", "../http/b.ts", "use case use-cases imports adapter http, which stands above it"],
    ["manager/src/http/api/a.ts", "../../program.ts", "adapter http imports program program, which stands above it"],
    ["manager/src/http/a.ts", "../storage/b.ts", "adapter http imports adapter storage"],
    ["agent/src/transport/a.ts", "../storage/b.ts", "adapter transport imports adapter storage"],
    ["device/src/console/a.ts", "../control/b.ts", "adapter console imports adapter control"],
    ["device/src/console/a.ts", "../new-thing.ts", "adapter console imports adapter new-thing"],
    ["manager/src/program.ts", "./main.ts", "program program imports main main, which stands above it"],
    ["manager/src/http/a.ts", "../index.ts", "adapter http imports surface index, which stands above it"],
    ["agent/src/a.ts", "../../protocol/src/json.ts", "../../protocol/src/json.ts reaches into another package"],
    ["agent/src/a.ts", "../../../scripts/docs.ts", "../../../scripts/docs.ts reaches into another package"],
    ["agent/src/lifecycle/a.ts", "./a.test-support.ts", "./a.test-support.ts is not shipped"],
  ] as const) {
    test(`refuses ${specifier} in ${path}`, () => {
      assert.deepEqual(inside(path, specifier), [`packages/${path}:1: ${problem}`]);
    });
  }

  for (const [path, specifier] of [
    ["manager/src/use-cases/a.ts", "../usage/b.ts"],
    ["manager/src/usage/a.ts", "../trust/b.ts"],
    ["manager/src/http/a.ts", "../use-cases/b.ts"],
    ["manager/src/http/api/a.ts", "../refusal.ts"],
    ["manager/src/program.ts", "./storage/b.ts"],
    ["manager/src/commands/serve.ts", "../program.ts"],
    ["agent/src/create-agent.ts", "./transport/smart-transport.ts"],
    ["manager/src/main.ts", "./program.ts"],
    ["manager/src/index.ts", "./program.ts"],
    ["manager/src/http/a.test.ts", "../storage/b.ts"],
    ["protocol/src/files/a.ts", "../json.ts"],
  ] as const) {
    test(`accepts ${specifier} in ${path}`, () => {
      assert.deepEqual(inside(path, specifier), []);
    });
  }

  test("sees a worker named by its URL", () => {
    const text = 'new Worker(new URL("../storage/reader.ts", import.meta.url));';
    assert.deepEqual(violationsOf({ sources: { "packages/manager/src/http/a.ts": text } }), [
      "packages/manager/src/http/a.ts:1: adapter http imports adapter storage",
    ]);
  });
});

suite("circles", () => {
  const inFolder = (texts: Readonly<Record<string, string>>) =>
    violationsOf({
      sources: Object.fromEntries(Object.entries(texts).map(([name, text]) => [`packages/protocol/src/${name}`, text])),
    });

  test("refuses imports that come back to where they began, once", () => {
    const violations = inFolder({
      "a.ts": 'import { b } from "./b.ts"; export const a = 1;',
      "b.ts": 'import { c } from "./c.ts"; export const b = 1;',
      "c.ts": 'import { a } from "./a.ts"; export const c = 1;',
    });
    assert.deepEqual(violations, ["packages/protocol/src/a.ts: imports go in a circle: a.ts → b.ts → c.ts → a.ts"]);
  });

  test("accepts two modules that know each other's types", () => {
    const violations = inFolder({
      "a.ts": 'import { b } from "./b.ts"; export type A = 1;',
      "b.ts": 'import type { A } from "./a.ts"; export const b = 1;',
    });
    assert.deepEqual(violations, []);
  });
});
