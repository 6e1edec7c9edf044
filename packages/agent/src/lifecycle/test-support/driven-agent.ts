// A machine under test with a clock of its own: events in, effects collected, time moved from wake-up to wake-up.

import {
  type Acknowledgement,
  defaultPolicyLayer,
  type HaRole,
  type LicenseClass,
  mergePolicy,
  type Policy,
  type PolicyLayer,
  type TreeHead,
  type Udi,
  udiOf,
} from "@countersign/protocol";
import type { AuthorizedCount } from "../authorization-state.ts";
import type { AgentEffect, AgentNotice } from "../effect.ts";
import type { AgentEvent, AuthorizationGiven, HeldReport, PeerContact, TrustedDevice } from "../event.ts";
import { createInitialState, type InstallationFacts } from "../initial-state.ts";
import type { LedgerAnswer } from "../ledger-watch.ts";
import type { AgentConfiguration, AgentLicensingModel, AgentState, Failure, HeldStatus } from "../state.ts";
import { step } from "../step.ts";
import { findTransition, type ObservedTransition, observeTransitions, type TransitionRow } from "../transitions.ts";

export const startMs = Date.UTC(2031, 0, 1);
export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const dayMs = 86_400_000;
export const advantageTag = "regid.2031-01.org.example.EDGE_ADVANTAGE,1.0_00000000-0000-4000-8000-0000000000b1";
export const essentialsTag = "regid.2031-01.org.example.EDGE_ESSENTIALS,1.0_00000000-0000-4000-8000-0000000000b2";
export const identifier = "00000000-0000-4000-8000-0000000000c1";
export const firstUdi: Udi = { pid: "EDGE-24", serialNumber: "EXA00000001" };
export const secondUdi: Udi = { pid: "EDGE-24", serialNumber: "EXA00000002" };

export const contact: PeerContact = {
  peer: { name: "SSM", version: "1.3", production: true, capabilities: ["POLICY_USAGE"] },
  signingCertificate: "AA==",
};

type EffectOf<T extends AgentEffect["type"]> = Extract<AgentEffect, { readonly type: T }>;
type StoredReport = {
  readonly tag: string;
  readonly status: "open" | HeldStatus;
  readonly measurements: readonly EffectOf<"measure">[];
};
type Slots = readonly { readonly udi: Udi; readonly role: HaRole }[];
type Options = {
  readonly members?: Slots;
  readonly configuration?: Partial<AgentConfiguration>;
  readonly softwareVersion?: string;
  readonly licensingModel?: AgentLicensingModel;
};

export class DrivenAgent {
  state: AgentState;
  now = startMs;
  effects: AgentEffect[] = [];
  wakeAtMs = Number.POSITIVE_INFINITY;
  /** Looks at the effects of every step. */
  watch: (effects: readonly AgentEffect[], now: number, event: AgentEvent) => void = () => undefined;
  /** The report store's part, by report id. */
  readonly store = new Map<number, StoredReport>();
  #codes = 0;
  readonly observed: (ObservedTransition & { readonly row: TransitionRow | undefined })[] = [];

  constructor(options: Options = {}) {
    const facts: InstallationFacts = {
      productTag: "regid.2031-01.org.example.EDGE_SW,1.0_00000000-0000-4000-8000-0000000000a1",
      softwareVersion: options.softwareVersion ?? "1.0.0",
      hostname: "edge",
      members: options.members ?? [{ udi: firstUdi, role: "Active" }],
      configuration: options.configuration ?? {},
      licensingModel: options.licensingModel ?? "policy",
    };
    this.state = createInitialState(facts, this.now);
  }

  /** An agent that has booted. */
  static booted(options: Options = {}): DrivenAgent {
    const agent = new DrivenAgent(options);
    agent.send({ type: "booted", reason: "first" });
    return agent;
  }

  /** One that has trust and has synchronised it. */
  static trusted(options: Options = {}): DrivenAgent {
    const agent = DrivenAgent.booted(options);
    agent.send({ type: "trust-requested", token: "token", scope: "all", force: false });
    agent.answerTrust();
    agent.advance(35_000);
    agent.answerTrust([]);
    agent.effects = [];
    return agent;
  }

  /** Sends one event and answers its effects alone. */
  send(event: AgentEvent): readonly AgentEffect[] {
    const before = this.state;
    const transition = step(before, event, this.now);
    this.state = transition.state;
    this.effects.push(...transition.effects);
    for (const effect of transition.effects) this.#carryOut(effect);
    for (const change of observeTransitions(before, event, transition))
      this.observed.push({ ...change, row: findTransition(change) });
    this.watch(transition.effects, this.now, event);
    return transition.effects;
  }

