// enrol: ID_TOKEN_TRUST of devices never seen, each answered with an ID certificate and a signed trust code.

import { join } from "node:path";
import { type BenchContext, type Figure, figureOf } from "../figure.ts";
import { type LoadResult, runClosedLoop } from "../load/closed-loop.ts";
import { createDeviceKeys } from "../load/device-keys.ts";
import { createEnrollees, type EnrolmentMessage, encodeEnrolments } from "../load/enrolment-messages.ts";
import type { LoadTarget } from "../load/keep-alive-connection.ts";
import { readTrust } from "../load/trusted-instances.ts";
import { licensePath } from "../load/wire-constants.ts";
import { rootOf, withCeiling, withConnections, withManager } from "../programs/manager-session.ts";

const connectionCount = 32;
const keyCount = 64;
const warmUpDevices = 300;
const timedDevices = 3_000;
const verifyEvery = 50;

export async function measureEnrol(context: BenchContext): Promise<Figure> {
  const { directory, profileDirectory, progress } = context;
  progress(`making ${keyCount} RSA keys`);
  const keys = await createDeviceKeys("rsa-2048", keyCount);
  const { managed, messages } = await withManager(join(directory, "manager"), profileDirectory, async ({ ready }) => {
    progress(`signing ${warmUpDevices + timedDevices} certificate requests`);
    const messages = await encodeEnrolments(ready.token, createEnrollees("ENROL", warmUpDevices + timedDevices, keys));
    progress("manager");
    const managed = await enrolAll(context, ready, messages);
    const root = rootOf(ready);
    for (const { index, answer } of managed.kept)
      await readTrust(messages[warmUpDevices + index] as EnrolmentMessage, answer, root);
    return { managed, messages };
  });
  progress("ceiling");
  const ceiling = await withCeiling("enrol", [directory], ({ ready }) => enrolAll(context, ready, messages));
  return figureOf({
    name: "enrol",
    value: managed.perSecond,
    unit: "devices/s",
    ceiling: ceiling.perSecond,
    p50Ms: managed.p50Ms,
    p99Ms: managed.p99Ms,
    note:
      `${timedDevices} new devices over ${connectionCount} keep-alive TLS connections in ${managed.seconds.toFixed(1)} s, one token; ` +
      `RSA-2048 keys from a pool of ${keyCount}, certificate requests signed ahead, one trust code in ${verifyEvery} verified ` +
      "afterwards. Ceiling: the request verified, certificate, trust code and answer signed, six rows durable, nothing else.",
  });
}

async function enrolAll(
  { signal }: BenchContext,
  target: LoadTarget,
  messages: readonly EnrolmentMessage[],
): Promise<LoadResult> {
  const bodies = messages.map(({ body }) => body);
  return withConnections(target, connectionCount, async (connections) => {
    const common = { connections, path: licensePath, signal, keepEvery: verifyEvery };
    await runClosedLoop({ ...common, messages: bodies.slice(0, warmUpDevices) });
    return runClosedLoop({ ...common, messages: bodies.slice(warmUpDevices) });
  });
}
