// Collects what the plan of an enrolment is decided from, before the transaction and again inside it.

import type { CertificateReader, TrustReader, UsageReader } from "../storage-ports.ts";
import type { DeviceFacts } from "../trust/enrolment-plan.ts";
import type { ProductInstance } from "../trust/product-instance.ts";
import type { RequestedDevice } from "./wanted-devices.ts";

export type FactReaders = { readonly trust: TrustReader & CertificateReader; readonly usage: UsageReader };

export type FactQuestion = {
  readonly smartAccountId: number;
  /** Null when a member vouches. */
  readonly tokenId: number | null;
};

export async function collectFacts(
  devices: readonly RequestedDevice[],
  question: FactQuestion,
  readers: FactReaders,
): Promise<readonly DeviceFacts[]> {
  const facts: DeviceFacts[] = [];
  for (const device of devices) {
    const registered = await findRegistered(device, question.smartAccountId, readers.trust);
    facts.push({
      device,
      enrolled: await findEnrolled(device, question, readers.trust),
      registered,
      certificates:
        registered === null
          ? []
          : await readers.trust.listCertificates(registered.smartAccountId, registered.instanceId),
      isUsingLicenses: registered !== null && (await isUsingLicenses(registered, readers.usage)),
    });
  }
  return facts;
}

async function findRegistered(
  device: RequestedDevice,
  smartAccountId: number,
  trust: TrustReader,
): Promise<ProductInstance | null> {
  const found = await trust.findInstancesByUdi(smartAccountId, device.udi.pid, device.udi.serialNumber);
  return found.find((instance) => instance.productTag === device.productTag) ?? null;
}

async function findEnrolled(
  device: RequestedDevice,
  question: FactQuestion,
  trust: FactReaders["trust"],
): Promise<DeviceFacts["enrolled"]> {
  const { smartAccountId, tokenId } = question;
  const { publicKeySha256, udi, productTag } = device;
  if (tokenId === null || publicKeySha256 === null) return null;
  const enrolment = await trust.findEnrolment({ smartAccountId, tokenId, udi, productTag, publicKeySha256 });
  if (enrolment === undefined) return null;
  const instance = await trust.findInstance(smartAccountId, enrolment.instanceId);
  const certificate = await trust.findCertificate(enrolment.certificateSerial);
  return instance === undefined || certificate === undefined ? null : { instance, certificate };
}

async function isUsingLicenses(
  { smartAccountId, installationId }: ProductInstance,
  usage: UsageReader,
): Promise<boolean> {
  const inUse = await usage.listInUse(smartAccountId, installationId);
  return inUse.some(({ inUse: { count } }) => count > 0);
}