  use(tag: string, count: number, licenseClass: LicenseClass = "subscription"): readonly AgentEffect[] {
    return this.send({ type: "usage-set", tag, licenseClass, count });
  }

  /** Moves the clock, waking the machine whenever it asked to be. */
  advance(ms: number): void {
    const untilMs = this.now + ms;
    for (let wakeMs = this.wakeAtMs; wakeMs <= untilMs; wakeMs = this.wakeAtMs) {
      this.now = Math.max(this.now, wakeMs);
      this.send({ type: "timer" });
    }
    this.now = untilMs;
  }

  all<T extends AgentEffect["type"]>(type: T): EffectOf<T>[] {
    return this.effects.filter((effect): effect is EffectOf<T> => effect.type === type);
  }

  get syslog(): readonly string[] {
    return this.all("log").map(({ line }) => `%${line.facility}-${line.severity}-${line.mnemonic}: ${line.text}`);
  }

  get events(): readonly string[] {
    return this.all("record-event").map((effect) => effect.name);
  }

  notices<T extends AgentNotice["type"]>(type: T): Extract<AgentNotice, { readonly type: T }>[] {
    return this.all("notify").flatMap(({ notice }) =>
      notice.type === type ? [notice as Extract<AgentNotice, { readonly type: T }>] : [],
    );
  }

  get exchangeId(): number {
    return this.state.communication.inFlight?.exchangeId ?? -1;
  }

  get requestType(): string | null {
    return this.state.communication.inFlight?.requestType ?? null;
  }

  /** Answers trust for these devices, by default for all that were asked for. */
  answerTrust(
    devices: readonly TrustedDevice[] = this.wantedDevices(),
    more: { refused?: readonly Udi[]; policy?: Policy } = {},
  ): void {
    this.send({
      type: "trust-answered",
      exchangeId: this.exchangeId,
      contact,
      devices,
      refused: (more.refused ?? []).map((udi) => ({ udi, message: "The token has no use left" })),
      account: { smartAccount: "Example", virtualAccount: "Lab", asOfMs: this.now },
      policy: more.policy ?? null,
    });
  }

  wantedDevices(certificateSerial = "1001"): readonly TrustedDevice[] {
    const asked = this.effects.findLast((effect) => effect.type === "establish-trust" || effect.type === "sync-trust");
    return (asked?.devices ?? [])
      .filter((device) => device.wantsCertificate)
      .map((device) => trustedDevice(device.udi, device.keyId, certificateSerial));
  }

