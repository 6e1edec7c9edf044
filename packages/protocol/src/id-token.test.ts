import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeIdToken, hashIdToken, isSameTokenHash, parseIdToken } from "./id-token.ts";
import { tokenCharactersMax } from "./limits.ts";
import { assertRefused } from "./test-support/expectations.ts";

const token = {
  uuid: "00000000-0000-4000-8000-000000000007",
  expiresAtMs: 1_767_225_600_000,
  secret: Buffer.from(Array.from({ length: 32 }, (_, index) => index * 7)),
};
const encoded = encodeIdToken(token);
const plainBase64 = decodeURIComponent(encoded).replace(/\n/g, "");
const tokenOf = (plain: string) => Buffer.from(plain).toString("base64");

describe("an ID token", () => {
  it("[TOK-6] is percent-encoded base64 in lines of sixty, of uuid, expiry and 32 bytes", () => {
    assert.match(encoded, /^(?:[A-Za-z0-9]|%2F|%2B|%3D|%0A)+%0A$/);
    const lines = decodeURIComponent(encoded).split("\n");
    assert.equal(lines.at(-1), "");
    assert.ok(lines.slice(0, -2).every((line) => line.length === 60));
    const plain = Buffer.from(plainBase64, "base64").toString();
    assert.equal(plain, `${token.uuid}-1767225600000|${token.secret.toString("base64")}`);
  });

  it("[TOK-6] is read encoded, decoded, on one line or wrapped otherwise, and is one token in every spelling", () => {
    const spellings = [
      encoded,
      encoded.replaceAll("%0A", "%0a"),
      decodeURIComponent(encoded),
      plainBase64,
      `\n${plainBase64.slice(0, 10)} ${plainBase64.slice(10)}\t`,
    ];
    const hashes = new Set(spellings.map((spelling) => hashIdToken(parseIdToken(spelling))));
    assert.equal(hashes.size, 1);
    const [hash = ""] = hashes;
    assert.ok(isSameTokenHash(hash, hashIdToken(token)));
    assert.match(hash, /^[0-9a-f]{64}$/);
  });

  it("is another one when any of its characters is", async () => {
    const hash = hashIdToken(token);
    for (let at = 0; at < plainBase64.length; at += 1) {
      for (const letter of ["A", "b", "9", "+", "=", "!", "\u00e9"]) {
        if (plainBase64[at] === letter) continue;
        const altered = plainBase64.slice(0, at) + letter + plainBase64.slice(at + 1);
        try {
          assert.equal(isSameTokenHash(hashIdToken(parseIdToken(altered)), hash), false, altered);
        } catch (error) {
          await assertRefused("token_malformed", () => {
            throw error;
          });
        }
      }
    }
  });

  it("is refused when it is anything else, and the refusal never quotes it", async () => {
    const secret = token.secret.toString("base64");
    const wrong = [
      "",
      "%",
      "%E0%A4%A",
      "token",
      plainBase64.slice(0, -1),
      `${plainBase64}AAAA`,
      `${plainBase64}\ufeff`,
      `\u00a0${plainBase64}`,
      plainBase64.replace(/=*$/, "!"),
      tokenOf(`${token.uuid.toUpperCase().replace("0007", "000A")}-1767225600000|${secret}`),
      tokenOf(`${token.uuid}-176722560000|${secret}`),
      tokenOf(`${token.uuid}-0767225600000|${secret}`),
      tokenOf(`${token.uuid}-1767225600000|${secret.slice(0, -4)}`),
      tokenOf(
        `${token.uuid}-1767225600000|${secret.replace(/.=$/, (end) => `${String.fromCharCode(end.charCodeAt(0) + 1)}=`)}`,
      ),
      tokenOf(`x${token.uuid}-1767225600000|${secret}`),
    ];
    for (const text of wrong) {
      await assertRefused("token_malformed", () => parseIdToken(text), text);
    }
    assert.throws(
      () => parseIdToken(`${plainBase64}SECRET`),
      (error: Error) => !error.message.includes(plainBase64),
    );
  });

  it("is looked at only up to the limit of its characters", async () => {
    const padded = (length: number) => plainBase64.padEnd(length, " ");
    parseIdToken(padded(tokenCharactersMax));
    await assertRefused("token_malformed", () => parseIdToken(padded(tokenCharactersMax + 1)));
  });

  it("is not made of what could not be read again", () => {
    assert.throws(() => encodeIdToken({ ...token, expiresAtMs: 1 }), /broken promise/);
    assert.throws(() => encodeIdToken({ ...token, secret: Buffer.alloc(31) }), /broken promise/);
    assert.throws(() => encodeIdToken({ ...token, uuid: "x" }), /broken promise/);
  });
});
