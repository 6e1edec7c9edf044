// What is known of authorization codes (SLAC): one for each device at most. What is installed, what is asked for, what was
// given back and is still to be told.

import type { AuthorizedClass } from "@countersign/protocol";
import type { Failure } from "./state.ts";

export type AuthorizedCount = { readonly tag: string; readonly licenseClass: AuthorizedClass; readonly count: number };

export type InstalledAuthorization = {
  readonly productInstanceIdentifier: string;
  readonly sequence: number;
  readonly licenses: readonly AuthorizedCount[];
  /** Eight hexadecimal digits that tell the manager that it arrived. */
  readonly confirmationCode: string;
  /** What a person carries when it is given back without a connection. */
  readonly returnCode: string;
  readonly installedAtMs: number;
  /** `refused`: the manager knows no such code, as after a restore; nothing more is tried. */
  readonly confirmation: "due" | "heard" | "refused";
};

export type ReturnedAuthorization = {
  readonly productInstanceIdentifier: string;
  readonly sequence: number;
  readonly returnCode: string;
  readonly returnedAtMs: number;
};

export type AuthorizationAttempt = {
  /** Beside what the device has, or in its place. */
  readonly mode: "add" | "replace";
  readonly licenses: readonly AuthorizedCount[];
  /** `formatUdi` of the devices that ask. */
  readonly udis: readonly string[];
  readonly attempts: number;
  readonly startedAtMs: number;
  readonly nextAttemptAtMs: number;
  readonly lastFailure: Failure | null;
};

export type AuthorizationState = {
  /** By `formatUdi`. */
  readonly installed: Readonly<Record<string, InstalledAuthorization>>;
  /** Given back, and the manager has not heard of it; by `formatUdi`. */
  readonly returning: Readonly<Record<string, ReturnedAuthorization>>;
  /** The newest that each device gave back, for ever: it is never installed again. */
  readonly returned: Readonly<Record<string, ReturnedAuthorization>>;
  /** What is asked for; null when nothing is. */
  readonly attempt: AuthorizationAttempt | null;
  /** When confirmations and returns are told next; null when there is nothing to tell. */
  readonly nextTellAtMs: number | null;
  readonly tellFailuresInARow: number;
  /** Why somebody was given nothing; shown until the next request. */
  readonly lastRefusal: {
    readonly atMs: number;
    readonly code: string;
    readonly message: string;
    readonly udis: readonly string[];
  } | null;
  /** Tags that are in use, need a code and have none; each was told once. */
  readonly unauthorizedTags: readonly string[];
};

export const noAuthorization: AuthorizationState = {
  installed: {},
  returning: {},
  returned: {},
  attempt: null,
  nextTellAtMs: null,
  tellFailuresInARow: 0,
  lastRefusal: null,
  unauthorizedTags: [],
};