  /** Gives every device what it asked for, or refuses them all. */
  answerAuthorization(refusal: string | null = null, codes: readonly AuthorizationGiven[] | null = null): void {
    const asked = this.effects.findLast((effect) => effect.type === "request-authorization");
    const udis = (asked?.wishes ?? []).map(({ sudi }) => udiOf(sudi));
    this.#codes += 1;
    const licenses = (asked?.wishes[0]?.keys ?? []).map(({ entitlement_tag: tag, license_class, count }) => ({
      ...{ tag, licenseClass: license_class, count },
    }));
    this.send({
      type: "authorization-answered",
      exchangeId: this.exchangeId,
      contact,
      given: refusal === null ? (codes ?? udis.map((udi) => authorizationGiven(udi, this.#codes, licenses))) : [],
      refused: refusal === null ? [] : udis.map((udi) => ({ udi, code: refusal, message: `refused: ${refusal}` })),
    });
  }

  /** Hears the confirmations or returns under way, or refuses them all. */
  hearAuthorization(code: string | null = null, newer: AuthorizationGiven | null = null): void {
    const told = this.effects.findLast(
      (effect) => effect.type === "confirm-authorization" || effect.type === "return-authorization",
    );
    const refusal = code === null ? null : { code, message: `refused: ${code}` };
    const devices = (told?.told ?? []).map(({ udi, sequence }) => ({ udi, sequence, refusal, newer }));
    this.send({ type: "authorization-heard", exchangeId: this.exchangeId, contact, devices });
  }

  fail(failure: Partial<Failure> = {}, isRefusal = failure.stage === "refused"): void {
    this.send({
      type: "exchange-failed",
      exchangeId: this.exchangeId,
      contact: isRefusal ? contact : null,
      failure: {
        stage: "tcp",
        code: "connection_timed_out",
        message: "Connection timed out",
        atMs: this.now,
        ...failure,
      },
      retryAfterSeconds: 0,
    });
  }

  acknowledge(taken: readonly HeldReport[], more: Parameters<typeof received>[1] = {}): void {
    this.send({ type: "usage-acknowledged", exchangeId: this.exchangeId, contact, ...received(taken, more) });
  }

  /** Closed reports of the store, oldest first. */
  get held(): readonly HeldReport[] {
    return [...this.store].flatMap(([reportId, { status }]) => (status === "open" ? [] : [{ reportId, status }]));
  }

  /** What a push does before it sends: the oldest that wait are signed, and new ones among them become pending. */
  handOut(): readonly HeldReport[] {
    const chosen = this.held.filter(({ status }) => status !== "refused").slice(0, 40);
    const newIds = chosen.filter(({ status }) => status === "closed").map(({ reportId }) => reportId);
    if (newIds.length > 0) this.send({ type: "reports-handed-out", reportIds: newIds });
    for (const reportId of newIds) this.#mark(reportId, "pending");
    return this.held.filter(({ reportId }) => chosen.some((report) => report.reportId === reportId));
  }

  /** The store merges its two oldest reports that nobody has seen, or loses one. */
  disturbStore(merges: boolean): void {
    const unseen = this.held.filter(({ status }) => status === "closed");
    const [oldest] = unseen;
    if (oldest === undefined) return;
    const tag = this.store.get(oldest.reportId)?.tag;
    const next = unseen.slice(1).find(({ reportId }) => this.store.get(reportId)?.tag === tag);
    if (merges && next === undefined) return;
    this.store.delete(oldest.reportId);
    if (merges && next !== undefined) this.send({ type: "reports-merged", removed: [oldest], into: next.reportId });
    else this.send({ type: "reports-lost", reports: [oldest] });
  }

  #carryOut(effect: AgentEffect): void {
    switch (effect.type) {
      case "measure": {
        const { tag, reportId } = effect;
        const stored = this.store.get(reportId) ?? { tag, status: "open" as const, measurements: [] };
        this.store.set(reportId, { ...stored, measurements: [...stored.measurements, effect] });
        break;
      }
      case "close-report":
        this.#mark(effect.reportId, "closed");
        break;
      case "delete-reports":
        for (const reportId of effect.reportIds) this.store.delete(reportId);
        break;
      case "mark-reports":
        for (const reportId of effect.reportIds) this.#mark(reportId, effect.status);
        break;
      case "requeue-refused":
        for (const { reportId, status } of this.held) if (status === "refused") this.#mark(reportId, "pending");
        break;
      case "delete-all-reports":
        this.store.clear();
        break;
      case "wake-at":
        this.wakeAtMs = effect.atMs;
        break;
      default:
    }
  }

  #mark(reportId: number, status: HeldStatus): void {
    const stored = this.store.get(reportId);
    if (stored !== undefined) this.store.set(reportId, { ...stored, status });
  }
}

/** How many reports of the store stand where. */
export function closedStatusCounts(agent: DrivenAgent): Record<HeldStatus, number> {
  const counts: Record<HeldStatus, number> = { closed: 0, pending: 0, unacknowledged: 0, refused: 0 };
  for (const { status } of agent.held) counts[status] += 1;
  return counts;
}

export function trustedDevice(udi: Udi, keyId: string, certificateSerial = "1001"): TrustedDevice {
  return {
    udi,
    keyId,
    productInstanceIdentifier: identifier,
    certificateSerial,
    certificate: "AA==",
    expiresAtMs: startMs + 8 * 365 * dayMs,
    exportControlAllowed: false,
  };
}

export function authorizationGiven(
  udi: Udi,
  sequence: number,
  licenses: readonly AuthorizedCount[],
): AuthorizationGiven {
  const digits = String(sequence).padStart(8, "0");
  return {
    ...{ udi, productInstanceIdentifier: identifier, sequence, licenses },
    ...{ confirmationCode: digits, returnCode: `return-${digits}` },
  };
}

export function received(
  taken: readonly HeldReport[],
  more: {
    sequence?: number;
    policy?: Policy;
    refused?: readonly HeldReport[];
    treeHead?: TreeHead | null;
    ledger?: LedgerAnswer;
  } = {},
) {
  const acknowledgement: Acknowledgement = {
    version: "1.0",
    product_instance_identifier: identifier,
    sudi: { udi_pid: firstUdi.pid, udi_serial_number: firstUdi.serialNumber },
    sequence: more.sequence ?? 1,
    acknowledged_at: startMs,
    policy_version: 1,
    reports: [],
    tree_head: more.treeHead ?? null,
  };
  const refused = (more.refused ?? []).map((report) => ({
    ...report,
    code: "report_signer_unknown" as const,
    remedy: "Trust again.",
  }));
  return {
    acknowledgement,
    taken,
    refused,
    policy: more.policy ?? null,
    ledger: more.ledger ?? { named: null, proof: null },
  };
}

export function policyOf(policyVersion: number, layer: Partial<PolicyLayer> = {}): Policy {
  return mergePolicy([{ ...defaultPolicyLayer, source: "account", name: `Policy ${policyVersion}`, ...layer }], {
    policyVersion,
    issuedAtMs: startMs,
  });
}
