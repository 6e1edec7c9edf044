// What a product says when it creates an agent, and what it can ask to be told.

import type { HaRole, Udi } from "@countersign/protocol";
import type { AgentNotice, SyslogLine } from "./lifecycle/effect.ts";
import type { AgentConfiguration, AgentLicensingModel, ProxyConfiguration, TransportType } from "./lifecycle/state.ts";
import type { Clock, ConnectionQuestion, Disk, Exchange, KeyType, Randomness, Timers } from "./ports.ts";
import type { Trace } from "./trace.ts";
import type { TransportTimeouts } from "./transport/connection-pools.ts";

export type ProductOptions = {
  /** Product tag: `regid.<yyyy-mm>.<reversed domain>.<Name>,v1_<uuid>`. */
  readonly softwareTag: string;
  readonly softwareVersion: string;
  /** Default: the host's name. It is sent unless hostname privacy is on; nothing is derived from it. */
  readonly hostname?: string;
  /** Every device that acts as one with this; exactly one is Active. */
  readonly members: readonly { readonly udi: Udi; readonly role: HaRole }[];
  /** The product demands that its usage is acknowledged, whatever the policy says (POL-3). Default false. */
  readonly acknowledgementIsMandatory?: boolean;
  /** Which licensing model this software has (GEN-2). Default `policy`; `classic` is the one before. */
  readonly licensingModel?: AgentLicensingModel;
};

export type TransportOptions = {
  readonly type: TransportType;
  /** Where the manager or relay listens. */
  readonly url?: string;
  readonly proxy?: ProxyConfiguration | null;
  /** PEM texts of roots for TLS; default: the trust anchors. */
  readonly certificateAuthorities?: string | readonly string[];
  readonly timeouts?: TransportTimeouts;
};

type Notice<T extends AgentNotice["type"]> = Extract<AgentNotice, { readonly type: T }>;

/**
 * Called after what they tell is durable, in order. They may call the agent. Licensing never stops a product: what an
 * overdue acknowledgement means is for the product to decide here.
 */
export type AgentCallbacks = {
  readonly trust?: (notice: Notice<"trust-installed" | "trust-refused">) => void;
  /** Authorization codes, and licences in use that need one and have none. */
  readonly authorization?: (
    notice: Notice<
      "authorization-installed" | "authorization-refused" | "authorization-removed" | "not-authorized" | "authorized"
    >,
  ) => void;
  readonly policy?: (notice: Notice<"policy-installed">) => void;
  /** A licence is in use another number of times. */
  readonly usage?: (notice: Notice<"usage-changed">) => void;
  readonly acknowledged?: (notice: Notice<"acknowledged">) => void;
  /** An acknowledgement will be required by this deadline. */
  readonly deadline?: (notice: Notice<"acknowledgement-due">) => void;
  /** The deadline has passed; told daily. */
  readonly overdue?: (notice: Notice<"acknowledgement-overdue">) => void;
  readonly communication?: (notice: Notice<"communication-failed" | "communication-restored">) => void;
  /** The manager shows another history than it signed before, and was refused; or goes on with another ledger. */
  readonly ledger?: (notice: Notice<"ledger-rewritten" | "ledger-changed">) => void;
  /** Classic model: registration, compliance or the evaluation period has changed. */
  readonly classic?: (notice: Notice<"classic-standing">) => void;
  /** `%SMART_LIC-…` lines, for the product's own log. */
  readonly log?: (line: SyslogLine, atMs: number) => void;
};

export type AgentOptions = {
  /** A directory that belongs to this agent alone, or a disk, such as `new MemoryDisk()`. */
  readonly stateDirectory: string | Disk;
  readonly product: ProductOptions;
  /** Applied at every start; left out, what was configured last stands. */
  readonly transport?: TransportOptions;
  /** PEM texts of the licensing roots. */
  readonly trustAnchors: string | readonly string[];
  /** Of keys that are made from now on; default `rsa-2048`. */
  readonly keyType?: KeyType;
  /** Settings of an agent that starts for the first time. */
  readonly configuration?: Partial<AgentConfiguration>;
  /** Why the product starts; a device that was reloaded says so. Default `restart`. */
  readonly startReason?: "restart" | "reload";
  readonly on?: AgentCallbacks;
  /**
   * Where connections leave from, how names become addresses, whom TLS believes: asked before each message, with the
   * configured VRF and transport. Default: the system's ways, and the roots of `transport.certificateAuthorities`.
   */
  readonly connection?: ConnectionQuestion;
  /** Instead of HTTPS: carries one message to a URL. */
  readonly exchange?: Exchange;
  readonly clock?: Clock;
  readonly timers?: Timers;
  readonly randomness?: Randomness;
  /** Told steps and exchanges as they happen, without secrets; one that throws is told nothing more. Default: nobody. */
  readonly trace?: Trace | null;
  /** Default 50 MB (`reportStoreBytesMax`). */
  readonly reportStoreBytes?: number;
};

/** Calls whoever asked to be told. A refused request is told to whoever made it, as an error. */
export function tellCallbacks(on: AgentCallbacks, notice: AgentNotice): void {
  switch (notice.type) {
    case "trust-installed":
    case "trust-refused":
      on.trust?.(notice);
      break;
    case "authorization-installed":
    case "authorization-refused":
    case "authorization-removed":
    case "not-authorized":
    case "authorized":
      on.authorization?.(notice);
      break;
    case "policy-installed":
      on.policy?.(notice);
      break;
    case "usage-changed":
      on.usage?.(notice);
      break;
    case "acknowledged":
      on.acknowledged?.(notice);
      break;
    case "acknowledgement-due":
      on.deadline?.(notice);
      break;
    case "acknowledgement-overdue":
      on.overdue?.(notice);
      break;
    case "communication-failed":
    case "communication-restored":
      on.communication?.(notice);
      break;
    case "ledger-rewritten":
    case "ledger-changed":
      on.ledger?.(notice);
      break;
    case "classic-standing":
      on.classic?.(notice);
      break;
    case "request-refused":
      break;
    default:
      notice satisfies never;
  }
}
