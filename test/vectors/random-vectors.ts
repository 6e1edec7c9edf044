// Random inputs for every kind of vector that needs no manager's key: mostly wrong ones, near to right ones.

import {
  formatTag,
  licenseClasses,
  type RequestType,
  requestTypes,
  type Sudi,
  signReport,
  tagCharactersMax,
} from "@countersign/protocol";
import * as arbitrary from "@countersign/protocol/test-support/arbitraries";
import {
  agentConnectInfo,
  nonce,
  productTag,
  requestDataSamples,
  rumReport,
  sudi,
} from "@countersign/protocol/test-support/samples";
import fc from "fast-check";

/** A vector without `expected`. */
export type Input = { readonly name: string; readonly kind: string; readonly [input: string]: unknown };

type Kind = readonly [kind: string, inputs: fc.Arbitrary<object | Promise<object>>];

const base64Of = (text: string | Uint8Array): string => Buffer.from(text as Uint8Array).toString("base64");
const letters = (text: string) => fc.constantFrom(...text);

const jsonPieces = fc.constantFrom(
  ...'{}[]",:\\u0d8aE1.e+- tn\u00e9\n\u0001',
  '"a":',
  "true",
  "null",
  "12345678901234567890",
  "\\ud800",
  "\\udc00",
  "1.0",
  "1e3",
);
const jsonTexts = fc.oneof(
  fc.string({ unit: jsonPieces, maxLength: 14 }),
  fc
    .jsonValue({ maxDepth: 4 })
    .map((value) => JSON.stringify(value))
    .filter((text) => !/\d\.\d{9}|e[+-]\d/.test(text)),
  fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.concat([Buffer.from('"'), bytes, Buffer.from('"')])),
);

/** Writing a value down changes numbers between 2^53 and 10^21 that had a fraction or exponent: they come back as integers. */
function isTellable(text: string | Buffer): boolean {
  const numbers = text.toString().match(/[\d.]+(?:[eE][+-]?\d+)?/g) ?? [];
  const isChanged = (spelled: string) =>
    /[.eE]/.test(spelled) && Number(spelled) > Number.MAX_SAFE_INTEGER && Number(spelled) < 1e21;
  return !numbers.some(isChanged);
}

const oddBlanks = " \u00a0\ufeff\u0085\u3000\t\n";
const alteredTags = fc
  .tuple(arbitrary.tagParts, fc.nat({ max: 90 }), letters(`,._-A\u0130${oddBlanks}`))
  .map(([parts, at, letter]) => formatTag(parts).slice(0, at) + letter + formatTag(parts).slice(at + 1))
  .filter((text) => text.length <= tagCharactersMax + 1);

const token = Buffer.from(
  `00000000-0000-4000-8000-000000000007-1767225600000|${Buffer.alloc(32, 7).toString("base64")}`,
).toString("base64");
const alteredTokens = fc
  .tuple(fc.nat({ max: token.length }), letters(`AZ%=+/_-!${oddBlanks}`), fc.boolean())
  .map(([at, letter, replaces]) => token.slice(0, at) + letter + token.slice(replaces ? at + 1 : at));

const oddValues = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1.5,
    2,
    "",
    "x",
    [],
    {},
    "1",
    "01",
    "1-2",
    " ",
    "\u0661",
    "1\n",
    3650,
    3651,
    65_535,
    65_536,
  ),
  fc.constantFrom<unknown>("a".repeat(257), "\u{1f600}".repeat(128), "\u{1f600}".repeat(129), Number.MAX_SAFE_INTEGER),
  fc.jsonValue({ maxDepth: 1 }).filter((value) => typeof value !== "number"),
);

/** The value with one place in it, anywhere, holding something else. */
function regrafted(value: unknown): fc.Arbitrary<unknown> {
  return fc.tuple(fc.constantFrom(...placesIn(value)), oddValues).map(([path, odd]) => replaceAt(value, path, odd));
}

