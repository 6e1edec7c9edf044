// Managers on premises below this one: announced by an operator, made real by the key that comes with the token (ONP-7).

import { X509Certificate } from "node:crypto";
import {
  dayMs,
  decodeBase64,
  decodeRegistration,
  encodeCertificate,
  encodeRegistered,
  type Registered,
  sha256Hex,
} from "@countersign/protocol";
import { FloorRefusal, ManagerError } from "../errors.ts";
import type { EventKind, NewEvent } from "../events/event.ts";
import type { Environment } from "../ports.ts";
import {
  issuingPerManagerMax,
  judgeRegistration,
  type LowerManager,
  registrationTokenDays,
} from "../premises/lower-manager.ts";
import type { Readers } from "../storage-ports.ts";
import type { Administration } from "./administer.ts";
import { findSmartAccount, findVirtualAccount, virtualAccountNames } from "./find-account.ts";
import { newUuid } from "./identifiers.ts";
import type { AddedLowerManager, By, InAccount, InVirtualAccount, LowerManagerView } from "./use-cases.ts";

const tokenBytes = 32;

/** Throws `lower_manager_exists`, `input_invalid`, `account_unknown` or `virtual_account_unknown`. The token is told this once. */
export async function addLowerManager(
  wish: InVirtualAccount & { readonly name: string } & By,
  { administer, clock, randomness }: Administration,
): Promise<AddedLowerManager> {
  const name = wish.name.trim();
  if (name === "") throw new ManagerError("input_invalid", "name: must not be empty");
  return administer({ act: "add_lower_manager", cause: wish.cause }, async (transaction) => {
    const { smartAccountId } = await findSmartAccount(wish.smartAccount, transaction.accounts);
    const place = await findVirtualAccount(smartAccountId, wish.virtualAccount, transaction.accounts);
    const all = await transaction.premises.listLowerManagers(smartAccountId);
    if (all.some(({ facts }) => facts.name === name && facts.removedAtMs === null))
      throw new ManagerError("lower_manager_exists", JSON.stringify(name));
    const now = clock.now();
    const token = Buffer.from(randomness.bytes(tokenBytes)).toString("base64url");
    const manager = await transaction.premises.addLowerManager({
      smartAccountId,
      identifier: newUuid(randomness),
      virtualAccountId: place.virtualAccountId,
      tokenSha256: sha256Hex(token),
      facts: {
        name,
        createdAtMs: now,
        tokenEndsAtMs: now + registrationTokenDays * dayMs,
        ...{ keySha256: null, issuing: [], registeredAtMs: null, lastSyncAtMs: null, removedAtMs: null },
      },
    });
    const view = viewOf(manager, place.name);
    await transaction.events.addEvents([eventOf("lower_manager_added", manager, wish.cause, now, null, view)]);
    return { ...view, token };
  });
}

export async function listLowerManagers(
  { smartAccount }: InAccount,
  { storage: { read } }: Administration,
): Promise<readonly LowerManagerView[]> {
  const { smartAccountId } = await findSmartAccount(smartAccount, read.accounts);
  const nameOf = await virtualAccountNames(smartAccountId, read.accounts);
  const all = await read.premises.listLowerManagers(smartAccountId);
  return all
    .filter(({ facts }) => facts.removedAtMs === null)
    .map((manager) => viewOf(manager, nameOf(manager.virtualAccountId)));
}

/** What it has sent stays; what it sends from now on is refused. Throws `lower_manager_unknown`. */
export async function removeLowerManager(
  wish: InAccount & { readonly name: string } & By,
  { administer, clock }: Administration,
): Promise<void> {
  await administer({ act: "remove_lower_manager", cause: wish.cause }, async (transaction) => {
    const { smartAccountId } = await findSmartAccount(wish.smartAccount, transaction.accounts);
    const all = await transaction.premises.listLowerManagers(smartAccountId);
    const found = all.find(({ facts }) => facts.name === wish.name && facts.removedAtMs === null);
    if (found === undefined) throw new ManagerError("lower_manager_unknown", JSON.stringify(wish.name));
    const now = clock.now();
    await transaction.premises.putLowerManager({ ...found, facts: { ...found.facts, removedAtMs: now } });
    const before = viewOf(found, "");
    await transaction.events.addEvents([eventOf("lower_manager_removed", found, wish.cause, now, before, null)]);
  });
}

