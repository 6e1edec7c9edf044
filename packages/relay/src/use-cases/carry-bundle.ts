// The way without a network: what waits becomes a bundle that a person carries to the manager, and the bundle that comes back answers
// it (spec/files.md, section 7). An answer counts by the hashes that the manager signed, never by a file's name.

import {
  bundleTime,
  createdByText,
  decodeAcknowledgement,
  decodeLicenseFile,
  decodeRequest,
  decodeRequestData,
  encodeBundle,
  encodeLicenseFile,
  encodeSmartLicense,
  fileBytesMax,
  isBundle,
  type ManagerObject,
  ProtocolError,
  readBundle,
  reportHash,
  type SignedReport,
  sha256Hex,
  verifyManagerObject,
} from "@countersign/protocol";
import { gunzip } from "@countersign/terminal";
import type { HeldRequest } from "../holding/held-request.ts";
import type { CarriedStore, Clock, HeldStore, RelayIdentity } from "../ports.ts";
import { RelayError } from "../relay-error.ts";

/** Reports in one file that goes up: as many as one ACK of a file names. */
export const reportsPerFileMax = 1000;
/** Of what the relay was given for it; as text of a file it grows a little. */
const bytesPerFileMax = fileBytesMax / 2;

export type BundleAccount = {
  readonly smartAccount: string;
  readonly virtualAccount: string;
  /** Who wrote it. */
  readonly uuid: string;
};

export type ExportedBundle = { readonly bytes: Buffer; readonly devices: number; readonly reports: number };

/** Everything that waits, device by device; it goes on waiting until its answer is imported. Throws `bundle_empty`. */
export function exportBundle(store: CarriedStore, account: BundleAccount, now: number): ExportedBundle {
  const counts = { devices: 0, reports: 0 };
  function* files() {
    let part = 0;
    let last: string | null = null;
    for (const { udi, reports } of reportsByDevice(store.waiting())) {
      part = udi === last ? part + 1 : 1;
      if (part === 1) counts.devices += 1;
      last = udi;
      counts.reports += reports.length;
      const systemInfo = JSON.stringify({ sudi: reports[0]?.signature.sudi, timestamp: now });
      const text = encodeLicenseFile({ reports, managerObjects: [], systemInfo });
      const id = `${sha256Hex(udi).slice(0, 16)}${part === 1 ? "" : `.${part}`}`;
      yield { name: `dev_${id}_${bundleTime(now)}.txt`, bytes: Buffer.from(text) };
    }
  }
  const bytes = encodeBundle({
    manifest: { createdBy: createdByText(account.uuid), smartAccount: account.smartAccount, smartAccountId: "" },
    archive: {
      name: `UD_VA_${bundleTime(now)}.tar.gz`,
      virtualAccount: account.virtualAccount,
      virtualAccountId: "",
    },
    files: files(),
    writtenAtMs: now,
  });
  if (counts.devices === 0) throw new RelayError("bundle_empty");
  return { bytes, ...counts };
}

/** A file for each device, or as many as it takes: an ACK of a file names so many reports, and a request is answered by one ACK. */
function* reportsByDevice(items: Iterable<HeldRequest>) {
  let udi: string | null = null;
  let reports = new Map<string, SignedReport>();
  let bytes = 0;
  for (const item of items) {
    const own = reportsOf(item).map((report): [string, SignedReport] => [reportHash(report), report]);
    const size = reports.size + own.filter(([hash]) => !reports.has(hash)).length;
    bytes += item.body.length;
    const isFull = size > reportsPerFileMax || bytes > bytesPerFileMax;
    if (udi !== null && (item.udi !== udi || isFull) && reports.size > 0) {
      yield { udi, reports: [...reports.values()] };
      reports = new Map();
      bytes = item.body.length;
    }
    udi = item.udi;
    for (const [hash, report] of own) reports.set(hash, report);
  }
  if (udi !== null && reports.size > 0) yield { udi, reports: [...reports.values()] };
}

