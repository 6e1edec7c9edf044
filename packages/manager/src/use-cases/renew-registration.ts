// RENEW_ID: new ID certificates for registered classic devices, by the key that is certified or by a new one. The certificates before
// stay valid until they end, so that a lost answer costs nothing; who asks again with the same key is given the same certificate, and
// who asks again and again with new ones is put off.

import {
  type AnswerData,
  assert,
  classicIdCertificateMs,
  isSameUdi,
  type RegisteredAnswer,
  type RequestData,
  serialNumberOf,
  sha256Hex,
  type UnverifiedRequest,
  udiOf,
} from "@countersign/protocol";
import { type DeviceRefusalCode, deviceRefusals } from "../errors.ts";
import type { Cause } from "../events/event.ts";
import type { Environment } from "../ports.ts";
import type { CertificateReader, TrustReader } from "../storage-ports.ts";
import { certificatePurposeOf } from "../trust/certificate-purpose.ts";
import { mayBeCertified, repeatedWithinMs } from "../trust/certificate-rate.ts";
import type { DeviceCertificate, ProductInstance } from "../trust/product-instance.ts";
import { identityNotValidText } from "../trust/refusal-texts.ts";
import { enterClassic } from "./classic-model.ts";
import { addEvent, type ChangeContext } from "./installation-changes.ts";
import { type ClassicPorts, requireClassicSender, requireRegistered } from "./registered-sender.ts";
import { accountNamesOf, certifiedAnswer, notCertifiedAnswer, registrationOf } from "./registration-answer.ts";
import { served } from "./reply.ts";
import { decodeTimely } from "./request-clock.ts";
import type { Sender } from "./sender.ts";
import type { DeviceReply } from "./use-cases.ts";

type RenewRequest = UnverifiedRequest & { readonly requestType: "RENEW_ID" };
type Entry = RequestData<"RENEW_ID">["device_list"][number];

type Renewal =
  | { readonly outcome: "refused"; readonly entry: Entry; readonly text: string }
  /** The key has a certificate that is newer than the one named, so the answer before was lost, or one of today. */
  | { readonly outcome: "known"; readonly instance: ProductInstance; readonly certificate: DeviceCertificate }
  | { readonly outcome: "issued"; readonly instance: ProductInstance; readonly certificate: DeviceCertificate };

export async function renewRegistration(request: RenewRequest, ports: ClassicPorts): Promise<DeviceReply> {
  const { environment } = ports;
  const { clock, storage, issuer } = environment;
  const sender = await requireClassicSender(request, ports);
  const data = decodeTimely(request, clock.now());
  // Certificates are issued outside of any transaction.
  const renewals = await Promise.all(data.device_list.map((entry) => renew(entry, sender, environment)));
  const { productInstanceIdentifier } = sender.instance;
  const { requestType } = request;
  const cause: Cause = { kind: "message", requestType, nonce: data.nonce, productInstanceIdentifier };
  const answer = await storage.inTransaction(async (transaction): Promise<AnswerData<"RENEW_ID">> => {
    const context = { transaction, now: clock.now(), cause };
    const { installation, instance } = await requireRegistered(sender, request.header, context);
    const device_list: RegisteredAnswer[] = [];
    for (const renewal of renewals) device_list.push(await settle(renewal, context, issuer));
    const after = { ...installation, lastContactAtMs: context.now, trustEpoch: installation.trustEpoch + 1 };
    await transaction.trust.putInstallation(after);
    await enterClassic(after, context);
    const names = await accountNamesOf(installation, transaction.accounts);
    return { ...{ nonce: data.nonce, sudi: data.sudi }, ...registrationOf(names, instance), device_list };
  });
  return served({ data: answer, productInstanceIdentifier });
}

