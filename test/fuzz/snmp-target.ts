// What strangers on the network send to the SNMP port of a device.

import { createSocket } from "node:dgram";
import type { Device } from "@countersign/device";
import type { FuzzTarget } from "./fuzz-target.ts";

const community = "reading";
const requestIdAt = 17;

/** GET of sysName.0, version 2c. */
function snmpGet(requestId: number): Buffer {
  const start = [0x30, 0x2a, 0x02, 0x01, 0x01, 0x04, community.length, ...Buffer.from(community), 0xa0, 0x1c];
  const id = Buffer.alloc(4);
  id.writeUInt32BE(requestId);
  const name = [0x06, 0x08, 0x2b, 0x06, 0x01, 0x02, 0x01, 0x01, 0x05, 0x00];
  return Buffer.from([
    ...[...start, 0x02, 0x04, ...id, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00],
    ...[0x30, 0x0e, 0x30, 0x0c, ...name, 0x05, 0x00],
  ]);
}

/** Version 3: who are you (RFC 3414, section 4). */
const snmpDiscovery = Buffer.from(
  "303e020103301102040a0b0c0d020300ffe30401040201030410300e0400020100020100040004000400301404000400a00e0204010203040201000201003000",
  "hex",
);

const askAgainMs = 300;

/** A packet has no answer for certain, so a right question follows it: the device must still answer that. */
export async function snmpTarget(device: Device): Promise<FuzzTarget> {
  for (const line of ["snmp-server listen 127.0.0.1 port 0", `snmp-server community ${community} ro`]) {
    const { outcome, output } = await device.execute(line);
    if (outcome !== "done") throw new Error(`${line}: ${output}`);
  }
  const { listening } = (await device.execute("show snmp")).json as { readonly listening: { readonly port: number } };
  let requestId = 0x01000000;
  return {
    ...{ name: "SNMP packet", grammar: "der", seeds: [snmpGet(1), snmpDiscovery] },
    feed: (input) => {
      requestId += 1;
      return sendThenAsk(listening.port, input, snmpGet(requestId));
    },
  };
}

function sendThenAsk(port: number, packet: Buffer, question: Buffer): Promise<void> {
  const socket = createSocket("udp4");
  const id = question.subarray(requestIdAt + 1, requestIdAt + 5);
  return new Promise((resolve, reject) => {
    const ask = () => socket.send(question, port, "127.0.0.1");
    const again = setInterval(ask, askAgainMs);
    const end = (error?: Error) => {
      clearInterval(again);
      socket.close();
      if (error === undefined) resolve();
      else reject(error);
    };
    socket.on("error", end);
    socket.on("message", (answer) => {
      if (answer.includes(id)) end();
    });
    socket.send(packet.subarray(0, 60_000), port, "127.0.0.1", ask);
  });
}
