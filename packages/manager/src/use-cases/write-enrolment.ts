// The transaction of an enrolment: product instances, certificates, enrolment records, token uses and events, all or none.

import type { X509Certificate } from "node:crypto";
import { assert, formatUdi, serialNumberOf } from "@countersign/protocol";
import type { EventKind } from "../events/event.ts";
import { versionInForce } from "../policies/policy-setting.ts";
import type { DevicePlan } from "../trust/enrolment-plan.ts";
import type { DeviceCertificate, Installation, ProductInstance } from "../trust/product-instance.ts";
import { inRole } from "../trust/role-changes.ts";
import { moveAuthorization } from "./give-authorization.ts";
import { addEvent, type ChangeContext, freeIfEmpty, moveToVirtualAccount } from "./installation-changes.ts";
import type { RequestedDevice } from "./wanted-devices.ts";

/** A certificate that was issued before the transaction began. */
export type IssuedCertificate = { readonly productInstanceIdentifier: string; readonly certificate: X509Certificate };

export type GrantedDevice = {
  readonly device: RequestedDevice;
  readonly plan: Exclude<DevicePlan, { outcome: "refused" }>;
  /** For plans that need a new certificate. */
  readonly issued: IssuedCertificate | null;
};

export type EnrolmentWrite = {
  readonly smartAccountId: number;
  readonly virtualAccountId: number;
  readonly tokenId: number | null;
  readonly exportControlAllowed: boolean | null;
  readonly hostname: string;
  readonly softwareVersion: string;
  /** The installation of a member that vouches; otherwise that of the devices, or a new one. */
  readonly installationId: number | null;
  /** True if whoever vouches says where a known installation belongs now. */
  readonly movesInstallation: boolean;
  readonly newInstallationIdentifier: string;
  readonly granted: readonly GrantedDevice[];
  /** `formatUdi` of every device of the list, refused ones too. */
  readonly listed: ReadonlySet<string>;
};

export type EnrolledDevice = {
  readonly device: RequestedDevice;
  readonly instance: ProductInstance;
  readonly certificate: DeviceCertificate;
};
export type WrittenEnrolment = { readonly installation: Installation; readonly devices: readonly EnrolledDevice[] };

export async function writeEnrolment(write: EnrolmentWrite, context: ChangeContext): Promise<WrittenEnrolment> {
  const found = await findTarget(write, context);
  let target = found.installation;
  // A repeated request moves nothing, and a member that vouches says nothing about the account.
  const needsMove =
    target.virtualAccountId !== write.virtualAccountId &&
    (write.movesInstallation || write.granted.some(({ plan }) => plan.usesToken));
  if (needsMove) {
    const before = { virtualAccountId: target.virtualAccountId };
    target = await moveToVirtualAccount(target, write.virtualAccountId, context);
    await addEvent("device_transferred", target, before, { virtualAccountId: target.virtualAccountId }, context);
  }
  const devices: EnrolledDevice[] = [];
  let isChanged = found.isNew || needsMove;
  for (const granted of write.granted) {
    const { enrolled, isChanged: deviceChanged } = await writeDevice(granted, target, write, context);
    devices.push(enrolled);
    isChanged ||= deviceChanged;
  }
  if (await endFormerActive(target, write, context)) isChanged = true;
  return { installation: await writeInstallation(target, isChanged, context), devices };
}

/**
 * A list may be of the active device alone, so who is not in it need not be gone; but when another device is active, the one
 * that was and is not listed no longer is. The next usage report lists all of them, and has the last word.
 */
async function endFormerActive(target: Installation, write: EnrolmentWrite, context: ChangeContext): Promise<boolean> {
  if (!write.granted.some(({ device }) => device.role === "Active")) return false;
  const before: Record<string, string> = {};
  const after: Record<string, string> = {};
  for (const member of await context.transaction.trust.listMembers(target.smartAccountId, target.installationId)) {
    const udi = formatUdi(member.udi);
    if (member.removedAtMs !== null || member.role !== "Active" || write.listed.has(udi)) continue;
    before[udi] = member.role;
    after[udi] = "Absent";
    await context.transaction.trust.putInstance(inRole(member, "Absent", target.lastContactAtMs));
  }
  if (Object.keys(after).length === 0) return false;
  await addEvent("device_role_changed", target, before, after, context);
  return true;
}

