// Authorization codes as administrators handle them: made by hand, from a file that a person carried, taken back with a return
// code, or withdrawn. Each is an act that the ledger keeps.

import {
  type AuthorizationWish,
  type AuthorizedClass,
  type AuthorizedLicense,
  authorizationRefusals,
  confirmationCodeOf,
  decodeLicenseFile,
  encodeLicenseFile,
  formatUdi,
  isSameUdi,
  type ManagerObject,
  ProtocolError,
  parseTag,
  returnCodeOf,
  udiOf,
} from "@countersign/protocol";
import { licensesOf, type StoredAuthorization } from "../authorizations/authorization.ts";
import { ManagerError } from "../errors.ts";
import type { ProductInstance } from "../trust/product-instance.ts";
import type { Administration } from "./administer.ts";
import { findProductInstance, findSmartAccount, narrowedTo, virtualAccountNames } from "./find-account.ts";
import {
  authorizationInForce,
  endAuthorization,
  type GivenAuthorization,
  giveAuthorization,
} from "./give-authorization.ts";
import type { ChangeContext } from "./installation-changes.ts";
import { pageOf } from "./page.ts";
import type { ObjectSigner } from "./sign-objects.ts";
import type {
  AuthorizationView,
  AuthorizedByFile,
  By,
  GeneratedAuthorization,
  InAccount,
  InstanceReference,
  InVirtualAccount,
  PageWish,
} from "./use-cases.ts";

export type AuthorizationPorts = { readonly administration: Administration; readonly signer: ObjectSigner };

/** The newest first, those that have ended too. */
export async function listAuthorizations(
  query: InVirtualAccount & { readonly instance?: string | undefined } & PageWish,
  { storage: { read } }: Administration,
): Promise<readonly AuthorizationView[]> {
  const { smartAccountId } = await findSmartAccount(query.smartAccount, read.accounts);
  const virtualAccountIds = await narrowedTo(smartAccountId, query.virtualAccount, read.accounts);
  const instance =
    query.instance === undefined ? null : await findProductInstance(smartAccountId, query.instance, read.trust);
  const nameOf = await virtualAccountNames(smartAccountId, read.accounts);
  const found = await read.authorizations.listAuthorizations({
    smartAccountId,
    virtualAccountIds,
    instanceId: instance?.instanceId ?? null,
    page: pageOf(query),
  });
  const views: AuthorizationView[] = [];
  for (const one of found) {
    const holder = await read.trust.findInstance(smartAccountId, one.instanceId);
    if (holder !== undefined) views.push(viewOf(one, holder, nameOf(one.virtualAccountId)));
  }
  return views;
}

function viewOf(one: StoredAuthorization, holder: ProductInstance, virtualAccount: string): AuthorizationView {
  const { authorizationId, sequence, state, issuedAtMs, changedAtMs, payload } = one;
  return {
    ...{ authorizationId, sequence, state, issuedAtMs, changedAtMs, virtualAccount },
    udi: formatUdi(holder.udi),
    productInstanceIdentifier: holder.productInstanceIdentifier,
    licenses: licensesOf(one).map(({ entitlement_tag: tag, license_class: licenseClass, count }) => ({
      ...{ tag, licenseClass, count },
    })),
    confirmationCode: confirmationCodeOf(payload),
  };
}

/** Runs work on a product instance as an act, and answers its code as it is then. */
async function onInstance(
  wish: InstanceReference & By,
  act: "generate_authorization" | "return_authorization" | "withdraw_authorization",
  { administration }: Pick<AuthorizationPorts, "administration">,
  work: (instance: ProductInstance, context: ChangeContext) => Promise<StoredAuthorization>,
): Promise<{ readonly stored: StoredAuthorization; readonly view: AuthorizationView }> {
  const { clock, requireAdministrator } = administration;
  return administration.administer({ act, cause: wish.cause }, async (transaction) => {
    const { smartAccountId } = await findSmartAccount(wish.smartAccount, transaction.accounts);
    const instance = await findProductInstance(smartAccountId, wish.instance, transaction.trust);
    requireAdministrator(instance);
    const stored = await work(instance, { transaction, now: clock.now(), cause: wish.cause });
    const nameOf = await virtualAccountNames(smartAccountId, transaction.accounts);
    return { stored, view: viewOf(stored, instance, nameOf(stored.virtualAccountId)) };
  });
}

type Wanted = { readonly tag: string; readonly licenseClass: AuthorizedClass; readonly count: number };

function readLicense({ tag, licenseClass, count }: Wanted): AuthorizedLicense {
  try {
    parseTag(tag);
  } catch (cause) {
    if (cause instanceof ProtocolError) throw new ManagerError("input_invalid", cause.message, { cause });
    throw cause;
  }
  return { entitlement_tag: tag, license_class: licenseClass, count };
}

