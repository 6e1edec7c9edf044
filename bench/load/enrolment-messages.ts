// ID_TOKEN_TRUST messages of many devices, with the certificate requests made ahead of the timed part.

import { encodeRequest, type Sudi } from "@countersign/protocol";
import { encodeCertificateRequest } from "./certificate-request.ts";
import { type DeviceKey, mapBounded } from "./device-keys.ts";
import { benchConnectInfo, nextNonce, productTag } from "./wire-constants.ts";

export type EnrolmentMessage = { readonly enrollee: Enrollee; readonly nonce: string; readonly body: Buffer };
export type Enrollee = { readonly sudi: Sudi; readonly key: DeviceKey };

/** Devices that share the keys of a pool; serial numbers begin with the given letters. */
export function createEnrollees(serialPrefix: string, count: number, keys: readonly DeviceKey[]): readonly Enrollee[] {
  return Array.from({ length: count }, (_, index) => ({
    sudi: { udi_pid: "C9300-48UXM", udi_serial_number: `${serialPrefix}${index.toString().padStart(8, "0")}` },
    key: keys[index % keys.length] as DeviceKey,
  }));
}

/** One message per device. The time in it is now: a manager refuses messages more than an hour old. */
export function encodeEnrolments(token: string, enrollees: readonly Enrollee[]): Promise<EnrolmentMessage[]> {
  return mapBounded(enrollees, 8, (enrollee) => encodeEnrolment(token, enrollee));
}

async function encodeEnrolment(token: string, enrollee: Enrollee): Promise<EnrolmentMessage> {
  const { sudi, key } = enrollee;
  const nonce = nextNonce();
  const common = { sudi, timestamp: Date.now(), nonce, product_instance_identifier: "" };
  const csr = encodeCertificateRequest(sudi.udi_serial_number, key);
  const device = {
    sudi,
    trust_id: 1,
    role: "Active" as const,
    software_tag_identifier: productTag,
    product_instance_identifier: "",
    csr: csr.toString("base64"),
    id_cert_sn: "",
  };
  const data = {
    ...common,
    hostname: "bench",
    token,
    mode: "PERMANENT" as const,
    force: false,
    software_tag_identifier: productTag,
    software_version: "17.12.1",
    device_list: [device],
  };
  const identity = {
    sudi,
    productInstanceIdentifier: "",
    connectInfo: benchConnectInfo,
    signingCertificateSerial: "",
    key: null,
  };
  return { enrollee, nonce, body: Buffer.from(await encodeRequest("ID_TOKEN_TRUST", data, identity)) };
}
