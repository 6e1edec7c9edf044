// A manager on premises as the one above it knows it: which virtual account its devices are counted in, and which issuing CAs it
// was given. It is made by an operator with a token of one use, and becomes real when a key comes with that token.

export type LowerManager = {
  readonly smartAccountId: number;
  readonly managerId: number;
  /** Uuid; stands in every document. */
  readonly identifier: string;
  readonly virtualAccountId: number;
  /** Lower-case hex; the token itself is kept nowhere. */
  readonly tokenSha256: string;
  readonly facts: LowerManagerFacts;
};

/** Licences that authorization codes hold. */
export type AuthorizedCount = { readonly tag: string; readonly count: number };

export type LowerManagerFacts = {
  readonly name: string;
  readonly createdAtMs: number;
  readonly tokenEndsAtMs: number;
  /** Of the key that came with the token; null before. */
  readonly keySha256: string | null;
  /** Base64 of DER, newest first. */
  readonly issuing: readonly string[];
  readonly registeredAtMs: number | null;
  /** `answered_at` of the newest answer. */
  readonly lastSyncAtMs: number | null;
  readonly removedAtMs: number | null;
  /** What its codes hold, and as of when by its own clock; absent while it has said nothing. */
  readonly authorized?: readonly AuthorizedCount[];
  readonly authorizedAsOfMs?: number;
};

export const registrationTokenDays = 30;
/** A renewal a year for longer than a root lives. */
export const issuingPerManagerMax = 64;

export type RegistrationVerdict = "new" | "repeat" | "token_unknown" | "token_expired" | "token_used_up";

/** The same token with the same key is the same request, however often and however late it comes (I9). */
export function judgeRegistration(
  manager: LowerManager | undefined,
  keySha256: string,
  now: number,
): RegistrationVerdict {
  if (manager === undefined || manager.facts.removedAtMs !== null) return "token_unknown";
  if (manager.facts.keySha256 === keySha256) return "repeat";
  if (manager.facts.keySha256 !== null) return "token_used_up";
  return now > manager.facts.tokenEndsAtMs ? "token_expired" : "new";
}
