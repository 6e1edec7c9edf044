// The device list of a trust request, made ready: entries that share a UDI become one device, certificate requests become keys.

import type { KeyObject } from "node:crypto";
import { type EnrollingDevice, formatUdi, ProtocolError, type Sudi, sha256Hex, udiOf } from "@countersign/protocol";
import type { CertificateIssuer } from "../ports.ts";
import type { WantedDevice } from "../trust/enrolment-plan.ts";

/** A device with the public key of its certificate request. */
export type RequestedDevice = WantedDevice & {
  readonly publicKey: KeyObject | null;
  readonly publicKeyDer: Uint8Array | null;
};

/**
 * Checks every certificate request (proof of possession) and that the sender is in its own list.
 * Throws `certificate_request_invalid` or `payload_invalid`.
 */
export async function readDevices(
  list: readonly EnrollingDevice[],
  sender: Sudi,
  issuer: CertificateIssuer,
): Promise<readonly RequestedDevice[]> {
  const byIdentity = Map.groupBy(list, deviceKey);
  const devices = await Promise.all([...byIdentity.values()].map((entries) => readDevice(entries, issuer)));
  if (!devices.some((device) => formatUdi(device.udi) === formatUdi(udiOf(sender)))) {
    throw new ProtocolError("payload_invalid", "device_list: does not name the sender");
  }
  return devices;
}

/** Two supervisors of one chassis share a UDI: one identity, two roles; the active one's entry speaks. */
export function deviceKey(entry: Pick<EnrollingDevice, "sudi" | "software_tag_identifier">): string {
  return `${formatUdi(udiOf(entry.sudi))} ${entry.software_tag_identifier}`;
}

async function readDevice(entries: readonly EnrollingDevice[], issuer: CertificateIssuer): Promise<RequestedDevice> {
  const speaking = entries.find((entry) => entry.role === "Active") ?? (entries[0] as EnrollingDevice);
  const request = entries.find((entry) => entry.csr !== "")?.csr;
  const publicKey = request === undefined ? null : await issuer.readRequest(request);
  const publicKeyDer = publicKey === null ? null : publicKey.export({ type: "spki", format: "der" });
  return {
    udi: udiOf(speaking.sudi),
    productTag: speaking.software_tag_identifier,
    trustId: speaking.trust_id,
    role: speaking.role,
    publicKeySha256: publicKeyDer === null ? null : sha256Hex(publicKeyDer),
    publicKey,
    publicKeyDer,
  };
}
