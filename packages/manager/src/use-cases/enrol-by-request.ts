// Devices that ask to come in, in whichever licensing model: ID_TOKEN_TRUST and REGISTER. A token lets them in, or an account on
// premises does without one (TRU-8). Idempotent: the same token and keys get the same registration and use the token once (I9, BET-31).

import { createPublicKey } from "node:crypto";
import {
  assert,
  classicIdCertificateMs,
  formatUdi,
  hashIdToken,
  ProtocolError,
  parseIdToken,
  type RequestData,
  type UnverifiedRequest,
  udiOf,
  verifyRequest,
} from "@countersign/protocol";
import { type StoredToken, stateOfToken } from "../accounts/token.ts";
import { DeviceRefusal } from "../errors.ts";
import type { Cause } from "../events/event.ts";
import type { Environment } from "../ports.ts";
import type { Transaction } from "../storage-ports.ts";
import { repeatedWithinMs } from "../trust/certificate-rate.ts";
import type { Admission } from "../trust/enrolment-plan.ts";
import type { LicensingModel } from "../trust/product-instance.ts";
import { admissionWish } from "./admit-devices.ts";
import { type Enrolment, type EnrolmentWish, enrolDevices } from "./enrol-devices.ts";
import { decodeTimely } from "./request-clock.ts";
import type { CarriedBy } from "./use-cases.ts";
import { type RequestedDevice, readDevices } from "./wanted-devices.ts";

export type InvitingRequestType = "ID_TOKEN_TRUST" | "REGISTER";
export type InvitingRequest<T extends InvitingRequestType = InvitingRequestType> = UnverifiedRequest & {
  readonly requestType: T;
};
type InvitingData = RequestData<InvitingRequestType>;

export type EnrolledByRequest<T extends InvitingRequestType> = {
  readonly data: RequestData<T>;
  readonly enrolment: Enrolment;
  /** Of the device that asked. */
  readonly productInstanceIdentifier: string;
};

/** What stands in for a token: the address that was asked at, and the relay that brought the request. */
export type Uninvited = { readonly tenant?: string | undefined; readonly vouching?: CarriedBy | undefined };

export async function enrolByRequest<T extends InvitingRequestType>(
  request: InvitingRequest<T>,
  environment: Environment,
  { tenant, vouching }: Uninvited = {},
): Promise<EnrolledByRequest<T>> {
  await verifyIfSigned(request, environment);
  const data = decodeTimely(request, environment.clock.now());
  const token = data.token === undefined ? null : await findToken(data.token, environment);
  const devices = await readDevices(data.device_list, data.sudi, environment.issuer);
  const sender = devices.find((device) => formatUdi(device.udi) === formatUdi(udiOf(data.sudi))) as RequestedDevice;
  if (devices.some((device) => device.publicKey === null)) throw new DeviceRefusal("certificate_request_missing");
  const asked = { data, devices, sender, cause: causeOf(request, data.nonce) };
  const wish =
    token === null
      ? await admissionWish({ ...asked, tenant, vouching }, environment)
      : wishOf({ ...asked, token, model: request.requestType === "REGISTER" ? "classic" : "policy" }, environment);
  const enrolment = await enrolDevices(wish, environment);
  const own = enrolment.devices.find(({ device }) => device === sender);
  assert(own !== undefined, "the sender of a served request is enrolled");
  return { data, enrolment, productInstanceIdentifier: own.instance.productInstanceIdentifier };
}

/** Before trust there is nothing to sign with; but a signature that is there must be right, by whatever key (BET-27). */
async function verifyIfSigned(request: InvitingRequest, { storage }: Environment): Promise<void> {
  if (request.signature === null) return;
  const certificate = await storage.read.trust.findCertificate(request.signature.key);
  if (certificate === undefined) throw new ProtocolError("certificate_unknown");
  await verifyRequest(
    request,
    createPublicKey({ key: Buffer.from(certificate.publicKey), format: "der", type: "spki" }),
  );
}

async function findToken(text: string, { storage }: Environment): Promise<StoredToken> {
  const token = await storage.read.tokens.findTokenByHash(hashIdToken(parseIdToken(text)));
  if (token === undefined) throw new DeviceRefusal("token_unknown");
  return token;
}

function causeOf({ header, requestType }: InvitingRequest, nonce: string): Cause {
  const { product_instance_identifier: productInstanceIdentifier } = header;
  return { kind: "message", requestType, nonce, productInstanceIdentifier };
}

type InvitedRequest = {
  readonly data: InvitingData;
  readonly token: StoredToken;
  readonly model: LicensingModel;
  readonly devices: readonly RequestedDevice[];
  readonly sender: RequestedDevice;
  readonly cause: Cause;
};

function wishOf({ data, token, model, devices, sender, cause }: InvitedRequest, { clock }: Environment): EnrolmentWish {
  const { smartAccountId, tokenId, virtualAccountId, exportControlAllowed } = token;
  return {
    smartAccountId,
    tokenId,
    model,
    devices,
    sender,
    cause,
    admissionOf: async (readers) =>
      admissionBy((await readers.tokens.findTokenByHash(token.tokenHash)) ?? token, {
        ...{ force: data.force, now: clock.now() },
        renewBeforeMs: model === "classic" ? classicIdCertificateMs - repeatedWithinMs : null,
      }),
    write: {
      virtualAccountId,
      exportControlAllowed,
      hostname: data.hostname,
      softwareVersion: data.software_version ?? "",
      installationId: null,
      movesInstallation: false,
    },
    settle: (transaction, admitted, now) => takeUses(transaction, token, admitted, now, cause),
  };
}

type Terms = Pick<Extract<Admission, { by: "token" }>, "force" | "now" | "renewBeforeMs">;

function admissionBy(token: StoredToken, terms: Terms): Admission {
  const { virtualAccountId, usesMax, uses } = token;
  return { by: "token", state: stateOfToken(token, terms.now), usesLeft: usesMax - uses, virtualAccountId, ...terms };
}

/** Counted in the transaction that lets the devices in, so two requests can never share the last use. */
async function takeUses(
  transaction: Transaction,
  token: StoredToken,
  admitted: number,
  now: number,
  cause: Cause,
): Promise<void> {
  if (admitted === 0) return;
  const current = await transaction.tokens.findTokenByHash(token.tokenHash);
  assert(
    current !== undefined && current.uses + admitted <= current.usesMax,
    "a token is never used more often than allowed",
  );
  const uses = current.uses + admitted;
  const { smartAccountId, tokenId, virtualAccountId, uuid, usesMax } = current;
  await transaction.tokens.setTokenUses(smartAccountId, tokenId, uses);
  const event = {
    smartAccountId,
    atMs: now,
    kind: "token_used",
    virtualAccountId,
    installationId: null,
    cause,
  } as const;
  await transaction.events.addEvents([
    { ...event, before: { tokenId: uuid, uses: current.uses }, after: { tokenId: uuid, uses, usesMax } },
  ]);
}