type Target = { readonly installation: Installation; readonly isNew: boolean };

/** Who was here before keeps the installation: its report ids, its usage and its ACK sequence go on. */
async function findTarget(write: EnrolmentWrite, { transaction, now }: ChangeContext): Promise<Target> {
  const { smartAccountId } = write;
  const known = write.installationId ?? (await installationOfKnown(write, transaction));
  if (known !== null) {
    const installation = await transaction.trust.findInstallation(smartAccountId, known);
    assert(installation !== undefined, "an installation with members is stored");
    return { installation, isNew: false };
  }
  const installation = await transaction.trust.addInstallation({
    smartAccountId,
    identifier: write.newInstallationIdentifier,
    virtualAccountId: write.virtualAccountId,
    nextSequence: 0,
    policyVersionSent: 0,
    policyVersionFloor: 0,
    trustEpoch: 0,
    reportIdMin: null,
    reportIdMax: null,
    firstTrustAtMs: now,
    lastContactAtMs: null,
  });
  return { installation, isNew: true };
}

async function installationOfKnown(
  write: EnrolmentWrite,
  transaction: ChangeContext["transaction"],
): Promise<number | null> {
  for (const { plan } of [...write.granted].sort(
    (one, other) => Number(other.device.role === "Active") - Number(one.device.role === "Active"),
  )) {
    if (plan.outcome === "new") continue;
    const instance = await transaction.trust.findInstance(write.smartAccountId, plan.instanceId);
    if (instance !== undefined) return instance.installationId;
  }
  return null;
}

async function writeInstallation(
  target: Installation,
  isChanged: boolean,
  { transaction, now }: ChangeContext,
): Promise<Installation> {
  // The policy goes along with the trust code.
  const settings = await transaction.policies.listPolicySettings(target.smartAccountId);
  const policyVersionSent = Math.max(
    target.policyVersionSent,
    versionInForce(settings, target.virtualAccountId, target.policyVersionFloor),
  );
  if (!isChanged && policyVersionSent === target.policyVersionSent) return target;
  const installation = {
    ...target,
    policyVersionSent,
    trustEpoch: target.trustEpoch + Number(isChanged),
    lastContactAtMs: now,
  };
  await transaction.trust.putInstallation(installation);
  return installation;
}

async function writeDevice(
  granted: GrantedDevice,
  target: Installation,
  write: EnrolmentWrite,
  context: ChangeContext,
): Promise<{ readonly enrolled: EnrolledDevice; readonly isChanged: boolean }> {
  const { device, plan, issued } = granted;
  const { transaction } = context;
  const before =
    plan.outcome === "new" ? null : await transaction.trust.findInstance(write.smartAccountId, plan.instanceId);
  assert(before !== undefined, "a planned product instance is stored");
  if (plan.outcome === "replace")
    await transaction.trust.endCertificates(write.smartAccountId, plan.instanceId, "replaced");
  const serial =
    issued === null ? (plan as { certificateSerial: string }).certificateSerial : serialNumberOf(issued.certificate);
  const instance = await putInstance(before, { device, serial, issued, target, write }, context);
  if (issued !== null) await transaction.trust.addCertificate(certificateRow(instance, device, issued, context.now));
  if (plan.usesToken) await recordEnrolment(instance, device, serial, write, context);
  const certificate = await transaction.trust.findCertificate(serial);
  assert(certificate !== undefined, "the certificate of an enrolled device is stored");
  const isChanged = issued !== null || before === null || !isSameInstance(before, instance);
  if (isChanged) await recordChange(plan, before, instance, target, context);
  return { enrolled: { device, instance, certificate }, isChanged };
}

type InstanceWrite = {
  readonly device: RequestedDevice;
  readonly serial: string;
  readonly issued: IssuedCertificate | null;
  readonly target: Installation;
  readonly write: EnrolmentWrite;
};

