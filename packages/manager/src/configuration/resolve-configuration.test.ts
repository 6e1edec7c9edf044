import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { ConfigurationError, type ConfigurationSources, resolveConfiguration } from "./resolve-configuration.ts";
import { environmentNameOf, flagNameOf, settingNames, settings } from "./settings.ts";

const nothing = { fileText: null, environment: {}, flags: {} };

function problemsOf(sources: Partial<ConfigurationSources>): readonly string[] {
  try {
    resolveConfiguration({ ...nothing, ...sources });
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

test("every default satisfies its own schema", () => {
  for (const name of settingNames) {
    assert.ok(v.safeParse(settings[name].schema as v.GenericSchema, settings[name].default).success, name);
    assert.match(settings[name].sentence, /^[A-Z].*\.$/, name);
  }
  assert.equal(problemsOf({}).length, 0);
});

test("a flag wins over the environment, the environment over the file, the file over the default", () => {
  const fileText = JSON.stringify({ port: 1, host: "10.0.0.1", logLevel: "warn" });
  const environment = { COUNTERSIGN_MANAGER_PORT: "2", COUNTERSIGN_MANAGER_HOST: "10.0.0.2", PATH: "/bin" };
  const { values, sources } = resolveConfiguration({ fileText, environment, flags: { port: "3", json: true } });
  assert.deepEqual([values.port, values.host, values.logLevel, values.keepAliveSeconds], [3, "10.0.0.2", "warn", 75]);
  assert.deepEqual(
    [sources.port, sources.host, sources.logLevel, sources.keepAliveSeconds],
    ["flag", "environment", "file", "default"],
  );
});

test("lists are written with commas outside of files", () => {
  const environment = { COUNTERSIGN_MANAGER_SERVER_NAMES: "one.example, two.example" };
  assert.deepEqual(resolveConfiguration({ ...nothing, environment }).values.serverNames, [
    "one.example",
    "two.example",
  ]);
});

test("an unknown key is an error with its path, in the file and in the environment", () => {
  assert.deepEqual(problemsOf({ fileText: '{"prot":1}' }), ["file: prot: there is no such setting"]);
  assert.deepEqual(problemsOf({ environment: { COUNTERSIGN_MANAGER_PROT: "1" } }), [
    "environment: COUNTERSIGN_MANAGER_PROT: there is no such setting",
  ]);
});

test("a wrong value is named with where it came from, and all problems are named at once", () => {
  const problems = problemsOf({ fileText: '{"port":70000,"host":"a b"}', environment: {}, flags: {} });
  assert.equal(problems.length, 2);
  assert.ok(problems.every((problem) => /^file: (port|host): /.test(problem)));
  assert.match(problemsOf({ fileText: "[]" })[0] ?? "", /is not a JSON object/);
  assert.match(problemsOf({ fileText: "{" })[0] ?? "", /is not JSON/);
});

test("names of settings map one to one to variables and flags", () => {
  assert.equal(environmentNameOf("dataDirectory"), "COUNTERSIGN_MANAGER_DATA_DIRECTORY");
  assert.equal(flagNameOf("dataDirectory"), "data-directory");
});

test("the resolved configuration cannot be changed afterwards", () => {
  const { values } = resolveConfiguration(nothing);
  assert.ok(Object.isFrozen(values));
});
