import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { answerBytesMax, questions } from "../asking/ask-device.ts";
import { called } from "../test-support/called.ts";
import { device } from "./device.ts";

test("doctor device only asks, and ends with 2 where no device answers or answers too much", async () => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-doctor-device-"));
  const asked: string[] = [];
  let answer = (): string =>
    `${JSON.stringify({ outcome: "done", text: "Reporting push interval: 0 (no reporting)" })}\n`;
  const server = createServer((socket) => {
    socket
      .on("error", () => undefined)
      .once("data", (line) => {
        asked.push(JSON.parse(String(line)).command);
        socket.end(answer());
      });
  });
  try {
    assert.equal((await called(device, [folder])).exitCode, 2);
    assert.equal((await called(device, [])).exitCode, 2);
    server.listen(join(folder, "control.sock"));
    await once(server, "listening");
    const { exitCode, out } = await called(device, [folder]);
    assert.deepEqual([exitCode, out.split("\n")[0]], [0, "1 note"]);
    assert.deepEqual(asked, questions);
    assert.ok(asked.every((command) => command.startsWith("show ")));
    const small = answer;
    const withFirstAnswerOf = (bytes: number) => {
      answer = () => {
        answer = small;
        return `{"text":"${"x".repeat(bytes - 12)}"}\n`;
      };
      return called(device, [folder]);
    };
    assert.equal((await withFirstAnswerOf(answerBytesMax)).exitCode, 0);
    const large = await withFirstAnswerOf(answerBytesMax + 1);
    assert.deepEqual([large.exitCode, /more than \d+ bytes/.test(large.err)], [2, true]);
    answer = () => "no device\n";
    assert.match((await called(device, [folder])).err, /whoever answers is no device/);
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
});
