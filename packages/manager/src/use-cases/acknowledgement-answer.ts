// The answer that carries an ACK: the same for the report that earned it, its repetition, and every poll (REP-13).

import {
  type AnswerData,
  assert,
  encodeSmartLicense,
  type ManagerObject,
  type RequestData,
  sudiOf,
} from "@countersign/protocol";
import type { TrustReader } from "../storage-ports.ts";
import type { ProductInstance } from "../trust/product-instance.ts";
import type { StoredAcknowledgement } from "../usage/stored-report.ts";
import type { ObjectSigner } from "./sign-objects.ts";

export type AcknowledgementAnswerPorts = { readonly signer: ObjectSigner; readonly trust: TrustReader };
type Echo = Pick<RequestData<"LICENSE_USAGE">, "nonce" | "sudi">;

/** Signs the ACK, and the policy where one goes along. */
export async function acknowledgementAnswer(
  echo: Echo,
  instance: ProductInstance,
  stored: StoredAcknowledgement,
  ports: AcknowledgementAnswerPorts,
): Promise<AnswerData<"LICENSE_USAGE">> {
  const smartLicense = encodeSmartLicense(await acknowledgementObjects(stored, ports));
  const device = {
    sudi: sudiOf(instance.udi),
    product_instance_identifier: instance.productInstanceIdentifier,
    smart_license: smartLicense,
    status_code: "OK" as const,
    status_message: "",
  };
  return { nonce: echo.nonce, sudi: echo.sudi, device_list: [device] };
}

export async function acknowledgementObjects(
  stored: StoredAcknowledgement,
  ports: AcknowledgementAnswerPorts,
): Promise<readonly ManagerObject[]> {
  const object = ports.signer.acknowledgement(stored);
  if (!stored.withPolicy) return [await object];
  const installation = await ports.trust.findInstallation(stored.smartAccountId, stored.installationId);
  assert(installation !== undefined, "an acknowledged installation is stored");
  return Promise.all([object, ports.signer.policyFor(installation)]);
}

/** Poll ids are beyond 2^53, so that nobody can take them for numbers. */
const pollIdBase = 2n ** 60n;

export function pollIdOf(acknowledgementId: number): string {
  return (pollIdBase + BigInt(acknowledgementId)).toString();
}

/** Undefined for a text that never was a poll id of ours. */
export function acknowledgementIdOf(pollId: string): number | undefined {
  const id = BigInt(pollId) - pollIdBase;
  return id > 0n && id <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(id) : undefined;
}
