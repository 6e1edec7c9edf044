// What spec/protocol.md lists is what the code has: limits, message types with all their members, statuses, codes.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import * as protocol from "@countersign/protocol";

const projectRoot = dirname(dirname(import.meta.dirname));
const text = readFileSync(join(projectRoot, "spec", "protocol.md"), "utf8");

/** The text of a numbered section, `## 9.` or `### 11.3`, without its subsections' siblings. */
function section(number: string): string {
  const isSub = number.includes(".");
  const parts = text.split(isSub ? /^(?=###? )/m : /^(?=## )/m);
  const found = parts.find((part) => part.startsWith(isSub ? `### ${number} ` : `## ${number}. `));
  assert.ok(found !== undefined, `section ${number} is missing`);
  return found;
}

/** First cells of the table rows of a text whose first cell is code. */
function rows(of: string): readonly (readonly string[])[] {
  const lines = of.split("\n").filter((line) => line.startsWith("| `"));
  return lines.map((line) =>
    line
      .slice(1, -1)
      .split(" | ")
      .map((cell) => cell.trim()),
  );
}

const unquoted = (cell: string | undefined): string => cell?.replaceAll("`", "") ?? "";

/** Names of all members of a schema and of what is inside it, as far as they are objects, lists or pipes of such. */
function memberNames(schema: unknown): readonly string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { entries, item, wrapped, pipe, options } = schema as Record<string, unknown>;
  const inner = [
    item,
    wrapped,
    ...(Array.isArray(pipe) ? pipe.slice(0, 1) : []),
    ...(Array.isArray(options) ? options : []),
  ];
  const own = Object.entries((entries ?? {}) as object);
  return [...own.flatMap(([name, value]) => [name, ...memberNames(value)]), ...inner.flatMap(memberNames)];
}

describe("spec/protocol.md", () => {
  it("has the limits of the code, each with its value and with a code that exists", () => {
    const listed = rows(section("9")).map(([name, value]) => [unquoted(name), Number(value)]);
    const limits = Object.entries(protocol).filter(
      ([name, value]) => name.endsWith("Max") && typeof value === "number",
    );
    const expected = [...limits, ["clockToleranceMs", protocol.clockToleranceMs] as const];
    const derived = ["pushIntervalDaysMax"];
    assert.deepEqual(
      new Map(listed as [string, number][]),
      new Map(expected.filter(([name]) => !derived.includes(name)).sort(byPlaceIn(listed)) as [string, number][]),
    );
    for (const [, , , codes = ""] of rows(section("9"))) {
      for (const [, code = ""] of codes.matchAll(/`(\w+)`/g)) {
        assert.ok(code in protocol.protocolErrors || code === "too_many_reports", code);
      }
    }
  });

  it("has every message type, and names every member of its request and of its answer", () => {
    const headings = [...section("11").matchAll(/^### 11\.\d+ `(\w+)`$/gm)].map(([, name]) => name);
    assert.deepEqual(headings, protocol.requestTypes);
    for (const [index, type] of protocol.requestTypes.entries()) {
      const own = section(`11.${index + 1}`);
      const common =
        section("11").split("### ")[0] + (own.includes("as in 11.") ? section("11.1") + section("11.3") : "");
      const { request, answer } = protocol.messageTable[type];
      for (const name of [...memberNames(request), ...memberNames(answer)]) {
        const isNamed =
          `${common}${own}${section("3")}${section("1")}`.includes(`${name}\``) ||
          `${section("1")}${section("3")}`.includes(`"${name}"`);
        assert.ok(isNamed, `${type} has a member ${name} that the text does not name`);
      }
    }
  });

  it("says of the same types that they may be unsigned", () => {
    const optional = protocol.requestTypes.filter((type) => !protocol.messageTable[type].mustSign);
    for (const [index, type] of protocol.requestTypes.entries()) {
      assert.equal(section(`11.${index + 1}`).includes("MAY be unsigned"), optional.includes(type), type);
    }
  });

  it("has the statuses and codes of the code, in its words and with its retry class", () => {
    const [statuses = "", codes = "", refusals = "", authorization = "", conversion = ""] = section("12")
      .split(/^\| (?=status |code )/m)
      .slice(1);
    assert.deepEqual(
      rows(statuses).map(([status]) => unquoted(status)),
      protocol.statusCodes,
    );
    const listed = rows(codes).map(([code, meaning, retry]) => [unquoted(code), meaning, retry]);
    const known = Object.entries(protocol.protocolErrors).map(([code, { meaning, retry }]) => [code, meaning, retry]);
    assert.deepEqual(listed, known);
    const forReports = Object.entries(protocol.reportRefusals).map(([code, { meaning }]) => [code, meaning]);
    assert.deepEqual(
      rows(refusals).map(([code, meaning]) => [unquoted(code), meaning]),
      forReports,
    );
    const forAuthorization = Object.entries(protocol.authorizationRefusals).map(([code, { meaning }]) => [
      code,
      meaning,
    ]);
    assert.deepEqual(
      rows(authorization).map(([code, meaning]) => [unquoted(code), meaning]),
      forAuthorization,
    );
    const forConversion = Object.entries(protocol.conversionRefusals).map(([code, { meaning }]) => [code, meaning]);
    assert.deepEqual(
      rows(conversion).map(([code, meaning]) => [unquoted(code), meaning]),
      forConversion,
    );
  });

  it("has the default policy of the code", () => {
    const listed = rows(section("7")).map(([name, ...days]) => [unquoted(name), ...days.map(Number)]);
    const known = protocol.licenseClasses.map((name) => [
      name,
      ...protocol.policyDemands.map((demand) => protocol.defaultPolicy.classes[name][demand].value),
    ]);
    assert.deepEqual(listed, known);
  });

  it("announces the capabilities of the code", () => {
    for (const name of [...protocol.agentCapabilities, ...protocol.managerCapabilities]) {
      assert.ok(section("1").includes(`\`${name}\``), name);
    }
  });

  it("has every section that the code cites", () => {
    const files = globSync("packages/*/src/**/*.ts", { cwd: projectRoot });
    const cited = files.flatMap((file) => [
      ...readFileSync(join(projectRoot, file), "utf8").matchAll(/spec(?:\/protocol\.md)?,? section (\d+)/g),
    ]);
    assert.ok(cited.length > 5);
    for (const [, number = ""] of cited) section(number);
  });
});

/** Sorts entries as the list has them; what it lacks comes last and makes the comparison fail. */
function byPlaceIn(listed: readonly (readonly unknown[])[]) {
  const places = listed.map(([name]) => name);
  return ([one]: readonly unknown[], [other]: readonly unknown[]) => places.indexOf(one) - places.indexOf(other);
}
