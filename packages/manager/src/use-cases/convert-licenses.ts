// CONVERSION: the licences of the time before Smart Licensing that devices of the classic model tell are deposited in their virtual
// account, once. Each device by itself; whoever asks again has the same answer, and nothing is deposited twice.

import {
  type ConversionRefusal,
  type ConvertedAnswer,
  type ConvertingDevice,
  conversionRefusals,
  encodeConversion,
  encodeSmartLicense,
  formatUdi,
  type LegacyLicense,
  sudiOf,
  type UnverifiedRequest,
} from "@countersign/protocol";
import { depositsOf, isSameClaim, type NewConversion, type StoredConversion } from "../conversions/conversion.ts";
import type { Cause, NewEvent } from "../events/event.ts";
import type { Randomness } from "../ports.ts";
import type { ProductInstance } from "../trust/product-instance.ts";
import { recordAct } from "./administer.ts";
import { findOwn } from "./authorize-devices.ts";
import type { ChangeContext } from "./installation-changes.ts";
import { requireClassicSender, requireRegistered } from "./registered-sender.ts";
import { accountNamesOf } from "./registration-answer.ts";
import { served } from "./reply.ts";
import { decodeTimely } from "./request-clock.ts";
import type { TrustSyncPorts } from "./sync-trust.ts";
import type { DeviceReply } from "./use-cases.ts";

type ConversionRequest = UnverifiedRequest & { readonly requestType: "CONVERSION" };
type Outcome = { readonly payload: string } | { readonly refusal: ConversionRefusal };
type ConversionContext = ChangeContext & { readonly randomness: Randomness };

export async function convertLicenses(request: ConversionRequest, ports: TrustSyncPorts): Promise<DeviceReply> {
  const { clock, storage, randomness } = ports.environment;
  const sender = await requireClassicSender(request, ports);
  const data = decodeTimely(request, clock.now());
  const { productInstanceIdentifier } = sender.instance;
  const { requestType } = request;
  const cause: Cause = { kind: "message", requestType, nonce: data.nonce, productInstanceIdentifier };
  const outcomes = await storage.inTransaction(async (transaction) => {
    const context = { transaction, now: clock.now(), cause, randomness };
    await requireRegistered(sender, request.header, context);
    const all: Outcome[] = [];
    for (const device of data.device_list) {
      const instance = await findOwn(device, sender, transaction);
      all.push(
        instance === undefined || instance.removedAtMs !== null
          ? { refusal: "conversion_of_other_installation" }
          : await convert(device, instance, context),
      );
    }
    return all;
  });
  const device_list = await Promise.all(
    data.device_list.map(async (device, at): Promise<ConvertedAnswer> => {
      const outcome = outcomes[at] as Outcome;
      const isDone = "payload" in outcome;
      return {
        sudi: device.sudi,
        product_instance_identifier: device.product_instance_identifier,
        smart_license: isDone ? encodeSmartLicense([await ports.signer.conversion(outcome.payload)]) : "",
        status_code: isDone ? "OK" : "FAILED",
        status_message: isDone ? "" : conversionRefusals[outcome.refusal].meaning,
        code: isDone ? "" : outcome.refusal,
      };
    }),
  );
  return served({ data: { nonce: data.nonce, sudi: data.sudi, device_list }, productInstanceIdentifier });
}

async function convert(
  { licenses }: ConvertingDevice,
  instance: ProductInstance,
  context: ConversionContext,
): Promise<Outcome> {
  const { conversions } = context.transaction;
  const { smartAccountId, udi } = instance;
  const known = await conversions.findConversion(smartAccountId, udi);
  if (known?.payload != null) return { payload: known.payload };
  const isAllowed = known?.state === "allowed" || (await conversions.isAutomatic(smartAccountId));
  // What an administrator has allowed is what was told then, whatever is told now.
  const claimed = known?.state === "allowed" ? known.licenses : licenses;
  if (!isAllowed) {
    await keepClaim(known, claimed, instance, context);
    return { refusal: "conversion_not_allowed" };
  }
  if ((await conversions.claimDevice(udi, smartAccountId)) !== smartAccountId)
    return { refusal: "conversion_done_elsewhere" };
  return { payload: await deposit(known, claimed, instance, context) };
}

/** For an administrator to look at. */
async function keepClaim(
  known: StoredConversion | undefined,
  licenses: readonly LegacyLicense[],
  { smartAccountId, virtualAccountId, installationId, udi }: ProductInstance,
  { transaction: { conversions, events }, now, cause }: ConversionContext,
): Promise<void> {
  const isNew = known === undefined || !isSameClaim(known.licenses, licenses);
  if (!isNew && known.virtualAccountId === virtualAccountId) return;
  const kept: NewConversion = {
    ...{ smartAccountId, virtualAccountId, udi, state: "waiting", licenses, payload: null },
    askedAtMs: known?.askedAtMs ?? now,
    changedAtMs: now,
  };
  await (known === undefined ? conversions.addConversion(kept) : conversions.changeConversion({ ...known, ...kept }));
  if (!isNew) return;
  await events.addEvents([
    {
      ...{ smartAccountId, virtualAccountId, installationId, atMs: now, kind: "conversion_asked", cause },
      before: known === undefined ? null : { licenses: known.licenses },
      after: { udi: formatUdi(udi), licenses },
    },
  ]);
}

/** One act of the ledger: the purchases, and the word that the device is given whenever it asks. */
async function deposit(
  known: StoredConversion | undefined,
  licenses: readonly LegacyLicense[],
  { smartAccountId, virtualAccountId, installationId, udi }: ProductInstance,
  { transaction, now, cause, randomness }: ConversionContext,
): Promise<string> {
  const names = await accountNamesOf({ smartAccountId, virtualAccountId }, transaction.accounts);
  const payload = encodeConversion({
    version: "1.0",
    sudi: sudiOf(udi),
    smart_account_name: names.smartAccount,
    virtual_account_name: names.virtualAccount,
    converted_at: now,
    licenses: [...licenses],
  });
  const converted: NewConversion = {
    ...{ smartAccountId, virtualAccountId, udi, state: "converted", licenses, payload },
    askedAtMs: known?.askedAtMs ?? now,
    changedAtMs: now,
  };
  const { conversionId } =
    known === undefined
      ? await transaction.conversions.addConversion(converted)
      : await transaction.conversions.changeConversion({ ...known, ...converted });
  const purchases = await transaction.licenses.addPurchases(smartAccountId, depositsOf(converted, formatUdi(udi), now));
  const place = { smartAccountId, virtualAccountId, atMs: now, cause };
  const told: NewEvent[] = [
    {
      ...{ ...place, installationId, kind: "licenses_converted", before: null },
      after: { udi: formatUdi(udi), conversionId, licenses },
    },
    ...purchases.map(
      (after): NewEvent => ({ ...place, installationId: null, kind: "licenses_added", before: null, after }),
    ),
  ];
  await recordAct(transaction, { act: "convert_licenses", cause, atMs: now }, { told, randomness });
  return payload;
}