async function renew(entry: Entry, sender: Sender, { issuer, clock, storage }: Environment): Promise<Renewal> {
  const publicKey = await issuer.readRequest(entry.csr);
  const { trust } = storage.read;
  const instance = await findMember(entry, sender, trust);
  if (instance === undefined)
    return { outcome: "refused", entry, text: identityNotValidText(entry.product_instance_identifier) };
  const certificates = await trust.listCertificates(instance.smartAccountId, instance.instanceId);
  const named = certificates.find(({ serialNumber }) => serialNumber === entry.id_cert_sn);
  if (named === undefined || named.state !== "valid") return refused(entry, "id_certificate_unknown");
  const der = publicKey.export({ type: "spki", format: "der" });
  const publicKeySha256 = sha256Hex(der);
  const ofKey = certificates.filter((one) => one.publicKeySha256 === publicKeySha256);
  if (ofKey.some(({ state }) => state !== "valid")) return refused(entry, "key_revoked");
  const newer = ofKey
    .filter((one) => one.issuedAtMs > named.issuedAtMs || one.serialNumber === named.serialNumber)
    .at(-1);
  const now = clock.now();
  if (newer !== undefined && (newer !== named || newer.issuedAtMs > now - repeatedWithinMs))
    return { outcome: "known", instance, certificate: newer };
  // What the transaction decides, so that nothing is signed in vain.
  if (!mayBeCertified(certificates, now)) return refused(entry, "certified_too_often");
  const { productInstanceIdentifier, udi, smartAccountId, instanceId } = instance;
  const purpose = certificatePurposeOf(instance.productTag);
  const wish = { publicKey, productInstanceIdentifier, udi, purpose, now, lifetimeMs: classicIdCertificateMs };
  const issued = await issuer.issue(wish);
  const certificate: DeviceCertificate = {
    ...{ smartAccountId, instanceId, serialNumber: serialNumberOf(issued), publicKey: der, publicKeySha256 },
    ...{ certificate: issued.raw, issuedAtMs: now, validUntilMs: Date.parse(issued.validTo), state: "valid" },
  };
  return { outcome: "issued", instance, certificate };
}

const refused = (entry: Entry, code: DeviceRefusalCode): Renewal => ({
  ...{ outcome: "refused", entry, text: deviceRefusals[code].meaning },
});

async function findMember(
  { sudi, product_instance_identifier }: Entry,
  { instance: own }: Sender,
  trust: TrustReader & CertificateReader,
): Promise<ProductInstance | undefined> {
  const found = await trust.findInstanceByIdentifier(product_instance_identifier);
  if (found === undefined || found.removedAtMs !== null || !isSameUdi(udiOf(sudi), found.udi)) return undefined;
  return found.smartAccountId === own.smartAccountId && found.installationId === own.installationId ? found : undefined;
}

async function settle(
  renewal: Renewal,
  context: ChangeContext,
  issuer: Environment["issuer"],
): Promise<RegisteredAnswer> {
  if (renewal.outcome === "refused") return notCertifiedAnswer(udiOf(renewal.entry.sudi), renewal.text);
  const { transaction } = context;
  const { smartAccountId, instanceId, productInstanceIdentifier, udi } = renewal.instance;
  const instance = await transaction.trust.findInstance(smartAccountId, instanceId);
  if (instance === undefined || instance.removedAtMs !== null)
    return notCertifiedAnswer(udi, identityNotValidText(productInstanceIdentifier));
  if (renewal.outcome === "known") return certifiedAnswer(instance, renewal.certificate, issuer);
  const { certificate } = renewal;
  if (!mayBeCertified(await transaction.trust.listCertificates(smartAccountId, instanceId), context.now))
    return notCertifiedAnswer(udi, deviceRefusals.certified_too_often.meaning);
  await transaction.trust.addCertificate(certificate);
  const after = { ...instance, certificateSerial: certificate.serialNumber };
  await transaction.trust.putInstance(after);
  const installation = await transaction.trust.findInstallation(smartAccountId, instance.installationId);
  assert(installation !== undefined, "the installation of a product instance is stored");
  const described = ({ certificateSerial }: ProductInstance) => ({ productInstanceIdentifier, certificateSerial });
  await addEvent("device_certificate_renewed", installation, described(instance), described(after), context);
  return certifiedAnswer(after, certificate, issuer);
}
