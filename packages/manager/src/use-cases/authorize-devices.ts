// AUTHORIZATION_REQUEST, _CONFIRM and _RETURN of a trusted device, for itself and for members of its installation. Each device by
// itself: one that is refused stops no other, and any of them may be repeated.

import {
  type AuthorizationAnswerEntry,
  type AuthorizationRefusal,
  authorizationRefusals,
  confirmationCodeOf,
  encodeSmartLicense,
  isSameUdi,
  type RequestData,
  returnCodeOf,
  type Sudi,
  type UnverifiedRequest,
  udiOf,
} from "@countersign/protocol";
import { isInForce, type StoredAuthorization } from "../authorizations/authorization.ts";
import type { Cause } from "../events/event.ts";
import type { ProductInstance } from "../trust/product-instance.ts";
import {
  authorizationInForce,
  confirmAuthorization,
  endAuthorization,
  giveAuthorization,
} from "./give-authorization.ts";
import type { ChangeContext } from "./installation-changes.ts";
import { served } from "./reply.ts";
import { decodeTimely } from "./request-clock.ts";
import { requireSender, type Sender } from "./sender.ts";
import type { TrustSyncPorts } from "./sync-trust.ts";
import type { DeviceReply } from "./use-cases.ts";

type RequestOf<T extends UnverifiedRequest["requestType"]> = UnverifiedRequest & { readonly requestType: T };
type AuthorizationType = "AUTHORIZATION_REQUEST" | "AUTHORIZATION_CONFIRM" | "AUTHORIZATION_RETURN";

/** What one device is answered, before anything is signed. */
type Outcome = { readonly authorization: StoredAuthorization | null; readonly refusal: AuthorizationRefusal | null };
const heard: Outcome = { authorization: null, refusal: null };
const refused = (refusal: AuthorizationRefusal): Outcome => ({ authorization: null, refusal });

type Named = { readonly sudi: Sudi; readonly product_instance_identifier: string };

export function requestAuthorization(
  request: RequestOf<"AUTHORIZATION_REQUEST">,
  ports: TrustSyncPorts,
): Promise<DeviceReply> {
  return answerEach(request, ports, async (wish, instance, context) => {
    if (instance.removedAtMs !== null) return refused("authorization_of_other_installation");
    const given = await giveAuthorization(instance, wish, context);
    if (given.outcome === "refused") return refused(given.code);
    return given.outcome === "given" ? { authorization: given.authorization, refusal: null } : heard;
  });
}

export function hearConfirmation(
  request: RequestOf<"AUTHORIZATION_CONFIRM">,
  ports: TrustSyncPorts,
): Promise<DeviceReply> {
  return answerEach(request, ports, async ({ sequence, confirm_code }, instance, context) => {
    const named = await findCode(instance, sequence, context);
    if (named === undefined || confirmationCodeOf(named.payload) !== confirm_code)
      return refused("authorization_unknown");
    if (isInForce(named)) {
      await confirmAuthorization(instance, named, context);
      return heard;
    }
    // It came late, by a file that lay about: whoever shows it is told what counts now.
    const inForce = await authorizationInForce(instance, context);
    return inForce === undefined ? refused("authorization_withdrawn") : { authorization: inForce, refusal: null };
  });
}

export function hearReturn(request: RequestOf<"AUTHORIZATION_RETURN">, ports: TrustSyncPorts): Promise<DeviceReply> {
  return answerEach(request, ports, async ({ sequence, return_code }, instance, context) => {
    const named = await findCode(instance, sequence, context);
    if (named === undefined || returnCodeOf(named.payload) !== return_code) return refused("authorization_unknown");
    await endAuthorization(instance, named, "returned", context);
    return heard;
  });
}

function findCode({ smartAccountId, instanceId }: ProductInstance, sequence: number, { transaction }: ChangeContext) {
  return transaction.authorizations.findAuthorization(smartAccountId, instanceId, sequence);
}

type EntryOf<T extends AuthorizationType> = RequestData<T>["device_list"][number];

/** One transaction for all devices of the message; the codes are signed after it. */
async function answerEach<T extends AuthorizationType>(
  request: RequestOf<T>,
  { environment, directory, signer }: TrustSyncPorts,
  answer: (entry: EntryOf<T>, instance: ProductInstance, context: ChangeContext) => Promise<Outcome>,
): Promise<DeviceReply> {
  const now = environment.clock.now();
  const sender = await requireSender(request, { directory, now, mayBeExpired: false, mustBeCurrent: true });
  const data = decodeTimely(request, now);
  const entries = data.device_list as readonly EntryOf<T>[];
  const { productInstanceIdentifier } = sender.instance;
  const { requestType } = request;
  const cause: Cause = { kind: "message", requestType, nonce: data.nonce, productInstanceIdentifier };
  const outcomes = await environment.storage.inTransaction(async (transaction) => {
    const all: Outcome[] = [];
    for (const entry of entries) {
      const instance = await findOwn(entry, sender, transaction);
      all.push(
        instance === undefined
          ? refused("authorization_of_other_installation")
          : await answer(entry, instance, { transaction, now, cause }),
      );
    }
    return all;
  });
  const device_list = await Promise.all(
    entries.map(async (entry, at) => {
      const { authorization, refusal } = outcomes[at] ?? heard;
      const license = authorization === null ? "" : encodeSmartLicense([await signer.authorization(authorization)]);
      return answerEntry(entry, license, refusal);
    }),
  );
  return served({ data: { nonce: data.nonce, sudi: data.sudi, device_list }, productInstanceIdentifier });
}

/** A member that left may still confirm or give back: its code names it and nobody else. */
export async function findOwn(
  { sudi, product_instance_identifier }: Named,
  sender: Sender,
  { trust }: ChangeContext["transaction"],
): Promise<ProductInstance | undefined> {
  const instance = await trust.findInstanceByIdentifier(product_instance_identifier);
  if (instance === undefined || instance.smartAccountId !== sender.instance.smartAccountId) return undefined;
  const isOwn = instance.installationId === sender.instance.installationId && isSameUdi(udiOf(sudi), instance.udi);
  return isOwn ? instance : undefined;
}

function answerEntry(
  { sudi, product_instance_identifier }: Named,
  smart_license: string,
  refusal: AuthorizationRefusal | null,
): AuthorizationAnswerEntry {
  return {
    ...{ sudi, product_instance_identifier, smart_license },
    status_code: refusal === null ? "OK" : "FAILED",
    status_message: refusal === null ? "" : authorizationRefusals[refusal].meaning,
    code: refusal ?? "",
  };
}
