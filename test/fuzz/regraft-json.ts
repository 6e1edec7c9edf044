// Replaces one value anywhere in a JSON text by a hostile one. Texts that are JSON themselves are entered: messages of the
// protocol are JSON in JSON in JSON, and what is interesting stands at the bottom.

import type { SeededRandomness } from "@countersign/simulation";

type Members = Record<string, unknown>;

/** Written into the text in place of a value; these are no JSON that a serialiser would write. */
const raw: readonly string[] = [
  ...["1e999", "-1e999", "123456789012345678901234567890", "-0", "0.1", "1.0", "9007199254740993", '"\\ud800"'],
  ...[
    '{"__proto__":{"polluted":1}}',
    '{"a":1,"a":2}',
    `${"[".repeat(60)}${"]".repeat(60)}`,
    '{"toString":1}',
    "01",
    "",
  ],
];

const values: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    1,
    2 ** 31,
    2 ** 53,
    1e21,
    "",
    " ",
    "a",
    "0",
    "-1",
    "\u0000",
    "\ufffe",
    "x".repeat(70_000),
  ],
  ...[[], {}, [[]], [null], { length: 5 }, "9".repeat(40), "%00", "null", "{}", "[]", "T".repeat(300), "1-4294967295"],
];

const marker = "\u0001hostile\u0001";

/** The input with one value replaced; the input itself when it is no JSON. */
export function regraftJson(input: Buffer, randomness: SeededRandomness): Buffer {
  const changed = regraftText(input.toString("utf8"), randomness);
  return changed === null ? input : Buffer.from(changed);
}

function regraftText(text: string, randomness: SeededRandomness): string | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const isRaw = randomness.nextBelow(3) === 0;
  const grafted = graft(value, randomness, isRaw ? marker : randomness.pick(values));
  // A function as replacement, because `$` in a text would mean something.
  return JSON.stringify(grafted).replace(JSON.stringify(marker), () => randomness.pick(raw));
}

/** Goes down one path, chosen by chance, and replaces, removes, adds or doubles what is at its end. */
function graft(value: unknown, randomness: SeededRandomness, hostile: unknown): unknown {
  if (typeof value === "string" && /^[[{]/.test(value) && randomness.nextBelow(4) !== 0) {
    const inner = regraftText(value, randomness);
    if (inner !== null) return inner;
  }
  if (typeof value !== "object" || value === null || randomness.nextBelow(8) === 0) return hostile;
  const names = Object.keys(value);
  const act = randomness.nextBelow(12);
  if (names.length === 0 || act === 0) return withMember(value, randomness, hostile);
  const name = randomness.pick(names);
  if (act === 1) return without(value, name);
  const replaced = graft((value as Members)[name], randomness, hostile);
  if (Array.isArray(value)) return value.map((item, at) => (String(at) === name ? replaced : item));
  return { ...value, [name]: replaced };
}

function withMember(value: object, randomness: SeededRandomness, hostile: unknown): unknown {
  if (Array.isArray(value)) return Array.from({ length: 1 + randomness.nextBelow(300) }, () => value[0] ?? hostile);
  const name = randomness.pick(["extra", "__proto__", "constructor", "toString", "", "length", "code"]);
  // An own member of this name, as JSON.parse makes it.
  return Object.defineProperty({ ...value }, name, { value: hostile, enumerable: true });
}

function without(value: object, name: string): unknown {
  if (Array.isArray(value)) return value.filter((_, at) => String(at) !== name);
  return Object.fromEntries(Object.entries(value).filter(([each]) => each !== name));
}
