import assert from "node:assert/strict";
import { test } from "node:test";
import { readAnswer } from "./sntp-client.ts";

const mark = Buffer.from("0123456789abcdef", "hex");
const sentAtMs = Date.parse("2031-01-24T23:02:12.000Z");

/** An answer of a server whose clock is an hour ahead, 40 ms away. */
function answer(change: (packet: Buffer) => void = () => undefined): Buffer {
  const packet = Buffer.alloc(48);
  packet.writeUInt8(0x24, 0);
  packet.writeUInt8(2, 1);
  packet.set([192, 0, 2, 7], 12);
  mark.copy(packet, 24);
  const seconds = sentAtMs / 1000 + 3_600 + 2_208_988_800;
  for (const at of [32, 40]) {
    packet.writeUInt32BE(seconds % 2 ** 32, at);
    packet.writeUInt32BE(0.02 * 2 ** 32, at + 4);
  }
  change(packet);
  return packet;
}

const read = (packet: Buffer) => readAnswer(packet, mark, sentAtMs, sentAtMs + 40);

test("[CLI-20] offset and delay come from the four times", () => {
  const read0 = read(answer());
  assert.ok(read0.outcome === "answered");
  assert.deepEqual([Math.round(read0.offsetMs), Math.round(read0.delayMs)], [3_600_000, 40]);
  assert.deepEqual([read0.stratum, read0.referenceId], [2, "192.0.2.7"]);
});

test("a server of the first stratum names its clock", () => {
  const gps = read(answer((packet) => packet.writeUInt8(1, 1) && packet.write("GPS\0", 12, "latin1")));
  assert.ok(gps.outcome === "answered" && gps.referenceId === ".GPS.");
});

test("what is no answer to the question, or has no time, is not used", () => {
  const wrongs: readonly (readonly [string, Buffer])[] = [
    ["an answer of 47 bytes", answer().subarray(0, 47)],
    ["no answer of a server", answer((packet) => packet.writeUInt8(0x23, 0))],
    ["an answer to another question", answer((packet) => packet.writeUInt8(9, 24))],
    [
      "the server sends away: .RATE.",
      answer((packet) => packet.writeUInt8(0, 1) && packet.write("RATE", 12, "latin1")),
    ],
    ["the server has no time itself", answer((packet) => packet.writeUInt8(16, 1))],
    ["the server has no time itself", answer((packet) => packet.writeUInt8(0xe4, 0))],
    ["an answer without a time", answer((packet) => packet.fill(0, 40))],
  ];
  for (const [reason, packet] of wrongs) assert.deepEqual(read(packet), { outcome: "not usable", reason });
});

test("after the seconds of NTP began anew in 2036, times are right", () => {
  const later = Date.parse("2040-01-01T00:00:00.000Z");
  const packet = answer((one) => {
    for (const at of [32, 40]) one.writeUInt32BE((later / 1000 + 2_208_988_800) % 2 ** 32, at);
    for (const at of [36, 44]) one.writeUInt32BE(0, at);
  });
  const found = readAnswer(packet, mark, later, later);
  assert.ok(found.outcome === "answered" && Math.abs(found.offsetMs) < 1);
});