function reportsOf({ kind, body }: HeldRequest): readonly SignedReport[] {
  if (kind === "usage-file") return decodeLicenseFile(body).reports;
  const request = decodeRequest(body);
  const { requestType } = request;
  return requestType === "LICENSE_USAGE" ? decodeRequestData({ ...request, requestType }).rum_reports : [];
}

export type AnswerPorts = {
  readonly store: HeldStore & CarriedStore;
  readonly identity: Pick<RelayIdentity, "anchors">;
  readonly clock: Clock;
};

export type ImportedAnswer = {
  readonly files: readonly { readonly file: string; readonly acknowledgements: number; readonly code: string | null }[];
  /** Held requests that are answered by it. */
  readonly answered: number;
  readonly stillWaiting: number;
};

/** A bundle, or one licence file of a manager. Each file is taken by itself; what is wrong with one is its code. */
export async function importAnswer(bytes: Uint8Array, ports: AnswerPorts): Promise<ImportedAnswer> {
  const files: ImportedAnswer["files"][number][] = [];
  let answered = 0;
  const waiting = indexWaiting(ports.store);
  for await (const { name, content } of filesOf(bytes)) {
    try {
      const objects = decodeLicenseFile(content).managerObjects;
      for (const object of objects) await verifyManagerObject(object, ports.identity.anchors, ports.clock.now());
      answered += settleBy(objects, waiting, ports);
      files.push({ file: name, acknowledgements: acksOf(objects).length, code: null });
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      files.push({ file: name, acknowledgements: 0, code: error.code });
    }
  }
  return { files, answered, stillWaiting: ports.store.counts().waiting };
}

async function* filesOf(bytes: Uint8Array): AsyncGenerator<{ readonly name: string; readonly content: Uint8Array }> {
  if (!isBundle(bytes)) yield { name: "", content: bytes };
  else for await (const file of readBundle([bytes], gunzip)) yield { name: file.name, content: file.bytes };
}

function acksOf(objects: readonly ManagerObject[]): readonly ManagerObject[] {
  return objects.filter(({ header }) => header.type === "ack");
}

type Waiting = Pick<HeldRequest, "itemId" | "kind" | "asked"> & { readonly hashes: readonly string[] };

/** What waits, by the hash of its first report; bodies are not kept. */
function indexWaiting(store: CarriedStore): Map<string, Waiting[]> {
  const index = new Map<string, Waiting[]>();
  for (const item of store.waiting()) {
    const hashes = reportsOf(item).map(reportHash);
    const [first] = hashes;
    if (first === undefined) continue;
    const { itemId, kind, asked } = item;
    index.set(first, [...(index.get(first) ?? []), { itemId, kind, asked, hashes }]);
  }
  return index;
}

/** Answers how many held requests each have all their reports named by one of these ACKs. */
function settleBy(
  objects: readonly ManagerObject[],
  waiting: Map<string, Waiting[]>,
  { store, clock }: AnswerPorts,
): number {
  const policies = objects.filter(({ header }) => header.type === "policy");
  let settled = 0;
  for (const object of acksOf(objects)) {
    const { product_instance_identifier, reports } = decodeAcknowledgement(object.payload);
    const named = new Set(reports.map(({ payload_sha256 }) => payload_sha256));
    const smart_license = encodeSmartLicense([object, ...policies]);
    for (const first of named) {
      const here = waiting.get(first) ?? [];
      const left = here.filter(({ hashes }) => !hashes.every((hash) => named.has(hash)));
      for (const { itemId, kind, asked } of here.filter((item) => !left.includes(item))) {
        const status = { status_code: "OK", status_message: "" } as const;
        const device = { sudi: asked.sudi, product_instance_identifier, smart_license, ...status };
        const answer = kind === "message" ? { device_list: [device] } : { file: smart_license };
        store.settle(itemId, { outcome: "acknowledged", answer }, clock.now());
        settled += 1;
      }
      waiting.set(first, left);
    }
  }
  return settled;
}
