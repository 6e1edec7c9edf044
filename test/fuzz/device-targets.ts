// What people and programs type at a device: console lines, and what comes over its control socket.

import { connect } from "node:net";
import { TransportFailure } from "@countersign/agent";
import { type Device, makeUser, startDevice } from "@countersign/device";
import type { FuzzTarget } from "./fuzz-target.ts";

const user = { name: "fuzz", privilege: 15, password: "changed-by-nobody", publicKeys: [] };
/** HTTP Basic of that user. */
export const deviceAuthorization = `Basic ${Buffer.from(`${user.name}:${user.password}`).toString("base64")}`;

export async function startFuzzedDevice(stateDirectory: string): Promise<Device> {
  return startDevice({
    ...{ stateDirectory, platform: "c8000v", keyType: "p-256" },
    https: { port: 0, users: [await makeUser(user)] },
    exchange: async () => {
      throw new TransportFailure("connection_timed_out");
    },
  });
}

const lines = [
  ...["show license all", "show license summary | include Status", "show license usage", "show license rum id all"],
  ...["show license status", "license smart url default", "show license history message", "show license tech support"],
];

export function deviceTargets(device: Device): readonly FuzzTarget[] {
  return [
    {
      ...{ name: "console line", grammar: "words", seeds: lines.map((line) => Buffer.from(line)) },
      feed: async (input) => {
        const { outcome } = await device.execute(input.toString("utf8"));
        if (outcome === "failed") throw new Error("the console failed");
      },
    },
    {
      ...{
        name: "control socket",
        grammar: "json",
        seeds: lines.map((command) => Buffer.from(JSON.stringify({ command }))),
      },
      feed: (input) => askOnce(device.controlSocketPath ?? "", input),
    },
  ];
}

/** Sends one line and waits for one JSON line with a known outcome. */
function askOnce(path: string, input: Buffer): Promise<void> {
  const line = Buffer.from(input.filter((byte) => byte !== 10));
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    let answer = "";
    socket.on("error", reject);
    socket.on("connect", () => socket.write(Buffer.concat([line, Buffer.of(10)])));
    socket.setEncoding("utf8").on("data", (chunk) => {
      answer += chunk;
      if (!answer.includes("\n")) return;
      socket.destroy();
      const { outcome, json } = JSON.parse(answer.slice(0, answer.indexOf("\n")));
      if (json?.code === "internal_error") reject(new Error(`the device failed: ${json.message}`));
      else if (["done", "mistake", "refused", "failed"].includes(outcome)) resolve();
      else reject(new Error(`no known outcome: ${outcome}`));
    });
  });
}
