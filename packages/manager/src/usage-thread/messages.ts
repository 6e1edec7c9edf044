// What the manager's main thread and its usage thread tell each other. Plain data: it is cloned on the way, so requests are
// sent with nothing in them that is not needed there. One message carries everything of one turn of the event loop.

import type { ManagerOptions, SharedTurns } from "../ports.ts";
import type { AcceptedBody, AcceptedUsage, UsageRequest } from "../use-cases/accept-usage-report.ts";
import type { DeviceRequestLimits } from "../use-cases/use-cases.ts";

export type UsageThreadData = {
  readonly databaseFile: string;
  readonly turns: SharedTurns;
  readonly options: ManagerOptions;
};

export type NumberedRequest = {
  readonly number: number;
  readonly request: UsageRequest;
  readonly reportsMax: number;
};

/** A large message goes by itself, as the bytes that arrived: they change hands, where its texts would be copied twice. */
export type NumberedBody = {
  readonly number: number;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly limits: DeviceRequestLimits;
};

export type ToUsageThread =
  | { readonly kind: "requests"; readonly requests: readonly NumberedRequest[] }
  | ({ readonly kind: "body" } & NumberedBody)
  | { readonly kind: "close" };

export type NumberedReply =
  | { readonly number: number; readonly accepted: AcceptedUsage }
  | { readonly number: number; readonly read: AcceptedBody | null }
  /** Errors lose their class on the way, so the one that devices are told of says so. */
  | { readonly number: number; readonly error: unknown; readonly isNotStored: boolean };

export type FromUsageThread =
  | { readonly kind: "ready" }
  | {
      readonly kind: "replies";
      readonly replies: readonly NumberedReply[];
      readonly commits: readonly { readonly messages: number; readonly durationSeconds: number }[];
      readonly reportsWaiting: number;
    };
