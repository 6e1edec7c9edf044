// What the manager's main thread and its usage thread tell each other. Plain data: it is cloned on the way, so requests are
// sent with nothing in them that is not needed there. One message carries everything of one turn of the event loop.

import type { StatusCode } from "@countersign/protocol";
import type { ManagerOptions, SharedTurns, SigningMaterial } from "../ports.ts";
import type { UsageRequest } from "../use-cases/accept-usage-report.ts";
import type { DeviceReply } from "../use-cases/use-cases.ts";

export type UsageThreadData = {
  readonly databaseFile: string;
  readonly turns: SharedTurns;
  readonly options: ManagerOptions;
  readonly signing: SigningMaterial;
};

export type NumberedRequest = {
  readonly number: number;
  readonly request: UsageRequest;
  readonly reportsMax: number;
};

export type ToUsageThread =
  | { readonly kind: "requests"; readonly requests: readonly NumberedRequest[] }
  /** The key was renewed: everything after this message is signed with it. */
  | { readonly kind: "signing"; readonly signing: SigningMaterial }
  | { readonly kind: "close" };

/** A reply without the data of its content, which stands in the signed answer. */
export type NumberedReply =
  | ({
      readonly number: number;
      readonly signedAnswer: string;
      readonly statusCode: StatusCode;
    } & Pick<DeviceReply, "productInstanceIdentifier" | "refusal" | "reports">)
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
