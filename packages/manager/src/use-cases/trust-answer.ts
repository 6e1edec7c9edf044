// The answer to trust requests and trust syncs: per device a trust code, account information and the policy (TRU-14).

import { X509Certificate } from "node:crypto";
import {
  type AnswerData,
  type EnrollingDevice,
  encodeCertificate,
  encodeSmartLicense,
  type RequestData,
  sudiOf,
  type TrustCode,
} from "@countersign/protocol";
import type { DeviceRefusalCode } from "../errors.ts";
import type { Environment } from "../ports.ts";
import type { Enrolment } from "./enrol-devices.ts";
import { type AccountNames, accountNamesOf, refusalTextFor } from "./registration-answer.ts";
import type { ObjectSigner } from "./sign-objects.ts";
import { deviceKey, type RequestedDevice } from "./wanted-devices.ts";
import type { EnrolledDevice } from "./write-enrolment.ts";

export type TrustAnswerPorts = { readonly environment: Environment; readonly signer: ObjectSigner };
type TrustData = Pick<RequestData<"ID_TOKEN_TRUST">, "nonce" | "sudi" | "device_list">;
type DeviceAnswer = AnswerData<"ID_TOKEN_TRUST">["device_list"][number];

/** One entry for each entry of the request, in its order: those that share a UDI get the same. */
export async function trustAnswer(
  data: TrustData,
  enrolment: Enrolment,
  ports: TrustAnswerPorts,
): Promise<AnswerData<"ID_TOKEN_TRUST">> {
  const names = await accountNamesOf(enrolment.installation, ports.environment.storage.read.accounts);
  const policy = await ports.signer.policyFor(enrolment.installation);
  const answers = new Map<string, DeviceAnswer>();
  await Promise.all(
    enrolment.devices.map(async (enrolled) => {
      const [trust, account] = await Promise.all([
        ports.signer.trustCode(trustCodeOf(enrolled, enrolment, names, ports.environment)),
        ports.signer.accountInfo(accountInfoOf(enrolled, names, ports.environment.clock.now())),
      ]);
      answers.set(keyOf(enrolled.device), grantedAnswer(enrolled, encodeSmartLicense([trust, account, policy])));
    }),
  );
  for (const { device, code } of enrolment.refused) answers.set(keyOf(device), refusedAnswer(device, code));
  return {
    nonce: data.nonce,
    sudi: data.sudi,
    smart_account_name: names.smartAccount,
    pool_name: names.virtualAccount,
    device_list: data.device_list.map((entry: EnrollingDevice) => answers.get(deviceKey(entry)) as DeviceAnswer),
  };
}

function keyOf(device: RequestedDevice): string {
  return deviceKey({ sudi: sudiOf(device.udi), software_tag_identifier: device.productTag });
}

function trustCodeOf(
  { device, instance, certificate }: EnrolledDevice,
  enrolment: Enrolment,
  names: AccountNames,
  { issuer }: Environment,
): TrustCode {
  const idCertificate = new X509Certificate(certificate.certificate);
  return {
    version: "1.0",
    product_instance_identifier: instance.productInstanceIdentifier,
    installation_identifier: enrolment.installation.identifier,
    sudi: sudiOf(instance.udi),
    trust_id: device.trustId,
    smart_account_name: names.smartAccount,
    virtual_account_name: names.virtualAccount,
    // The time of the certificate, so that a repeated request is given the same trust code.
    issued_at: certificate.issuedAtMs,
    id_certificate: encodeCertificate(idCertificate),
    chain: issuer.chainOf(idCertificate).map(encodeCertificate),
    export_control_allowed: instance.exportControlAllowed,
  };
}

function accountInfoOf({ instance }: EnrolledDevice, names: AccountNames, now: number) {
  return {
    version: "1.0" as const,
    product_instance_identifier: instance.productInstanceIdentifier,
    smart_account_name: names.smartAccount,
    virtual_account_name: names.virtualAccount,
    as_of: now,
  };
}

function grantedAnswer({ instance }: EnrolledDevice, smartLicense: string): DeviceAnswer {
  return {
    sudi: sudiOf(instance.udi),
    product_instance_identifier: instance.productInstanceIdentifier,
    smart_license: smartLicense,
    status_code: "OK",
    status_message: "",
  };
}

function refusedAnswer(device: RequestedDevice, code: DeviceRefusalCode): DeviceAnswer {
  return {
    sudi: sudiOf(device.udi),
    product_instance_identifier: "",
    smart_license: "",
    status_code: "FAILED",
    status_message: refusalTextFor(device, code),
  };
}
