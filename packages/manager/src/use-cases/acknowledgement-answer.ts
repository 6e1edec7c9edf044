// The answer that carries an ACK: the same for the report that earned it, its repetition, and every poll (REP-13).

import {
  type AnswerData,
  assert,
  encodeSmartLicense,
  type ManagerObject,
  type RequestData,
  sudiOf,
} from "@countersign/protocol";
import type { LedgerReader, TrustReader } from "../storage-ports.ts";
import type { ProductInstance } from "../trust/product-instance.ts";
import type { StoredAcknowledgement } from "../usage/stored-report.ts";
import { consistencyEntry } from "./ledger-proofs.ts";
import type { ObjectSigner } from "./sign-objects.ts";

export type AcknowledgementPorts = { readonly signer: ObjectSigner; readonly trust: TrustReader };
export type AcknowledgementAnswerPorts = AcknowledgementPorts & { readonly ledger: LedgerReader };
export type Asked = Pick<RequestData<"LICENSE_USAGE">, "nonce" | "sudi" | "known_tree_head">;

/** Signs the ACK, and the policy where one goes along; proves the ledger to a device that named a head of it. */
export async function acknowledgementAnswer(
  asked: Asked,
  device: Pick<ProductInstance, "udi" | "productInstanceIdentifier">,
  stored: StoredAcknowledgement,
  ports: AcknowledgementAnswerPorts,
): Promise<AnswerData<"LICENSE_USAGE">> {
  const smartLicense = encodeSmartLicense(await acknowledgementObjects(stored, ports));
  const entry = {
    sudi: sudiOf(device.udi),
    product_instance_identifier: device.productInstanceIdentifier,
    smart_license: smartLicense,
    status_code: "OK" as const,
    status_message: "",
  };
  const proof = await consistencyEntry(asked.known_tree_head, stored, ports.ledger);
  return { nonce: asked.nonce, sudi: asked.sudi, ...proof, device_list: [entry] };
}

export async function acknowledgementObjects(
  stored: StoredAcknowledgement,
  ports: AcknowledgementPorts,
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
