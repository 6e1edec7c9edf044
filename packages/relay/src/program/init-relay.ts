// A new relay: its directory, its key, trust from the manager, its settings; in this order, so that what stands is always whole.

import { generateKeyPairSync, randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { encodeCertificate, ProtocolError, parseCertificate } from "@countersign/protocol";
import { makeStateDirectory, proxyOf, systemClock, systemRandomness } from "../program.ts";
import { RelayError } from "../relay-error.ts";
import { relayPeer, writeIdentity } from "../state-directory/identity-file.ts";
import { checkSettings, type RelaySettings, writeSettings } from "../state-directory/settings.ts";
import { enrolRelay } from "../upstream/enrol-relay.ts";

export type RelayInit = {
  readonly directory: string;
  /** PEM file of the licensing root. */
  readonly rootFile: string;
  readonly token: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
};

export type InitializedRelay = {
  readonly settings: RelaySettings;
  readonly productInstanceIdentifier: string;
  readonly smartAccount: string;
  readonly virtualAccount: string;
  readonly udi: string;
};

/** Throws `relay_already_initialised`, `relay_setting_invalid`, `relay_not_trusted`, or why the manager was not reached. */
export async function initRelay({
  directory,
  rootFile,
  token,
  settings,
  signal,
}: RelayInit): Promise<InitializedRelay> {
  if (existsSync(join(directory, "identity.json"))) throw new RelayError("relay_already_initialised", directory);
  const checked = checkSettings(settings);
  const root = readRoot(rootFile);
  makeStateDirectory(directory);
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const udi = { pid: "COUNTERSIGN-RELAY", serialNumber: randomUUID().replaceAll("-", "").toUpperCase() };
  const enrolled = await enrolRelay(
    { udi, privateKey, token, force: false, hostname: hostname(), peer: relayPeer },
    {
      managerUrl: checked.managerUrl,
      licensingRootPem: root.toString(),
      proxy: proxyOf(checked),
      clock: systemClock,
      randomness: systemRandomness,
      signal,
    },
  );
  await writeSettings(directory, checked);
  await writeIdentity(directory, {
    udi_pid: udi.pid,
    udi_serial_number: udi.serialNumber,
    product_instance_identifier: enrolled.productInstanceIdentifier,
    smart_account_name: enrolled.smartAccountName,
    virtual_account_name: enrolled.virtualAccountName,
    private_key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    certificate: enrolled.certificate,
    chain: [...enrolled.chain],
    licensing_root: encodeCertificate(root),
  });
  return {
    settings: checked,
    productInstanceIdentifier: enrolled.productInstanceIdentifier,
    smartAccount: enrolled.smartAccountName,
    virtualAccount: enrolled.virtualAccountName,
    udi: `PID:${udi.pid},SN:${udi.serialNumber}`,
  };
}

function readRoot(file: string) {
  try {
    return parseCertificate(readFileSync(file, "utf8").trim());
  } catch (cause) {
    const why = cause instanceof ProtocolError ? cause.message : "it cannot be read";
    throw new RelayError("relay_setting_invalid", `The licensing root ${file}: ${why}`, { cause });
  }
}
