// What an exchange may use. It reads the state as it was when the exchange began and changes nothing but keys, signed
// reports and history; everything else it tells as an event.

import {
  agentCapabilities,
  parseCertificate,
  type RequestIdentity,
  serialNumberOf,
  sudiOf,
  type TrustAnchors,
  type Udi,
} from "@countersign/protocol";
import { agentName, agentVersion } from "../agent-version.ts";
import { isClassic } from "../lifecycle/classic/classic-state.ts";
import type { AgentEvent } from "../lifecycle/event.ts";
import { activeMember, speakerOf, trustOf } from "../lifecycle/installation.ts";
import type { AgentState, MemberTrust } from "../lifecycle/state.ts";
import type { Clock, Exchange, KeyStore, KeyType, MessageHistory, Randomness, ReportStore } from "../ports.ts";
import type { Trace } from "../trace.ts";

export type ExchangeContext = {
  readonly state: AgentState;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly keys: KeyStore;
  readonly keyType: KeyType;
  readonly reports: ReportStore;
  readonly history: MessageHistory;
  readonly anchors: TrustAnchors;
  readonly exchange: Exchange;
  readonly signal: AbortSignal;
  /** For what happens during an exchange; its result is told by whoever runs it. */
  readonly tell: (event: AgentEvent) => Promise<void>;
  /** Never throws; null when nobody looks. */
  readonly trace: Trace | null;
};

export type InstalledTrust = Extract<MemberTrust, { readonly status: "installed" }>;

export function installedTrust(state: AgentState, udi: Udi): InstalledTrust | null {
  const trust = trustOf(state, udi);
  return trust.status === "installed" ? trust : null;
}

/** Who sends: the device in whose name signed messages go out, or the active one while nobody has trust. */
export function senderOf(state: AgentState): { readonly udi: Udi; readonly trust: InstalledTrust | null } {
  const speaker = speakerOf(state);
  return speaker === null
    ? { udi: activeMember(state).udi, trust: null }
    : { udi: speaker.member.udi, trust: speaker.trust };
}

/** Signed as soon as there is trust, unless the manager cannot know the key. */
export async function requestIdentity(context: ExchangeContext, isSigned: boolean): Promise<RequestIdentity> {
  const sender = isSigned ? senderOf(context.state) : { udi: activeMember(context.state).udi, trust: null };
  const { udi, trust } = sender;
  const { signingCertificate } = context.state.trust;
  return {
    sudi: sudiOf(udi),
    productInstanceIdentifier: trust?.productInstanceIdentifier ?? "",
    connectInfo: {
      name: agentName,
      version: agentVersion,
      production: true,
      additional_info: "",
      capabilities: agentCapabilities.filter((each) => each !== "POLICY_USAGE" || !isClassic(context.state)),
    },
    signingCertificateSerial: signingCertificate === null ? "" : serialNumberOf(parseCertificate(signingCertificate)),
    key:
      trust === null
        ? null
        : { certificateSerial: trust.certificateSerial, signer: await context.keys.signer(trust.keyId) },
  };
}
