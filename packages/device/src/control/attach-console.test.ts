import assert from "node:assert/strict";
import { test } from "node:test";
import { startTestDevice, temporaryFolder } from "../test-support/test-device.ts";
import { attachConsole } from "./attach-console.ts";

test("the local terminal gets a session of the running device until it leaves", async (t) => {
  const state = temporaryFolder(t);
  await startTestDevice(t, { stateDirectory: state });
  let screen = "";
  let type: (bytes: Uint8Array) => void = () => undefined;
  let size = { columns: 80, rows: 0 };
  let resized = (): void => undefined;
  const typed = ["enable\r", "terminal length 5\r", "show license status\r", "q", "exit\r"];
  const ended = await attachConsole(state, {
    size: () => size,
    onInput: (listener) => {
      type = listener;
      return () => undefined;
    },
    onEnd: () => () => undefined,
    onResize: (listener) => {
      resized = listener;
      return () => undefined;
    },
    write: (text) => {
      screen += text;
      if (!/([>#]|--More-- )$/.test(screen)) return;
      size = { columns: 100, rows: 0 };
      if (typed.length === 5) resized();
      type(Buffer.from(typed.shift() ?? ""));
    },
  });
  assert.equal(ended, true);
  assert.match(
    screen,
    /c9300-stack>enable\r\nc9300-stack#terminal length 5\r\n[\s\S]*--More--[\s\S]*c9300-stack#exit\r\n$/,
  );
});

test("without a running device nobody is attached", async (t) => {
  const nobody = () => () => undefined;
  const size = () => ({ columns: 80, rows: 24 });
  const terminal = { size, onInput: nobody, onEnd: nobody, onResize: nobody, write: () => undefined };
  assert.equal(await attachConsole(temporaryFolder(t), terminal), false);
});