async function putInstance(
  before: ProductInstance | null,
  { device, serial, issued, target, write }: InstanceWrite,
  context: ChangeContext,
): Promise<ProductInstance> {
  const { transaction, now } = context;
  const current = {
    installationId: target.installationId,
    virtualAccountId: target.virtualAccountId,
    role: device.role,
    lastListedAtMs: null,
    trustId: device.trustId,
    hostname: write.hostname,
    softwareVersion: write.softwareVersion,
    certificateSerial: serial,
    exportControlAllowed: write.exportControlAllowed ?? before?.exportControlAllowed ?? false,
  };
  if (before !== null) {
    const after = { ...before, ...current };
    if (!isSameInstance(before, after)) await transaction.trust.putInstance(after);
    return after;
  }
  assert(issued !== null, "a new product instance has a certificate");
  const { productInstanceIdentifier } = issued;
  const identity = {
    smartAccountId: write.smartAccountId,
    productInstanceIdentifier,
    udi: device.udi,
    productTag: device.productTag,
  };
  await transaction.trust.changeInstanceCount(write.smartAccountId, target.virtualAccountId, 1);
  return transaction.trust.addInstance({ ...identity, ...current, trustedSinceMs: now, removedAtMs: null });
}

function isSameInstance(one: ProductInstance, other: ProductInstance): boolean {
  return (Object.keys(one) as (keyof ProductInstance)[]).every((key) => key === "udi" || one[key] === other[key]);
}

function certificateRow(
  instance: ProductInstance,
  device: RequestedDevice,
  issued: IssuedCertificate,
  now: number,
): DeviceCertificate {
  const { publicKeyDer, publicKeySha256 } = device;
  assert(publicKeyDer !== null && publicKeySha256 !== null, "a certificate is issued for a key");
  return {
    smartAccountId: instance.smartAccountId,
    serialNumber: serialNumberOf(issued.certificate),
    instanceId: instance.instanceId,
    publicKey: publicKeyDer,
    publicKeySha256,
    certificate: issued.certificate.raw,
    issuedAtMs: now,
    validUntilMs: Date.parse(issued.certificate.validTo),
    state: "valid",
  };
}

async function recordEnrolment(
  instance: ProductInstance,
  device: RequestedDevice,
  serial: string,
  write: EnrolmentWrite,
  { transaction }: ChangeContext,
): Promise<void> {
  const { smartAccountId, instanceId } = instance;
  assert(write.tokenId !== null && device.publicKeySha256 !== null, "a token lets a key in");
  const { udi, productTag, publicKeySha256 } = device;
  await transaction.trust.putEnrolment({
    smartAccountId,
    tokenId: write.tokenId,
    udi,
    productTag,
    publicKeySha256,
    instanceId,
    certificateSerial: serial,
  });
}

const kindOf: Readonly<Record<GrantedDevice["plan"]["outcome"], EventKind>> = {
  new: "device_added",
  replace: "device_key_replaced",
  renew: "device_certificate_renewed",
  known: "device_role_changed",
  repeat: "device_role_changed",
};

async function recordChange(
  plan: GrantedDevice["plan"],
  before: ProductInstance | null,
  after: ProductInstance,
  target: Installation,
  context: ChangeContext,
): Promise<void> {
  const describe = (instance: ProductInstance | null) =>
    instance === null
      ? null
      : {
          udi: formatUdi(instance.udi),
          productInstanceIdentifier: instance.productInstanceIdentifier,
          certificateSerial: instance.certificateSerial,
          role: instance.role,
          hostname: instance.hostname,
          installationId: instance.installationId,
        };
  const hasMoved = before !== null && before.installationId !== after.installationId;
  const kind =
    hasMoved && plan.outcome !== "replace" && plan.outcome !== "renew"
      ? "device_joined_installation"
      : kindOf[plan.outcome];
  await addEvent(kind, target, describe(before), describe(after), context);
  if (hasMoved) await leaveFormer(before, target, context);
}

/** The installation that a device left forgets it at once: caches by the epoch, usage when nobody is left. */
async function leaveFormer(before: ProductInstance, target: Installation, context: ChangeContext): Promise<void> {
  const { transaction } = context;
  const former = await transaction.trust.findInstallation(before.smartAccountId, before.installationId);
  if (former === undefined) return;
  await transaction.trust.putInstallation({ ...former, trustEpoch: former.trustEpoch + 1 });
  if (former.virtualAccountId !== target.virtualAccountId) {
    await moveAuthorization(before, target.virtualAccountId, context);
    await transaction.trust.changeInstanceCount(former.smartAccountId, former.virtualAccountId, -1);
    await transaction.trust.changeInstanceCount(former.smartAccountId, target.virtualAccountId, 1);
  }
  await freeIfEmpty(former, context);
}
