// UDIs, tags, ranges of report ids, and ID tokens (spec/protocol.md, sections 1, 5 and 10).

import { encodeIdToken, hashIdToken, tagCharactersMax } from "@countersign/protocol";
import { accepted, refused, type Vector, type VectorFile } from "./vector.ts";

const uuid = "727af1d9-6c39-4444-b301-863f81445b72";

function vectorsOf(
  kind: string,
  code: string,
  good: readonly (readonly [string, object])[],
  bad: readonly string[],
): Vector[] {
  const name = (text: string) => JSON.stringify(text.length > 70 ? `${text.slice(0, 40)}... (${text.length})` : text);
  return [
    ...good.map(([text, facts]) => ({ name: name(text), kind, text, expected: accepted({ ...facts }) })),
    ...bad.map((text) => ({ name: name(text), kind, text, expected: refused(code) })),
  ];
}

const udis = vectorsOf(
  "udi",
  "udi_malformed",
  [
    ["PID:EDGE-24,SN:EXA00000001", { pid: "EDGE-24", serialNumber: "EXA00000001" }],
    ["P:EDGE-24,S:EXA00000001", { pid: "EDGE-24", serialNumber: "EXA00000001" }],
    [" PID:A/B+C,SN:x:1\n", { pid: "A/B+C", serialNumber: "x:1" }],
    [`PID:${"A".repeat(64)},SN:1`, { pid: "A".repeat(64), serialNumber: "1" }],
  ],
  [
    "",
    "PID:A",
    "SN:1,PID:A",
    "pid:a,sn:1",
    "PID:A B,SN:1",
    "PID:A,SN:1,",
    "PID:,SN:1",
    `PID:${"A".repeat(65)},SN:1`,
    "PID:\u00c4,SN:1",
    "\u00a0PID:A,SN:1",
    "PID:A,SN:1\ufeff",
  ],
);

const longest = `regid.2017-05.org.${"A".repeat(tagCharactersMax - 59)},1.0_${uuid}`;
const tags = vectorsOf(
  "tag",
  "tag_malformed",
  [
    [
      `regid.2017-05.com.example.C9300,v1_${uuid}`,
      { regid: "regid.2017-05.com.example", name: "C9300", version: "v1", uuid },
    ],
    [`regid.2019-03.org.EDGE_24,1.0_${uuid}`, { regid: "regid.2019-03.org", name: "EDGE_24", version: "1.0", uuid }],
    [longest, { regid: "regid.2017-05.org", name: "A".repeat(tagCharactersMax - 59), version: "1.0", uuid }],
  ],
  [
    "",
    "BASE",
    `regid.2017-05.C9300,v1_${uuid}`,
    `regid.2017-5.org.C9300,v1_${uuid}`,
    `regid.2017-05..C9300,v1_${uuid}`,
    `regid.2017-05.org.C9300,_${uuid}`,
    `regid.2017-05.org.C9300,v1_${"-".repeat(36)}`,
    `regid.2017-05.org.C9300,v1_${uuid}0`,
    `regid.2017-05.org.C 9300,v1_${uuid}`,
    `regid.2017-05.org.C\u00a09300,v1_${uuid}`,
    `regid.2017-05.org.\u00d6,v1_${uuid}`,
    longest.replace("org.", "org.A"),
  ],
);

const ranges = vectorsOf(
  "id-ranges",
  "payload_invalid",
  [
    ["0", { ranges: [[0, 0]] }],
    [
      "12-14,40,43-44",
      {
        ranges: [
          [12, 14],
          [40, 40],
          [43, 44],
        ],
      },
    ],
    ["9007199254740990-9007199254740991", { ranges: [[9007199254740990, 9007199254740991]] }],
  ],
  ["", "1,", "-1", "1-1", "2-1", "1,1", "1,2", "1-2,3", "1-3,2", "01", "1 ,3", "1-2-3", "9007199254740992"],
);

function tokens(): Vector[] {
  const token = {
    uuid: "00000000-0000-4000-8000-000000000007",
    expiresAtMs: 1_767_225_600_000,
    secret: Buffer.from(Array.from({ length: 32 }, (_, index) => index * 7)),
  };
  const facts = {
    uuid: token.uuid,
    expiresAtMs: token.expiresAtMs,
    secret: token.secret.toString("base64"),
    hash: hashIdToken(token),
  };
  const encoded = encodeIdToken(token);
  const wrapped = decodeURIComponent(encoded);
  const line = wrapped.replace(/\n/g, "");
  const plain = (text: string) => Buffer.from(text).toString("base64");
  const secret = token.secret.toString("base64");
  const good = [encoded, encoded.replaceAll("%0A", "%0a"), wrapped, line, `\t${line.slice(0, 9)} ${line.slice(9)}\r\n`];
  const bad = [
    "",
    "%",
    "%E0%A4%A",
    "token",
    line.slice(0, -1),
    `${line}AAAA`,
    line.replace(/.$/, "!"),
    plain(`${token.uuid}-176722560000|${secret}`),
    plain(`${token.uuid}-0767225600000|${secret}`),
    plain(`${token.uuid.replace("0007", "000A")}-1767225600000|${secret}`),
    plain(`${token.uuid}-1767225600000|${secret.slice(0, -4)}`),
    plain(`${token.uuid}-1767225600000|${secret.replace(/.=$/, "l=")}`),
    line.padEnd(1025, " "),
    `\ufeff${line}`,
    `${line.slice(0, 9)}\u0085${line.slice(9)}`,
  ];
  return [
    ...good.map((text, index) => ({
      name: `spelling ${index + 1} of one token`,
      kind: "token",
      text,
      expected: accepted(facts),
    })),
    ...bad.map((text, index) => ({
      name: `no token ${index + 1}`,
      kind: "token",
      text,
      expected: refused("token_malformed"),
    })),
  ];
}

export const identifiers = (): readonly VectorFile[] => [
  { file: "identifiers.json", about: "UDIs, tags and ranges of report ids.", vectors: [...udis, ...tags, ...ranges] },
  { file: "tokens.json", about: "ID tokens: section 10.", vectors: tokens() },
];
