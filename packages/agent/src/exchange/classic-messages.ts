// REGISTER, RENEW_ID, AUTHORIZE, DEREGISTER and CONVERSION of a device in the classic model. An ID certificate is verified against the licensing
// root, the device and its own key before anything is installed.

import {
  type ConvertedAnswer,
  decodeSmartLicense,
  encodeCertificate,
  formatUdi,
  isSameUdi,
  namesDevice,
  ProtocolError,
  parseCertificate,
  type RegisteredAnswer,
  serialNumberOf,
  sudiOf,
  udiOf,
  verifyChain,
  verifyConversion,
} from "@countersign/protocol";
import { registeredSpeaker } from "../lifecycle/classic/classic-state.ts";
import type { AgentEffect, TrustSeeker } from "../lifecycle/effect.ts";
import type { ConversionGiven, ExchangeEvent, RegisteredDevice, RegistrationFacts } from "../lifecycle/event.ts";
import { enrollingDevices } from "./establish-trust.ts";
import { type ExchangeContext, installedTrust } from "./exchange-context.ts";
import { sendRequest } from "./send-request.ts";
import { hostnameOf, versionEntry } from "./what-is-told.ts";

type EffectOf<T extends AgentEffect["type"]> = Extract<AgentEffect, { readonly type: T }>;

export async function register(effect: EffectOf<"register">, context: ExchangeContext): Promise<ExchangeEvent> {
  const { exchangeId, devices, token, force } = effect;
  const { answer, contact } = await sendRequest(
    {
      requestType: "REGISTER",
      kind: "registration",
      // Nobody knows the key yet.
      isSigned: false,
      data: { ...software(context), token, force, device_list: await enrollingDevices(devices, context) },
    },
    context,
  );
  if (answer.statusCode !== "OK")
    return { type: "try-again", exchangeId, contact, afterSeconds: answer.retryTimeSeconds };
  const given = await readIdentities(answer.data.device_list, devices, context);
  return { type: "registration-answered", exchangeId, contact, ...given, ...factsOf(answer.data, answer) };
}

export async function renewIds(effect: EffectOf<"renew-id">, context: ExchangeContext): Promise<ExchangeEvent> {
  const { exchangeId, devices } = effect;
  const enrolling = await enrollingDevices(devices, context);
  const { answer, contact } = await sendRequest(
    {
      requestType: "RENEW_ID",
      kind: "id_renewal",
      isSigned: true,
      data: {
        ...software(context),
        device_list: enrolling.map(({ sudi, product_instance_identifier, role, csr, id_cert_sn }) => ({
          ...{ sudi, product_instance_identifier, role, csr, id_cert_sn },
        })),
      },
    },
    context,
  );
  if (answer.statusCode !== "OK")
    return { type: "try-again", exchangeId, contact, afterSeconds: answer.retryTimeSeconds };
  const given = await readIdentities(answer.data.device_list, devices, context);
  return { type: "registration-answered", exchangeId, contact, ...given, ...factsOf(answer.data, answer) };
}

export async function authorize(effect: EffectOf<"authorize">, context: ExchangeContext): Promise<ExchangeEvent> {
  const { exchangeId, entitlements } = effect;
  const { answer, contact } = await sendRequest(
    {
      requestType: "AUTHORIZE",
      kind: "authorization",
      isSigned: true,
      data: {
        ...software(context),
        device_list: registeredDevices(context),
        entitlements: entitlements.map(({ tag, count }) => ({ entitlement_tag: tag, count })),
      },
    },
    context,
  );
  if (answer.statusCode !== "OK")
    return { type: "try-again", exchangeId, contact, afterSeconds: answer.retryTimeSeconds };
  const { renew_after_seconds: renewAfterSeconds, expires_at: expiresAtMs } = answer.data;
  const verdicts = entitlements.map(({ tag, count }) => {
    const verdict = answer.data.entitlements.find((one) => one.entitlement_tag === tag);
    if (verdict === undefined) throw new ProtocolError("payload_invalid", `The answer says nothing about ${tag}.`);
    return { tag, count, status: verdict.status, shortfall: verdict.shortfall };
  });
  return {
    type: "classic-authorized",
    exchangeId,
    contact,
    entitlements: verdicts,
    renewAfterSeconds,
    expiresAtMs,
    ...factsOf(answer.data, answer),
  };
}

export async function deregister(effect: EffectOf<"deregister">, context: ExchangeContext): Promise<ExchangeEvent> {
  const { exchangeId } = effect;
  const { answer, contact } = await sendRequest(
    {
      requestType: "DEREGISTER",
      kind: "deregistration",
      isSigned: true,
      data: { device_list: registeredDevices(context) },
    },
    context,
  );
  if (answer.statusCode !== "OK")
    return { type: "try-again", exchangeId, contact, afterSeconds: answer.retryTimeSeconds };
  return { type: "deregistered", exchangeId, contact };
}

