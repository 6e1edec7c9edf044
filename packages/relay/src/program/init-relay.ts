// A new relay: its directory, its key, trust from the manager, its settings; in this order, so that what stands is always whole.

import type { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { encodeCertificate, ProtocolError, parseCertificate } from "@countersign/protocol";
import { makeStateDirectory, proxyOf, systemClock, systemRandomness } from "../program.ts";
import { RelayError } from "../relay-error.ts";
import { hasIdentity, relayPeer, writeIdentity } from "../state-directory/identity-file.ts";
import { forgetPendingEnrolment, pendingEnrolment } from "../state-directory/pending-enrolment.ts";
import { lockForServing } from "../state-directory/serving-lock.ts";
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

/**
 * Repeated after a failure it asks as the same relay, so that a token is used once. Throws `relay_already_initialised`, `relay_running`,
 * `relay_setting_invalid`, `relay_not_trusted`, `relay_state_damaged`, or why the manager was not reached.
 */
export async function initRelay(wish: RelayInit): Promise<InitializedRelay> {
  const { directory } = wish;
  requireNoIdentity(directory);
  const settings = checkSettings(wish.settings);
  const root = readRoot(wish.rootFile);
  await makeStateDirectory(directory);
  // Two at one time would be two relays, of which one is left over at the manager.
  const lock = lockForServing(directory);
  try {
    requireNoIdentity(directory);
    return await enrolInto(wish, settings, root);
  } finally {
    lock.release();
  }
}

function requireNoIdentity(directory: string): void {
  if (hasIdentity(directory)) throw new RelayError("relay_already_initialised", directory);
}

async function enrolInto(
  { directory, token, signal }: RelayInit,
  settings: RelaySettings,
  root: X509Certificate,
): Promise<InitializedRelay> {
  const { udi, privateKey } = await pendingEnrolment(directory);
  const enrolled = await enrolRelay(
    { udi, privateKey, token, force: false, hostname: hostname(), peer: relayPeer },
    {
      managerUrl: settings.managerUrl,
      licensingRootPem: root.toString(),
      proxy: proxyOf(settings),
      clock: systemClock,
      randomness: systemRandomness,
      signal,
    },
  );
  await writeSettings(directory, settings);
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
  await forgetPendingEnrolment(directory);
  return {
    settings,
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