/** The door for a registration. Throws `FloorRefusal` and protocol errors; the same token with the same key gets the same answer. */
export async function registerLowerManager(bytes: Uint8Array, environment: Environment): Promise<string> {
  const { storage, clock, issuer, floors } = environment;
  const { token, csr } = decodeRegistration(bytes);
  const publicKey = await issuer.readRequest(csr);
  const keySha256 = sha256Hex(publicKey.export({ type: "spki", format: "der" }));
  const tokenSha256 = sha256Hex(token);
  const found = await storage.read.premises.findLowerManagerByToken(tokenSha256);
  const verdict = judgeRegistration(found, keySha256, clock.now());
  if (verdict === "new") {
    const issuing = (await floors?.issueLower(publicKey)) ?? null;
    if (issuing === null) throw new FloorRefusal("root_elsewhere");
    await storage.inTransaction(async (transaction) => {
      const current = await transaction.premises.findLowerManagerByToken(tokenSha256);
      const now = clock.now();
      // Somebody else may have been first; then this certificate is nobody's.
      if (current === undefined || judgeRegistration(current, keySha256, now) !== "new") return;
      const facts = { ...current.facts, keySha256, issuing: [encodeCertificate(issuing)], registeredAtMs: now };
      const manager = { ...current, facts };
      await transaction.premises.putLowerManager(manager);
      const cause = {
        kind: "message",
        requestType: "REGISTRATION",
        nonce: "0",
        productInstanceIdentifier: current.identifier,
      } as const;
      await transaction.events.addEvents([
        eventOf("lower_manager_registered", manager, cause, now, null, { name: facts.name, keySha256 }),
      ]);
    });
  }
  const registered = await storage.read.premises.findLowerManagerByToken(tokenSha256);
  return encodeRegistered(await answerFor(registered, keySha256, environment));
}

async function answerFor(
  manager: LowerManager | undefined,
  keySha256: string,
  { storage: { read }, clock, floors }: Environment,
): Promise<Registered> {
  const verdict = judgeRegistration(manager, keySha256, clock.now());
  if (verdict === "token_expired") throw new FloorRefusal("registration_token_expired");
  if (verdict === "token_used_up") throw new FloorRefusal("registration_token_used");
  const [issuing] = manager?.facts.issuing ?? [];
  if (verdict !== "repeat" || manager === undefined || issuing === undefined)
    throw new FloorRefusal("registration_token_unknown");
  await floors?.rememberLower(manager.facts.issuing.map(certificateOf));
  return { version: "1.0", manager_identifier: manager.identifier, ...(await namesOf(manager, read)), issuing };
}

export function certificateOf(base64: string): X509Certificate {
  return new X509Certificate(decodeBase64(base64));
}

/** Another certificate for the key that it has; null for another key, or when it has had too many. */
export async function renewLowerAuthority(
  manager: LowerManager,
  request: string,
  { issuer, floors }: Environment,
): Promise<X509Certificate | null> {
  const publicKey = await issuer.readRequest(request);
  const keySha256 = sha256Hex(publicKey.export({ type: "spki", format: "der" }));
  if (keySha256 !== manager.facts.keySha256 || manager.facts.issuing.length >= issuingPerManagerMax) return null;
  return (await floors?.issueLower(publicKey)) ?? null;
}

export async function namesOf(
  { smartAccountId, virtualAccountId }: LowerManager,
  { accounts }: Pick<Readers, "accounts">,
) {
  const all = await accounts.listSmartAccounts();
  const nameOf = await virtualAccountNames(smartAccountId, accounts);
  return {
    smart_account_name: all.find((account) => account.smartAccountId === smartAccountId)?.name ?? "",
    virtual_account_name: nameOf(virtualAccountId),
  };
}

function viewOf({ identifier, facts }: LowerManager, virtualAccount: string): LowerManagerView {
  const { name, createdAtMs, tokenEndsAtMs, registeredAtMs, lastSyncAtMs } = facts;
  return { name, identifier, virtualAccount, createdAtMs, tokenEndsAtMs, registeredAtMs, lastSyncAtMs };
}

function eventOf(
  kind: Extract<EventKind, `lower_manager_${string}`>,
  { smartAccountId, virtualAccountId }: LowerManager,
  cause: NewEvent["cause"],
  atMs: number,
  before: unknown,
  after: unknown,
): NewEvent {
  return { smartAccountId, atMs, kind, virtualAccountId, installationId: null, cause, before, after };
}