/** Each device's word from the manager is verified on its own, because it outlives the connection it came over. */
export async function convert(effect: EffectOf<"convert">, context: ExchangeContext): Promise<ExchangeEvent> {
  const { exchangeId, converting } = effect;
  const { answer, contact } = await sendRequest(
    {
      requestType: "CONVERSION",
      kind: "conversion",
      isSigned: true,
      data: {
        ...software(context),
        device_list: converting.map(({ udi, licenses }) => ({
          sudi: sudiOf(udi),
          product_instance_identifier: installedTrust(context.state, udi)?.productInstanceIdentifier ?? "",
          licenses: [...licenses],
        })),
      },
    },
    context,
  );
  if (answer.statusCode !== "OK")
    return { type: "try-again", exchangeId, contact, afterSeconds: answer.retryTimeSeconds };
  const given: ConversionGiven[] = [];
  const refused: { readonly udi: TrustSeeker["udi"]; readonly code: string; readonly message: string }[] = [];
  for (const { udi } of converting) {
    const entry = answer.data.device_list.find((candidate) => isSameUdi(udiOf(candidate.sudi), udi));
    if (entry === undefined) throw new ProtocolError("payload_invalid", "The answer says nothing about a device.");
    if (entry.status_code === "OK") given.push(await readConversion(entry, udi, context));
    else refused.push({ udi, code: entry.code === "" ? "refused" : entry.code, message: entry.status_message });
  }
  return { type: "conversion-answered", exchangeId, contact, given, refused };
}

async function readConversion(
  { smart_license }: ConvertedAnswer,
  udi: TrustSeeker["udi"],
  { anchors, clock }: ExchangeContext,
): Promise<ConversionGiven> {
  const objects = smart_license === "" ? [] : decodeSmartLicense(smart_license);
  const object = objects.find(({ header }) => header.type === "conversion");
  if (object === undefined) throw new ProtocolError("payload_invalid", "The word that it is converted is missing.");
  const conversion = await verifyConversion({ object, anchors, now: clock.now(), udi });
  return { udi, payload: object.payload, virtualAccount: conversion.virtual_account_name };
}

function software({ state }: ExchangeContext) {
  const { productTag } = state.installation;
  return { hostname: hostnameOf(state), software_tag_identifier: productTag, ...versionEntry(state) };
}

/** Members that are registered; the others are told when they are. */
function registeredDevices({ state }: ExchangeContext) {
  if (registeredSpeaker(state) === null) throw new ProtocolError("payload_invalid", "No device is registered.");
  return state.installation.members.flatMap(({ udi, role }) => {
    const trust = installedTrust(state, udi);
    if (trust?.isClassic !== true) return [];
    return [{ sudi: sudiOf(udi), product_instance_identifier: trust.productInstanceIdentifier, role }];
  });
}

function factsOf(
  data: {
    readonly smart_account_name: string;
    readonly pool_name: string;
    readonly export_control_allowed: boolean;
  },
  { header }: { readonly header: { readonly timestamp: number } },
): RegistrationFacts {
  const { smart_account_name: smartAccount, pool_name: virtualAccount, export_control_allowed } = data;
  return {
    account: { smartAccount, virtualAccount, asOfMs: header.timestamp },
    exportControlAllowed: export_control_allowed,
  };
}

/** Throws `ProtocolError` when any of it is not what it claims to be; then nothing of it is used. */
async function readIdentities(
  answers: readonly RegisteredAnswer[],
  asked: readonly TrustSeeker[],
  context: ExchangeContext,
) {
  const devices: RegisteredDevice[] = [];
  const refused: { readonly udi: TrustSeeker["udi"]; readonly message: string }[] = [];
  for (const seeker of asked) {
    const answer = answers.find((candidate) => isSameUdi(udiOf(candidate.sudi), seeker.udi));
    if (answer === undefined || answer.status_code === "FAILED") {
      const message = answer?.status_message ?? "The answer says nothing about this device.";
      refused.push({ udi: seeker.udi, message });
      continue;
    }
    devices.push(await readIdentity(answer, seeker, context));
  }
  return { devices, refused };
}

async function readIdentity(
  answer: RegisteredAnswer,
  { udi, keyId }: TrustSeeker,
  { anchors, clock, keys }: ExchangeContext,
): Promise<RegisteredDevice> {
  const { product_instance_identifier: productInstanceIdentifier } = answer;
  if (answer.id_certificate === "" || productInstanceIdentifier === "")
    throw new ProtocolError("payload_invalid", "The ID certificate or the product instance identifier is missing.");
  const certificate = parseCertificate(answer.id_certificate);
  const intermediates = answer.chain.map(parseCertificate);
  verifyChain({ leaf: certificate, intermediates, anchors, purpose: "product-instance", now: clock.now() });
  const certified = certificate.publicKey.export({ type: "spki", format: "der" });
  if (!namesDevice(certificate, udi) || !certified.equals(await keys.publicKey(keyId)))
    throw new ProtocolError("identity_mismatch", `The ID certificate is not for ${formatUdi(udi)} and its key.`);
  return {
    udi,
    keyId,
    productInstanceIdentifier,
    certificateSerial: serialNumberOf(certificate),
    certificate: encodeCertificate(certificate),
    expiresAtMs: Date.parse(certificate.validTo),
  };
}
