// Conversions as administrators handle them: who asked and what for, who may, and whether a smart account converts by itself.

import { formatUdi, ProtocolError, parseUdi, type Udi } from "@countersign/protocol";
import type { StoredConversion } from "../conversions/conversion.ts";
import { ManagerError } from "../errors.ts";
import type { Administration } from "./administer.ts";
import { findSmartAccount, narrowedTo, virtualAccountNames } from "./find-account.ts";
import { pageOf } from "./page.ts";
import type { By, ConversionSetting, ConversionView, InAccount, InVirtualAccount, PageWish } from "./use-cases.ts";

type OfDevice = InAccount & { readonly device: string };

/** The newest first. */
export async function listConversions(
  query: InVirtualAccount & PageWish,
  { storage: { read } }: Administration,
): Promise<readonly ConversionView[]> {
  const { smartAccountId } = await findSmartAccount(query.smartAccount, read.accounts);
  const virtualAccountIds = await narrowedTo(smartAccountId, query.virtualAccount, read.accounts);
  const nameOf = await virtualAccountNames(smartAccountId, read.accounts);
  const found = await read.conversions.listConversions({ smartAccountId, virtualAccountIds, page: pageOf(query) });
  return found.map((conversion) => viewOf(conversion, nameOf));
}

/** Throws `conversion_unknown`, `input_invalid`. */
export async function showConversion(query: OfDevice, { storage: { read } }: Administration): Promise<ConversionView> {
  const { smartAccountId } = await findSmartAccount(query.smartAccount, read.accounts);
  const found = await findKnown(smartAccountId, query.device, read);
  return viewOf(found, await virtualAccountNames(smartAccountId, read.accounts));
}

/** What the device has told until now is deposited when it asks again. One that is allowed or converted already stays as it is. */
export async function allowConversion(
  wish: OfDevice & By,
  { administer, requireAdministrator, clock }: Administration,
): Promise<ConversionView> {
  return administer({ act: "allow_conversion", cause: wish.cause }, async (transaction) => {
    const { smartAccountId } = await findSmartAccount(wish.smartAccount, transaction.accounts);
    const known = await findKnown(smartAccountId, wish.device, transaction);
    requireAdministrator(known);
    const nameOf = await virtualAccountNames(smartAccountId, transaction.accounts);
    if (known.state !== "waiting") return viewOf(known, nameOf);
    const atMs = clock.now();
    const allowed = await transaction.conversions.changeConversion({ ...known, state: "allowed", changedAtMs: atMs });
    const { udi, virtualAccountId, licenses } = allowed;
    await transaction.events.addEvents([
      {
        ...{ smartAccountId, virtualAccountId, installationId: null, atMs, kind: "conversion_allowed" },
        ...{ cause: wish.cause, before: null, after: { udi: formatUdi(udi), licenses } },
      },
    ]);
    return viewOf(allowed, nameOf);
  });
}

export async function showConversionSetting(
  query: InAccount,
  { storage: { read } }: Administration,
): Promise<ConversionSetting> {
  const { smartAccountId } = await findSmartAccount(query.smartAccount, read.accounts);
  return { isAutomatic: await read.conversions.isAutomatic(smartAccountId) };
}

/** The same again changes nothing and is no act. */
export async function setConversion(
  wish: InAccount & ConversionSetting & By,
  { administer, clock }: Administration,
): Promise<ConversionSetting> {
  const { isAutomatic, cause } = wish;
  return administer({ act: "set_automatic_conversion", cause }, async (transaction) => {
    const { smartAccountId } = await findSmartAccount(wish.smartAccount, transaction.accounts);
    const before = await transaction.conversions.isAutomatic(smartAccountId);
    if (before === isAutomatic) return { isAutomatic };
    await transaction.conversions.setAutomatic(smartAccountId, isAutomatic);
    await transaction.events.addEvents([
      {
        ...{ smartAccountId, virtualAccountId: null, installationId: null, atMs: clock.now(), cause },
        ...{ kind: "conversion_setting_changed", before: { isAutomatic: before }, after: { isAutomatic } },
      },
    ]);
    return { isAutomatic };
  });
}

async function findKnown(
  smartAccountId: number,
  device: string,
  { conversions }: Pick<Administration["storage"]["read"], "conversions">,
): Promise<StoredConversion> {
  const found = await conversions.findConversion(smartAccountId, readUdi(device));
  if (found === undefined) throw new ManagerError("conversion_unknown", JSON.stringify(device));
  return found;
}

function readUdi(text: string): Udi {
  try {
    return parseUdi(text);
  } catch (cause) {
    if (cause instanceof ProtocolError) throw new ManagerError("input_invalid", cause.message, { cause });
    throw cause;
  }
}

function viewOf(
  { conversionId, udi, virtualAccountId, state, licenses, askedAtMs, changedAtMs }: StoredConversion,
  nameOf: (id: number) => string,
): ConversionView {
  return {
    ...{ conversionId, udi: formatUdi(udi), virtualAccount: nameOf(virtualAccountId), state, askedAtMs, changedAtMs },
    licenses: licenses.map(({ kind, name, entitlement_tag: tag, count }) => ({ kind, name, tag, count })),
  };
}
