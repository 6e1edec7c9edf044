// Collecting: the relay asks a device for its reports, keeps them as a file that waits for the manager, and brings the answer back.
// The reports are the device's own signed ones, byte for byte; a relay opens none of them further than to know whose they are.

import {
  decodeSignedReport,
  encodeLicenseFile,
  formatUdi,
  ProtocolError,
  parseJson,
  type SignedReport,
  udiOf,
} from "@countersign/protocol";
import type { CollectedDevice } from "../devices/collected-device.ts";
import { digestOf } from "../holding/held-request.ts";
import type { Log } from "../logging/log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { CarriedStore, Clock, DeviceClient, DeviceStore, HeldStore, Randomness } from "../ports.ts";
import { RelayError } from "../relay-error.ts";
import { reportsPerFileMax } from "./carry-bundle.ts";

/** Characters of its reports: as base64, and with what stands around it, the file has to fit into one message upwards. */
const charactersPerFileMax = 3_500_000;

export type CollectPorts = {
  readonly store: HeldStore & CarriedStore;
  readonly devices: DeviceStore;
  readonly client: DeviceClient;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Aborted when the relay stops: nothing is asked any more, and no device is blamed for that. */
  readonly signal: AbortSignal;
};

export type Collection = {
  readonly device: string;
  readonly udi: string | null;
  /** Reports that the device gave. */
  readonly reports: number;
  /** Answers of the manager that were brought back. */
  readonly delivered: number;
  readonly code: string | null;
};

/** One device after the other: a relay is in no hurry, and each of them has a small processor. */
export async function collectFromAll(ports: CollectPorts, name?: string): Promise<readonly Collection[]> {
  const devices = ports.devices.list().filter((device) => name === undefined || device.name === name);
  if (name !== undefined && devices.length === 0) throw new RelayError("device_unknown", name);
  const collections: Collection[] = [];
  for (const device of devices) {
    if (ports.signal.aborted) break;
    collections.push(await collectFrom(device, ports));
  }
  return collections;
}

/** What was answered goes back first, so that the device need not give it again. */
async function collectFrom(device: CollectedDevice, ports: CollectPorts): Promise<Collection> {
  const { devices, clock, log, metrics } = ports;
  let collection: Collection;
  try {
    const before = device.udi === null ? 0 : await deliver(device, device.udi, ports);
    const { udi, reports } = await collect(device, ports);
    collection = { device: device.name, udi: udi ?? device.udi, reports, delivered: before, code: null };
    log.info("device_collected", { device: device.name, count: reports });
  } catch (error) {
    if (!(error instanceof RelayError) && !(error instanceof ProtocolError)) throw error;
    collection = { device: device.name, udi: device.udi, reports: 0, delivered: 0, code: error.code };
    if (ports.signal.aborted) return collection;
    log.warn("device_failed", { device: device.name, code: error.code });
  }
  const outcome = collection.code ?? "collected";
  metrics.collected(outcome);
  devices.noteContact(device.name, { atMs: clock.now(), udi: collection.udi, outcome });
  return collection;
}

async function collect(device: CollectedDevice, { store, client, clock, randomness }: CollectPorts) {
  await client.closeReports(device);
  const reports = readReports(await client.allReports(device));
  const [first] = reports;
  if (first === undefined) return { udi: null, reports: 0 };
  // The device that reports signs all of them; before a switchover it was another member of the same installation.
  const { sudi } = (reports.at(-1) ?? first).signature;
  const udi = formatUdi(udiOf(sudi));
  for (const part of filesOf(reports)) {
    const file = encodeLicenseFile({ reports: part, managerObjects: [], systemInfo: JSON.stringify({ sudi }) });
    const nonce = Buffer.from(randomness.bytes(7)).readUIntBE(0, 6).toString(10);
    store.hold({
      ...{ kind: "usage-file", udi, digest: digestOf(sudi, part), asked: { nonce, sudi }, reports: part.length },
      receivedAtMs: clock.now(),
      body: Buffer.from(file),
    });
  }
  return { udi, reports: reports.length };
}

function filesOf(reports: readonly SignedReport[]): readonly (readonly SignedReport[])[] {
  const files: SignedReport[][] = [];
  let characters = 0;
  for (const report of reports) {
    const { length } = JSON.stringify(report);
    const file = files.at(-1);
    characters += length;
    if (file !== undefined && file.length < reportsPerFileMax && characters <= charactersPerFileMax) file.push(report);
    else {
      files.push([report]);
      characters = length;
    }
  }
  return files;
}

/** `{"usage":[{payload, header, signature}, …]}`; every one has to be a report. Throws `device_answer_invalid`. */
function readReports(body: Uint8Array): readonly SignedReport[] {
  try {
    const { usage } = parseJson(Buffer.from(body).toString("utf8")) as { usage?: unknown };
    if (!Array.isArray(usage)) throw new ProtocolError("payload_invalid", "usage: is no list");
    return usage.map((one) => decodeSignedReport(JSON.stringify(one)));
  } catch (cause) {
    if (!(cause instanceof ProtocolError) && !(cause instanceof TypeError)) throw cause;
    throw new RelayError("device_answer_invalid", "", { cause });
  }
}

/** Brings the manager's answers back to every device of the list that has some. */
export async function deliverToAll(ports: CollectPorts): Promise<number> {
  let delivered = 0;
  for (const device of ports.devices.list()) {
    if (device.udi === null) continue;
    if (ports.signal.aborted) break;
    try {
      delivered += await deliver(device, device.udi, ports);
    } catch (error) {
      if (!(error instanceof RelayError)) throw error;
      if (ports.signal.aborted) break;
      ports.log.warn("device_failed", { device: device.name, code: error.code });
    }
  }
  return delivered;
}

/** One that the device refuses is given up: behind it wait others, and all that the device has to give. Its reports are on the device. */
async function deliver(device: CollectedDevice, udi: string, ports: CollectPorts): Promise<number> {
  const { store, client, clock, log } = ports;
  let delivered = 0;
  for (const { itemId, file } of store.undelivered(udi)) {
    try {
      await client.import(device, Buffer.from(file, "base64"));
      delivered += 1;
    } catch (error) {
      if (!(error instanceof RelayError) || error.code !== "device_refuses_answer") throw error;
      log.warn("device_failed", { device: device.name, code: error.code });
    }
    store.noteDelivered(itemId, clock.now());
  }
  return delivered;
}
