// ID_TOKEN_TRUST: a token and one certificate request per device become product instances with ID certificates.
// Idempotent: the same token and keys get the same answer and use the token once (I9, BET-31).

import { createPublicKey } from "node:crypto";
import {
  assert,
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
import type { Admission } from "../trust/enrolment-plan.ts";
import { admissionWish } from "./admit-devices.ts";
import { type EnrolmentWish, enrolDevices } from "./enrol-devices.ts";
import { served } from "./reply.ts";
import { decodeTimely } from "./request-clock.ts";
import type { ObjectSigner } from "./sign-objects.ts";
import { trustAnswer } from "./trust-answer.ts";
import type { DeviceReply } from "./use-cases.ts";
import { type RequestedDevice, readDevices } from "./wanted-devices.ts";

export type TrustPorts = { readonly environment: Environment; readonly signer: ObjectSigner };
type TrustRequest = UnverifiedRequest & { readonly requestType: "ID_TOKEN_TRUST" };
type TrustData = RequestData<"ID_TOKEN_TRUST">;

/** `tenant` is what the address says about where a device without a token belongs. */
export async function establishTrust(
  request: TrustRequest,
  ports: TrustPorts,
  tenant?: string | undefined,
): Promise<DeviceReply> {
  const { environment } = ports;
  await verifyIfSigned(request, environment);
  const data = decodeTimely(request, environment.clock.now());
  const token = data.token === undefined ? null : await findToken(data.token, environment);
  const devices = await readDevices(data.device_list, data.sudi, environment.issuer);
  const sender = devices.find((device) => formatUdi(device.udi) === formatUdi(udiOf(data.sudi))) as RequestedDevice;
  if (devices.some((device) => device.publicKey === null)) throw new DeviceRefusal("certificate_request_missing");
  const cause = causeOf(request, data.nonce);
  const wish =
    token === null
      ? await admissionWish({ data, devices, sender, cause, tenant }, environment)
      : wishOf({ data, token, devices, sender, cause }, environment);
  const enrolment = await enrolDevices(wish, environment);
  const own = enrolment.devices.find(({ device }) => device === sender);
  assert(own !== undefined, "the sender of a served trust request is enrolled");
  return served({
    data: await trustAnswer(data, enrolment, ports),
    productInstanceIdentifier: own.instance.productInstanceIdentifier,
  });
}

/** Before trust there is nothing to sign with; but a signature that is there must be right, by whatever key (BET-27). */
async function verifyIfSigned(request: TrustRequest, { storage }: Environment): Promise<void> {
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

function causeOf({ header, requestType }: TrustRequest, nonce: string): Cause {
  const { product_instance_identifier: productInstanceIdentifier } = header;
  return { kind: "message", requestType, nonce, productInstanceIdentifier };
}

type InvitedRequest = {
  readonly data: TrustData;
  readonly token: StoredToken;
  readonly devices: readonly RequestedDevice[];
  readonly sender: RequestedDevice;
  readonly cause: Cause;
};

function wishOf({ data, token, devices, sender, cause }: InvitedRequest, { clock }: Environment): EnrolmentWish {
  const { smartAccountId, tokenId, virtualAccountId, exportControlAllowed } = token;
  return {
    smartAccountId,
    tokenId,
    devices,
    sender,
    cause,
    admissionOf: async (readers) =>
      admissionBy((await readers.tokens.findTokenByHash(token.tokenHash)) ?? token, data.force, clock.now()),
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

function admissionBy(token: StoredToken, force: boolean, now: number): Admission {
  const { virtualAccountId, usesMax, uses } = token;
  return { by: "token", state: stateOfToken(token, now), usesLeft: usesMax - uses, virtualAccountId, force };
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
