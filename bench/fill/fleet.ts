// A manager's data directory with many product instances in it, made once per run of the bench and shared by its figures.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createSigner } from "@countersign/protocol";
import { createDeviceKeys, type DeviceKey } from "../load/device-keys.ts";
import { createEnrollees } from "../load/enrolment-messages.ts";
import type { KeepAliveConnection } from "../load/keep-alive-connection.ts";
import { establishTrust } from "../load/trusted-instances.ts";
import type { ReportingInstance } from "../load/usage-messages.ts";
import { startChild } from "../programs/child-program.ts";
import { withConnections, withManager } from "../programs/manager-session.ts";
import { filledIdentity } from "./filled-identity.ts";

/** What the filler repeats: base64 of DER. */
export type TemplateDevice = { readonly publicKey: string; readonly certificate: string; readonly tokenId: number };

export type Fleet = {
  readonly dataDirectory: string;
  readonly count: number;
  /** Instances from all over the fleet, each going on where it stopped; none comes twice before all have come once. */
  choose(count: number): readonly ReportingInstance[];
};

/** Templates: real devices whose keys and certificates the filled ones share. */
const templateCount = 64;
const fillProgram = new URL("./fill-program.ts", import.meta.url);

/** Makes a manager with `count` product instances below the given directory. */
export async function createFleet(directory: string, count: number, progress: (text: string) => void): Promise<Fleet> {
  const dataDirectory = join(directory, `fleet-${count}`);
  const keys = await createDeviceKeys("rsa-2048", templateCount);
  const enrollees = createEnrollees("TEMPLATE", templateCount, keys);
  const templates = await withManager(dataDirectory, null, ({ ready }) =>
    withConnections(ready, 1, ([connection]) =>
      establishTrust(connection as KeepAliveConnection, ready.rootCertificatePem, ready.token, enrollees),
    ),
  );
  progress(`filling a database with ${count} product instances`);
  const templateFile = join(directory, `fleet-${count}.json`);
  writeFileSync(templateFile, JSON.stringify(templates.map(templateOf)));
  const databaseFile = join(dataDirectory, "manager.sqlite");
  const parameters = [databaseFile, `${count}`, templateFile];
  // Its first line says that it is done.
  const filler = await startChild<object>(fillProgram, { parameters, profileDirectory: null });
  await filler.stop();
  return { dataDirectory, count, choose: chooserOf(templates, keys, count) };
}

function templateOf({ publicKey, certificate }: ReportingInstance): TemplateDevice {
  return {
    publicKey: publicKey.export({ type: "spki", format: "der" }).toString("base64"),
    certificate: certificate.raw.toString("base64"),
    tokenId: 1,
  };
}

function chooserOf(
  templates: readonly ReportingInstance[],
  keys: readonly DeviceKey[],
  count: number,
): Fleet["choose"] {
  const used = new Map<number, ReportingInstance>();
  const step = spreadStep(count);
  let chosen = 0;
  const instanceAt = (index: number): ReportingInstance => {
    const known = used.get(index);
    if (known !== undefined) return known;
    const template = templates[index % templates.length] as ReportingInstance;
    const key = keys[index % keys.length] as DeviceKey;
    const { sudi, productInstanceIdentifier, certificateSerial } = filledIdentity(index);
    const signer = createSigner(key.privateKey);
    const instance = { ...template, sudi, productInstanceIdentifier, certificateSerial, signer, nextReportId: 2 };
    used.set(index, instance);
    return instance;
  };
  return (wanted) =>
    Array.from({ length: wanted }, () => {
      chosen += 1;
      return instanceAt((chosen * step) % count);
    });
}

/**
 * Steps of this length lead all over the fleet, in an order that no cache likes, and to each instance once before any
 * comes twice, because the length has no factor in common with the fleet's size.
 */
function spreadStep(count: number): number {
  let step = Math.floor(count * 0.618_033_988_75) | 1;
  while (greatestCommonDivisor(step, count) !== 1) step += 2;
  return step;
}

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other);
}
