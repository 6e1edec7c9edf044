// AUTHORIZATION_REQUEST, _CONFIRM and _RETURN. A code is verified on its own, because it outlives the connection it came over.

import {
  type AuthorizationAnswerEntry,
  type AuthorizationCode,
  type AuthorizationWish,
  confirmationCodeOf,
  decodeSmartLicense,
  formatUdi,
  isSameUdi,
  type ManagerObject,
  ProtocolError,
  parseUdi,
  returnCodeOf,
  sudiOf,
  udiOf,
  verifyAuthorizationCode,
} from "@countersign/protocol";
import { leastSequenceOf } from "../lifecycle/authorization.ts";
import type { AgentEffect, AuthorizationTold } from "../lifecycle/effect.ts";
import type { AuthorizationGiven, ExchangeEvent, RefusedAuthorization } from "../lifecycle/event.ts";
import type { AgentState } from "../lifecycle/state.ts";
import type { ExchangeContext } from "./exchange-context.ts";
import { sendRequest } from "./send-request.ts";
import { hostnameOf, versionEntry } from "./what-is-told.ts";

type EffectOf<T extends AgentEffect["type"]> = Extract<AgentEffect, { readonly type: T }>;

export async function requestAuthorization(
  { exchangeId, wishes }: EffectOf<"request-authorization">,
  context: ExchangeContext,
): Promise<ExchangeEvent> {
  const { answer, contact } = await sendRequest(
    {
      requestType: "AUTHORIZATION_REQUEST",
      kind: "authorization_request",
      isSigned: true,
      data: {
        hostname: hostnameOf(context.state),
        software_tag_identifier: context.state.installation.productTag,
        ...versionEntry(context.state),
        device_list: [...wishes],
      },
    },
    context,
  );
  if (answer.statusCode !== "OK")
    return { type: "try-again", exchangeId, contact, afterSeconds: answer.retryTimeSeconds };
  const given: AuthorizationGiven[] = [];
  const refused: RefusedAuthorization[] = [];
  for (const wish of wishes) {
    const entry = entryFor(udiOf(wish.sudi), answer.data.device_list);
    if (entry.status_code === "FAILED") refused.push(refusalOf(entry));
    else given.push(await readGranted(entry, { sudi: wish.sudi, ...identityOf(wish) }, context));
  }
  return { type: "authorization-answered", exchangeId, contact, given, refused };
}

function entryFor(
  udi: ReturnType<typeof udiOf>,
  entries: readonly AuthorizationAnswerEntry[],
): AuthorizationAnswerEntry {
  const entry = entries.find((candidate) => isSameUdi(udiOf(candidate.sudi), udi));
  if (entry === undefined) throw new ProtocolError("payload_invalid", "The answer says nothing about a device.");
  return entry;
}

function refusalOf({ sudi, code, status_message }: AuthorizationAnswerEntry): RefusedAuthorization {
  return { udi: udiOf(sudi), code: code === "" ? "refused" : code, message: status_message };
}

async function readGranted(
  { smart_license }: AuthorizationAnswerEntry,
  device: CodeHolder,
  context: ExchangeContext,
): Promise<AuthorizationGiven> {
  const objects = smart_license === "" ? [] : decodeSmartLicense(smart_license);
  const object = objects.find(({ header }) => header.type === "auth");
  if (object === undefined) throw new ProtocolError("payload_invalid", "The authorization code is missing.");
  return readAuthorization(object, device, context);
}

function identityOf({ product_instance_identifier: productInstanceIdentifier }: AuthorizationWish) {
  return { productInstanceIdentifier };
}

type CodeHolder = { readonly sudi: AuthorizationCode["sudi"]; readonly productInstanceIdentifier: string };

/** Throws `ProtocolError` for a code that is not for this device, or that it gave back. */
export async function readAuthorization(
  object: ManagerObject,
  device: CodeHolder,
  { anchors, clock, state }: Pick<ExchangeContext, "anchors" | "clock"> & { readonly state: AgentState },
): Promise<AuthorizationGiven> {
  const udi = udiOf(device.sudi);
  const { productInstanceIdentifier } = device;
  const leastSequence = leastSequenceOf(state, formatUdi(udi), productInstanceIdentifier);
  const now = clock.now();
  const code = await verifyAuthorizationCode({ object, anchors, now, productInstanceIdentifier, udi, leastSequence });
  return {
    udi,
    productInstanceIdentifier,
    sequence: code.sequence,
    licenses: code.licenses.map(({ entitlement_tag: tag, license_class: licenseClass, count }) => ({
      ...{ tag, licenseClass, count },
    })),
    confirmationCode: confirmationCodeOf(object.payload),
    returnCode: returnCodeOf(object.payload),
  };
}

/** Confirmations and returns: the same message but for its digits. */
export async function tellAuthorization(
  { type, exchangeId, told }: EffectOf<"confirm-authorization" | "return-authorization">,
  context: ExchangeContext,
): Promise<ExchangeEvent> {
  const { answer, contact } =
    type === "confirm-authorization"
      ? await sendRequest(
          {
            requestType: "AUTHORIZATION_CONFIRM",
            kind: "authorization_confirmation",
            isSigned: true,
            data: { device_list: told.map((one) => ({ ...entryOf(one), confirm_code: one.digits })) },
          },
          context,
        )
      : await sendRequest(
          {
            requestType: "AUTHORIZATION_RETURN",
            kind: "authorization_return",
            isSigned: true,
            data: { device_list: told.map((one) => ({ ...entryOf(one), return_code: one.digits })) },
          },
          context,
        );
  if (answer.statusCode !== "OK")
    return { type: "try-again", exchangeId, contact, afterSeconds: answer.retryTimeSeconds };
  const devices = await Promise.all(
    told.map(async ({ udi, sequence, productInstanceIdentifier }) => {
      const entry = entryFor(parseUdi(udi), answer.data.device_list);
      const refusal = entry.status_code === "OK" ? null : refusalOf(entry);
      const device = { sudi: sudiOf(parseUdi(udi)), productInstanceIdentifier };
      const newer = refusal === null && entry.smart_license !== "" ? await readGranted(entry, device, context) : null;
      return { udi, sequence, refusal, newer };
    }),
  );
  return { type: "authorization-heard", exchangeId, contact, devices };
}

function entryOf({ udi, productInstanceIdentifier, sequence }: AuthorizationTold) {
  return { sudi: sudiOf(parseUdi(udi)), product_instance_identifier: productInstanceIdentifier, sequence };
}