type Path = readonly string[];

function placesIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, member]) => placesIn(member, [...path, name]))];
}

function replaceAt(value: unknown, [name, ...rest]: Path, replacement: unknown): unknown {
  if (name === undefined) return replacement;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  copy[name] = replaceAt(copy[name], rest, replacement);
  return copy;
}

const richMeta = { clock_change_delta: "-5", added_sudi_list: [sudi], merged_measurements: 3, termination_reason: "x" };
const richReport = {
  ...rumReport,
  meta: { ...rumReport.meta, merged_report_ids: "1-3,9" },
  measurements: [{ ...rumReport.measurements[0], meta: richMeta }],
};
const reports = regrafted(richReport).map(async (payload) => {
  const report = await signReport(JSON.stringify(payload), { kind: "builtin", sudi, productTag });
  return { text: JSON.stringify(report), known: [] };
});

function requestOf(type: RequestType): fc.Arbitrary<object> {
  const header = {
    request_type: type,
    sudi,
    version: "1.3",
    locale: "x",
    product_instance_identifier: "",
    nonce,
    timestamp: 1,
  };
  const whole = { header: { ...header, connect_info: agentConnectInfo }, request_data: requestDataSamples[type] };
  return regrafted(whole).map((request) => ({ body: base64Of(JSON.stringify({ request })), known: [] }));
}

const classes = fc.shuffledSubarray([...licenseClasses]);
const moment = fc.option(fc.integer({ min: 0, max: 2_000_000_000_000 }));
const udiText = ({ udi_pid, udi_serial_number }: Sudi) => `PID:${udi_pid},SN:${udi_serial_number}`;

const kinds: readonly Kind[] = [
  ["json", jsonTexts.filter(isTellable).map((text) => ({ bytes: base64Of(text) }))],
  ["id-ranges", fc.string({ unit: letters("0123-,9"), maxLength: 10 }).map((text) => ({ text }))],
  ["udi", fc.string({ unit: letters(`PIDSN:,AZ${oddBlanks}`), maxLength: 12 }).map((text) => ({ text }))],
  ["udi", fc.tuple(arbitrary.sudi, letters(oddBlanks)).map(([each, blank]) => ({ text: `${udiText(each)}${blank}` }))],
  ["tag", alteredTags.map((text) => ({ text }))],
  ["token", alteredTokens.map((text) => ({ text }))],
  ["report", reports],
  ...requestTypes.map((type): Kind => ["request", requestOf(type)]),
  [
    "policy-merge",
    fc.record({
      layers: fc.array(arbitrary.policyLayer, { maxLength: 5 }),
      policyVersion: fc.nat(),
      issuedAtMs: fc.nat(),
    }),
  ],
  [
    "deadline",
    fc.record({
      policy: arbitrary.policy,
      classesInUse: classes,
      classesChanged: classes,
      firstUseAtMs: moment,
      lastAckAtMs: moment,
      changedAtMs: moment,
    }),
  ],
  [
    "push-interval",
    fc.record({
      policy: arbitrary.policy,
      classesInUse: classes,
      hasAck: fc.boolean(),
      configuredDays: fc.option(fc.integer({ min: 1, max: 400 })),
    }),
  ],
  [
    "sample-count",
    fc.record({ intervalSeconds: fc.nat(), clockChangeDeltaSeconds: fc.integer({ min: -1_000_000, max: 1_000_000 }) }),
  ],
];

/** So many random inputs of each kind, the same for the same seed. */
export async function randomInputs(seed: number, eachKind: number): Promise<readonly Input[]> {
  const inputs: Input[] = [];
  for (const [kind, arbitraryInputs] of kinds) {
    for (const input of fc.sample(arbitraryInputs, { seed, numRuns: eachKind })) {
      inputs.push({ name: `${kind} ${inputs.length}`, kind, ...(await input) });
    }
  }
  return inputs;
}
