// What a trust answer gives each device: trust code, account, policy. Each object is verified on its own, because each
// outlives the connection it came over.

import {
  type DeviceAnswer,
  decodeSmartLicense,
  encodeCertificate,
  isSameUdi,
  type ManagerObject,
  type Policy,
  ProtocolError,
  udiOf,
  verifyAccountInfo,
  verifyPolicy,
  verifyTrustCode,
} from "@countersign/protocol";
import type { TrustSeeker } from "../lifecycle/effect.ts";
import type { GivenTrust, TrustedDevice } from "../lifecycle/event.ts";
import { type ExchangeContext, installedTrust } from "./exchange-context.ts";

type Account = GivenTrust["account"];
/** What reading a trust code needs, whichever way it came. */
export type TrustContext = Pick<ExchangeContext, "anchors" | "clock" | "keys">;

/** Throws `ProtocolError` when anything in the answer is not what it claims to be; then nothing of it is used. */
export async function readTrustAnswer(
  answers: readonly DeviceAnswer[],
  asked: readonly TrustSeeker[],
  context: ExchangeContext,
): Promise<GivenTrust> {
  const devices: TrustedDevice[] = [];
  const refused: GivenTrust["refused"][number][] = [];
  let account: Account = null;
  let policy: Policy | null = null;
  for (const seeker of asked) {
    const answer = answers.find((candidate) => isSameUdi(udiOf(candidate.sudi), seeker.udi));
    if (answer === undefined || answer.status_code === "FAILED") {
      const message = answer?.status_message ?? "The answer says nothing about this device.";
      refused.push({ udi: seeker.udi, message });
      continue;
    }
    const given = await readLicense(answer, seeker, context);
    if (given.device !== null) devices.push(given.device);
    account ??= given.account;
    policy ??= given.policy;
  }
  return { devices, refused, account, policy };
}

async function readLicense(answer: DeviceAnswer, seeker: TrustSeeker, context: ExchangeContext) {
  const objects = answer.smart_license === "" ? [] : decodeSmartLicense(answer.smart_license);
  const trust = objects.find((object) => object.header.type === "trust");
  if (trust === undefined && seeker.wantsCertificate)
    throw new ProtocolError("payload_invalid", "The trust code is missing.");
  const device = trust === undefined ? null : await readTrustCode(trust, seeker, context);
  const identifier =
    device?.productInstanceIdentifier ?? installedTrust(context.state, seeker.udi)?.productInstanceIdentifier;
  return {
    device,
    account: await readAccount(objects, identifier, context),
    policy: await readPolicy(objects, context),
  };
}

/** Throws `ProtocolError` for a trust code that is not for this device and its key. */
export async function readTrustCode(
  object: ManagerObject,
  seeker: Pick<TrustSeeker, "udi" | "keyId">,
  context: TrustContext,
): Promise<TrustedDevice> {
  const { code, certificate, certificateSerial } = await verifyTrustCode({
    object,
    anchors: context.anchors,
    now: context.clock.now(),
    udi: seeker.udi,
    publicKey: await context.keys.publicKey(seeker.keyId),
  });
  return {
    udi: seeker.udi,
    keyId: seeker.keyId,
    productInstanceIdentifier: code.product_instance_identifier,
    certificateSerial,
    certificate: encodeCertificate(certificate),
    expiresAtMs: Date.parse(certificate.validTo),
    exportControlAllowed: code.export_control_allowed,
  };
}

async function readAccount(
  objects: readonly ManagerObject[],
  productInstanceIdentifier: string | undefined,
  context: ExchangeContext,
): Promise<Account> {
  const object = objects.find((candidate) => candidate.header.type === "account");
  if (object === undefined) return null;
  if (productInstanceIdentifier === undefined) throw new ProtocolError("identity_mismatch");
  return accountFrom(object, productInstanceIdentifier, context);
}

/** Throws `ProtocolError` for account information that is not what it claims to be, or of another product instance. */
export async function accountFrom(
  object: ManagerObject,
  productInstanceIdentifier: string,
  { anchors, clock }: Pick<TrustContext, "anchors" | "clock">,
): Promise<NonNullable<Account>> {
  const info = await verifyAccountInfo({ object, anchors, now: clock.now(), productInstanceIdentifier });
  return { smartAccount: info.smart_account_name, virtualAccount: info.virtual_account_name, asOfMs: info.as_of };
}

/** The verified policy among the objects, or null when none came. */
export async function readPolicy(
  objects: readonly ManagerObject[],
  context: Pick<TrustContext, "anchors" | "clock">,
): Promise<Policy | null> {
  const object = objects.find((candidate) => candidate.header.type === "policy");
  if (object === undefined) return null;
  // Whether it is newer than the installed one is for the state machine to say: an old policy does not spoil an answer (I10).
  return verifyPolicy({ object, anchors: context.anchors, now: context.clock.now(), installedVersion: -1 });
}