/** Throws `authorization_refused` with the reason; the same wish again gives the same code. */
export async function generateAuthorization(
  wish: InstanceReference & { readonly mode: "add" | "replace"; readonly licenses: readonly Wanted[] } & By,
  ports: AuthorizationPorts,
): Promise<GeneratedAuthorization> {
  const { mode } = wish;
  const keys = wish.licenses.map(readLicense);
  const { stored, view } = await onInstance(wish, "generate_authorization", ports, async (instance, context) =>
    requireGiven(await giveAuthorization(instance, { mode, keys, confirm_code: null, remove_code: "" }, context)),
  );
  return { ...view, file: await fileOf([stored], ports.signer) };
}

/** Thrown inside the transaction, so that nothing of a refused wish stays. */
function requireGiven(given: GivenAuthorization): StoredAuthorization {
  if (given.outcome === "given") return given.authorization;
  const code = given.outcome === "refused" ? given.code : "authorization_unknown";
  throw new ManagerError("authorization_refused", `${code}: ${authorizationRefusals[code].meaning}`);
}

async function fileOf(codes: readonly StoredAuthorization[], signer: ObjectSigner): Promise<string> {
  const managerObjects: ManagerObject[] = await Promise.all(codes.map((code) => signer.authorization(code)));
  return encodeLicenseFile({ reports: [], managerObjects, systemInfo: null });
}

/** Throws `authorization_unknown` when no code is in force, or the digits are another code's. */
export async function returnAuthorization(
  wish: InstanceReference & { readonly returnCode: string } & By,
  ports: AuthorizationPorts,
): Promise<AuthorizationView> {
  const { view } = await onInstance(wish, "return_authorization", ports, async (instance, context) => {
    const { smartAccountId, instanceId } = instance;
    const newest = await context.transaction.authorizations.findNewestAuthorization(smartAccountId, instanceId);
    if (newest === undefined || returnCodeOf(newest.payload) !== wish.returnCode.trim())
      throw new ManagerError("authorization_unknown", "These digits are not those of the device's newest code.");
    return endAuthorization(instance, newest, "returned", context);
  });
  return view;
}

/** For a device that is gone, or a code that was made in error. Throws `authorization_unknown` when none is in force. */
export async function withdrawAuthorization(
  wish: InstanceReference & By,
  ports: AuthorizationPorts,
): Promise<AuthorizationView> {
  const { view } = await onInstance(wish, "withdraw_authorization", ports, async (instance, context) => {
    const inForce = await authorizationInForce(instance, context);
    if (inForce === undefined) throw new ManagerError("authorization_unknown", "The device has none in force.");
    return endAuthorization(instance, inForce, "withdrawn", context);
  });
  return view;
}

/** Idempotent. Throws `input_invalid` for a file that asks for nothing, or what is wrong with the file. */
export async function importAuthorizationRequest(
  wish: InAccount & { readonly bytes: Uint8Array } & By,
  { administration, signer }: AuthorizationPorts,
): Promise<AuthorizedByFile> {
  const { authorizationRequest } = decodeLicenseFile(wish.bytes);
  if (authorizationRequest === undefined)
    throw new ManagerError("input_invalid", "The file holds no request for authorization codes.");
  const { cause } = wish;
  const { requireAdministrator } = administration;
  const answered = await administration.administer(
    { act: "import_authorization_request", cause },
    async (transaction) => {
      const { smartAccountId } = await findSmartAccount(wish.smartAccount, transaction.accounts);
      const context = { transaction, now: administration.clock.now(), cause };
      const all: { readonly asked: AuthorizationWish; readonly given: GivenAuthorization }[] = [];
      for (const asked of authorizationRequest)
        all.push({ asked, given: await answerWish(asked, { smartAccountId, requireAdministrator }, context) });
      return all;
    },
  );
  const codes = answered.flatMap(({ given }) => (given.outcome === "given" ? [given.authorization] : []));
  return {
    devices: answered.map(({ asked, given }) => ({
      udi: formatUdi(udiOf(asked.sudi)),
      productInstanceIdentifier: asked.product_instance_identifier,
      outcome: given.outcome,
      code: given.outcome === "refused" ? given.code : null,
      message: given.outcome === "refused" ? authorizationRefusals[given.code].meaning : "",
    })),
    file: codes.length === 0 ? null : await fileOf(codes, signer),
  };
}

async function answerWish(
  wish: AuthorizationWish,
  {
    smartAccountId,
    requireAdministrator,
  }: { readonly smartAccountId: number } & Pick<Administration, "requireAdministrator">,
  context: ChangeContext,
): Promise<GivenAuthorization> {
  const instance = await context.transaction.trust.findInstanceByIdentifier(wish.product_instance_identifier);
  const isKnown =
    instance !== undefined &&
    instance.smartAccountId === smartAccountId &&
    instance.removedAtMs === null &&
    isSameUdi(instance.udi, udiOf(wish.sudi));
  if (!isKnown) return { outcome: "refused", code: "authorization_of_other_installation" };
  requireAdministrator(instance);
  return giveAuthorization(instance, wish, context);
}
