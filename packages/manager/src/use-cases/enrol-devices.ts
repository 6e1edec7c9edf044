// Enrolment as trust requests and trust syncs share it: plan from facts, issue certificates outside any transaction, then
// plan again inside and write only if nothing changed meanwhile.

import { classicIdCertificateMs, formatUdi } from "@countersign/protocol";
import { DeviceRefusal, type DeviceRefusalCode } from "../errors.ts";
import type { Cause } from "../events/event.ts";
import type { Environment } from "../ports.ts";
import type { Readers, Transaction } from "../storage-ports.ts";
import { certificatePurposeOf } from "../trust/certificate-purpose.ts";
import { type Admission, type DevicePlan, isSamePlan, planEnrolment } from "../trust/enrolment-plan.ts";
import type { Installation, LicensingModel } from "../trust/product-instance.ts";
import { alreadyRegisteredText, consumptionWithoutForceText } from "../trust/refusal-texts.ts";
import { enterClassic, leaveClassic } from "./classic-model.ts";
import { collectFacts, type FactQuestion } from "./enrolment-facts.ts";
import { newUuid } from "./identifiers.ts";
import type { ChangeContext } from "./installation-changes.ts";
import type { RequestedDevice } from "./wanted-devices.ts";
import {
  type EnrolmentWrite,
  type GrantedDevice,
  type IssuedCertificate,
  type WrittenEnrolment,
  writeEnrolment,
} from "./write-enrolment.ts";

/** What decides, as it stands at the moment it is asked. */
export type AdmissionReader = (
  readers: Pick<Readers, "tokens" | "trust" | "premises"> | Transaction,
) => Promise<Admission>;

export type EnrolmentWish = FactQuestion & {
  /** In which licensing model the installation is from then on. */
  readonly model: LicensingModel;
  readonly devices: readonly RequestedDevice[];
  readonly sender: RequestedDevice;
  readonly admissionOf: AdmissionReader;
  readonly write: Pick<
    EnrolmentWrite,
    | "virtualAccountId"
    | "exportControlAllowed"
    | "hostname"
    | "softwareVersion"
    | "installationId"
    | "movesInstallation"
  >;
  readonly cause: Cause;
  /** The certificate that a device has already; left out, new ones are issued here. */
  readonly givenTo?: (device: RequestedDevice) => IssuedCertificate;
  /** Runs inside the transaction, after the devices were written: what the admission costs. */
  readonly settle: (transaction: Transaction, devicesAdmitted: number, now: number) => Promise<void>;
};

export type Enrolment = WrittenEnrolment & {
  readonly refused: readonly { readonly device: RequestedDevice; readonly code: DeviceRefusalCode }[];
};

const attemptsMax = 4;

/** Throws the refusal of the sender's own device; other devices are refused one by one. */
export async function enrolDevices(wish: EnrolmentWish, environment: Environment): Promise<Enrolment> {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const plans = await planWith(environment.storage.read, wish);
    requireSenderAdmitted(plans, wish);
    const granted = await issueFor(plans, wish, environment);
    const written = await environment.storage.inTransaction(async (transaction) => {
      const plansNow = await planWith(transaction, wish);
      return isSamePlan(plans, plansNow) ? writeAll(transaction, granted, wish, environment) : null;
    });
    if (written !== null) return { ...written, refused: refusedOf(plans, wish) };
  }
  throw new Error("an enrolment met other changes of the same devices at every attempt");
}

async function planWith(
  readers: Pick<Readers, "tokens" | "trust" | "usage" | "premises"> | Transaction,
  wish: EnrolmentWish,
): Promise<readonly DevicePlan[]> {
  return planEnrolment(await collectFacts(wish.devices, wish, readers), await wish.admissionOf(readers), wish.model);
}

function requireSenderAdmitted(plans: readonly DevicePlan[], wish: EnrolmentWish): void {
  const plan = plans[wish.devices.indexOf(wish.sender)];
  if (plan?.outcome === "refused") throw new DeviceRefusal(plan.code, textForSender(plan.code));
}

function textForSender(code: DeviceRefusalCode): string | undefined {
  if (code === "already_registered") return alreadyRegisteredText;
  return code === "consumption_without_force" ? consumptionWithoutForceText : undefined;
}

async function issueFor(
  plans: readonly DevicePlan[],
  wish: EnrolmentWish,
  environment: Environment,
): Promise<readonly GrantedDevice[]> {
  const granted = wish.devices.map(async (device, at): Promise<GrantedDevice[]> => {
    const plan = plans[at] as DevicePlan;
    if (plan.outcome === "refused") return [];
    return [{ device, plan, issued: await issueOne(device, plan, wish, environment) }];
  });
  return (await Promise.all(granted)).flat();
}

async function issueOne(
  device: RequestedDevice,
  plan: GrantedDevice["plan"],
  wish: EnrolmentWish,
  { issuer, randomness, clock, storage }: Environment,
): Promise<IssuedCertificate | null> {
  if (plan.outcome === "known" || plan.outcome === "repeat" || device.publicKey === null) return null;
  if (wish.givenTo !== undefined) return wish.givenTo(device);
  const known =
    plan.outcome === "new" ? undefined : await storage.read.trust.findInstance(wish.smartAccountId, plan.instanceId);
  const productInstanceIdentifier = known?.productInstanceIdentifier ?? newUuid(randomness);
  const { publicKey, udi, productTag } = device;
  const lifetime = wish.model === "classic" ? { lifetimeMs: classicIdCertificateMs } : {};
  const wanted = {
    publicKey,
    purpose: certificatePurposeOf(productTag),
    productInstanceIdentifier,
    udi,
    now: clock.now(),
    ...lifetime,
  };
  const certificate = await issuer.issue(wanted);
  return { productInstanceIdentifier, certificate };
}

async function writeAll(
  transaction: Transaction,
  granted: readonly GrantedDevice[],
  wish: EnrolmentWish,
  { clock, randomness }: Environment,
): Promise<WrittenEnrolment> {
  const now = clock.now();
  const { smartAccountId, tokenId } = wish;
  const newInstallationIdentifier = newUuid(randomness);
  const listed = new Set(wish.devices.map(({ udi }) => formatUdi(udi)));
  const context = { transaction, now, cause: wish.cause };
  const written = await writeEnrolment(
    { ...wish.write, smartAccountId, tokenId, newInstallationIdentifier, granted, listed },
    context,
  );
  const installation = await enterModel(written.installation, granted, wish, context);
  await wish.settle(transaction, granted.filter(({ plan }) => plan.usesToken).length, now);
  return { ...written, installation };
}

/** A document of a manager below that says nothing new of these devices may be older than a registration here, and ends none. */
async function enterModel(
  installation: Installation,
  granted: readonly GrantedDevice[],
  { model, givenTo }: EnrolmentWish,
  context: ChangeContext,
): Promise<Installation> {
  if (model === "classic") return enterClassic(installation, context);
  if (givenTo !== undefined && granted.every(({ issued }) => issued === null)) return installation;
  return leaveClassic(installation, context);
}

function refusedOf(plans: readonly DevicePlan[], wish: EnrolmentWish): Enrolment["refused"] {
  return wish.devices.flatMap((device, at) => {
    const plan = plans[at] as DevicePlan;
    return plan.outcome === "refused" ? [{ device, code: plan.code }] : [];
  });
}
