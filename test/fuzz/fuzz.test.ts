// A short run of every fuzzer, the inputs that once broke something, and the proof that the fuzzers can find.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { decodeLicenseFile, encodeLicenseFile, ProtocolError } from "@countersign/protocol";
import { withTargets } from "./all-targets.ts";
import { keptCrashers } from "./crashers.ts";
import type { FuzzTarget } from "./fuzz-target.ts";
import { openLiveExchange } from "./live-exchange.ts";
import { fuzz, inputOf, problemOf } from "./run-fuzz.ts";

const seed = 20_311_121;
const msPerTarget = 250;

test("every parser of foreign bytes takes or refuses whatever fuzzers make, in bounded time and memory", async (t) => {
  await withTargets(async (targets) => {
    let runs = 0;
    for (const target of targets) {
      const result = await fuzz(target, { seed, ms: msPerTarget });
      runs += result.runs;
      const { crasher } = result;
      const repeat = `npm run fuzz -- --target '${target.name}' --seed ${seed} --run ${crasher?.run}`;
      assert.equal(crasher?.problem, undefined, `${target.name}: repeat with ${repeat}`);
      assert.ok(result.runs > 0, `${target.name} was not fed`);
    }
    t.diagnostic(`${runs} inputs for ${targets.length} targets, seed ${seed}`);
    for (const { file, target: name, input } of keptCrashers()) {
      const target = targets.find((each) => each.name === name);
      assert.ok(target !== undefined, `${file} is for a target that there is not: ${name}`);
      assert.equal(await problemOf(target, input), null, file);
    }
  });
});

suite("the fuzzers find what is planted", () => {
  const seeds = [Buffer.from('{"name":"a","nested":"{\\"list\\":[1,2,3]}"}')];
  const planted: Readonly<Record<string, readonly [feed: FuzzTarget["feed"], problem: RegExp]>> = {
    "an error that is no refusal, two texts deep": [
      (input) => {
        const inner = parsed(parsed(input.toString())?.nested);
        if (inner !== undefined && typeof inner.list === "string") throw new TypeError("list.map is not a function");
      },
      /TypeError: list\.map/,
    ],
    "a prototype that is changed": [
      (input) => {
        const value = parsed(input.toString());
        if (value !== undefined && Object.hasOwn(value, "__proto__")) Object.assign(Object.prototype, { planted: 1 });
      },
      /a prototype was changed: Object/,
    ],
  };
  for (const [name, [feed, problem]] of Object.entries(planted)) {
    test(`${name}, and repeat it by its number`, async () => {
      const target: FuzzTarget = { name, grammar: "json", seeds, feed };
      try {
        const { crasher } = await fuzz(target, { seed, ms: 20_000, runsMax: 20_000 });
        assert.match(crasher?.problem ?? "", problem);
        assert.deepEqual(inputOf(target, seed, crasher?.run ?? 0), crasher?.input);
      } finally {
        Reflect.deleteProperty(Object.prototype, "planted");
      }
    });
  }
});

test("deep JSON, huge numbers, members named twice, broken UTF-8 and half characters are refused at the manager's door, each with its code", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "cs-fuzz-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const live = await openLiveExchange(folder);
  const codeFor = async (body: Uint8Array | string) =>
    JSON.parse(JSON.parse(JSON.parse(Buffer.from(await live.ask(Buffer.from(body))).toString()).response).response_data)
      .code;
  const codes = {
    deep: await codeFor(`{"request":${"[".repeat(40)}${"]".repeat(40)}}`),
    huge: await codeFor('{"request":1e999}'),
    twice: await codeFor('{"request":"","request":""}'),
    broken: await codeFor(Buffer.from([0x22, 0xff, 0x22])),
    half: await codeFor('{"request":"\\ud800"}'),
    none: await codeFor(""),
    large: await codeFor(Buffer.alloc(3_145_729, 0x20)),
  };
  await live.close();
  assert.deepEqual(codes, {
    deep: "json_too_deep",
    huge: "invalid_json",
    twice: "duplicate_member",
    broken: "invalid_utf8",
    half: "invalid_json",
    none: "invalid_json",
    large: "message_too_large",
  });
});

test("entities and document types in a licence file are refused with their code, also where nothing would expand them", () => {
  const file = encodeLicenseFile({ reports: [], managerObjects: [], systemInfo: "{}" });
  const bombs = [
    file.replace("<smartLicense>", '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><smartLicense>'),
    file.replace("<smartLicense>", '<!DOCTYPE x SYSTEM "http://localhost/x.dtd"><smartLicense>'),
    file.replace("<data>", "<data>&b;"),
  ];
  for (const bomb of bombs) {
    assert.throws(
      () => decodeLicenseFile(Buffer.from(bomb)),
      (error) => error instanceof ProtocolError && error.code === "file_entity_refused",
    );
  }
});

function parsed(text: unknown): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(String(text));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
