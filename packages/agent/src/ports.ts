// What the agent needs from the world around it, written by the agent and small. Each port has a default that uses the
// machine and one that lives in memory; both are real, so that a year of licensing can run in a second (`ManualTime` of simulation,
// storage/memory-disk.ts).

import type { Measurement, RumReport, SignedReport, Signer, Udi } from "@countersign/protocol";
import type { AgentEffect } from "./lifecycle/effect.ts";
import type { HeldReport } from "./lifecycle/event.ts";
import type { AgentState, HeldStatus, MessageKind, ProxyConfiguration, TransportType } from "./lifecycle/state.ts";
import type { ConnectionObserver } from "./trace.ts";

export interface Clock {
  /** Wall clock, epoch milliseconds. It may jump. */
  now(): number;
  /** Milliseconds since some moment; never jumps. Beside `now` it shows that the wall clock did. */
  monotonicMs(): number;
}

export interface Timers {
  /** Calls back once after at least this time, and never synchronously. Answers how to cancel. */
  start(delayMs: number, callback: () => void): () => void;
}

export interface Randomness {
  bytes(count: number): Uint8Array;
}

/** Files of one agent. Names are relative, with `/`. Every method that writes returns when the bytes are durable. */
export interface Disk {
  /** Names of the files in a folder, sorted; empty when there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
  read(name: string): Promise<Uint8Array | null>;
  readAt(name: string, offset: number, length: number): Promise<Uint8Array>;
  /** All or nothing: after a crash the file is the old one or the new one. Readable by the owner only. */
  replace(name: string, bytes: Uint8Array): Promise<void>;
  /**
   * Writes over a file in its place, at a third of the cost of `replace`; what the file had beyond becomes zeros. After a
   * crash any mix of old and new: only for what a checksum covers and a second file stands in for.
   */
  overwrite(name: string, bytes: Uint8Array): Promise<void>;
  /** After a crash any part of the end may be missing, nothing else. `isDurable` false leaves the flush to the system. */
  append(name: string, bytes: Uint8Array, isDurable: boolean): Promise<void>;
  /** Removing what is not there is no error. */
  remove(name: string): Promise<void>;
}

/** A bad file that was found and answered by a good one. */
export type StorageDamage = { readonly file: string; readonly problem: string; readonly answer: string };

/**
 * One durable step: the state, the local effects that belong to it and may not have been carried out yet, and those of the
 * steps before it that the report store had carried out but not written.
 */
export type StoredStep = {
  readonly step: number;
  readonly state: AgentState;
  readonly outbox: readonly LocalEffect[];
  readonly unwritten: readonly UnwrittenStep[];
};

export interface StateStore {
  load(): Promise<{ readonly stored: StoredStep | null; readonly damage: readonly StorageDamage[] }>;
  save(step: StoredStep): Promise<void>;
}

/** Effects on the agent's own disk. They are repeated after a crash, so each must be harmless the second time. */
export type LocalEffect = Extract<
  AgentEffect,
  {
    readonly type:
      | "measure"
      | "close-report"
      | "delete-reports"
      | "mark-reports"
      | "requeue-refused"
      | "delete-all-reports"
      | "delete-keys";
  }
>;
export type ReportEffect = Exclude<LocalEffect, { readonly type: "delete-keys" }>;

/** What a step did to the reports, kept in the stored steps that follow it until the report store has written it. */
export type UnwrittenStep = { readonly step: number; readonly effects: readonly ReportEffect[] };

export type ReportStatus = "open" | HeldStatus;
export type ReportEntry = {
  readonly reportId: number;
  readonly tag: string;
  readonly status: ReportStatus;
  /** SHA-256 of the signed payload, lower-case hex; null until the report was handed out. */
  readonly payloadSha256: string | null;
  readonly bytes: number;
};

/** A report's content: measurements while open, a draft when closed, a signed triple once it was handed out. */
export type ReportBody =
  | { readonly kind: "measurements"; readonly measurements: readonly Measurement[] }
  | { readonly kind: "draft"; readonly report: RumReport }
  | { readonly kind: "signed"; readonly report: SignedReport };

export type ReportMerge = { readonly removed: readonly HeldReport[]; readonly into: number };

/** Makes the signed triple of a draft, or of a triple whose payload needs a newer key's signature; else gives it back. */
export type SignBody = (body: Exclude<ReportBody, { readonly kind: "measurements" }>) => Promise<SignedReport>;
export type HandedOut = {
  readonly reports: readonly { readonly reportId: number; readonly report: SignedReport }[];
  /** Those that nobody outside had seen before, and those of earlier times that `told` was not said of. */
  readonly newIds: readonly number[];
};

export interface ReportStore {
  /**
   * Reads the directory, and of these steps takes into memory what it does not hold; answers what was damaged, the last step
   * carried out, and the greatest report id ever seen.
   */
  open(unwritten?: readonly UnwrittenStep[]): Promise<{
    readonly damage: readonly StorageDamage[];
    readonly lastStep: number;
    readonly greatestReportId: number;
  }>;
  /**
   * Carries out effects of one step exactly once, however often it is called with them. Answers what was merged to keep the
   * budget. Measurements alone may stay in memory: until they are written, they stand in `unwritten`.
   */
  apply(step: number, effects: readonly ReportEffect[]): Promise<readonly ReportMerge[]>;
  /** Steps that a loss of power would take from the store: every stored step carries them, and `open` takes them back. */
  readonly unwritten: readonly UnwrittenStep[];
  /** Writes what is unwritten. */
  flush(): Promise<void>;
  /**
   * Signs and stores what is about to leave the device, in one go, so that nothing changes in between: from then on the
   * payloads never change, and the reports are pending. Reports that are open or gone are left out.
   */
  handOut(reportIds: readonly number[], sign: SignBody): Promise<HandedOut>;
  /**
   * These were counted as handed out. Until then they are shown as closed and named again, because a count that could not be
   * stored would stay wrong; a start counts anew.
   */
  told(reportIds: readonly number[]): void;
  /** Closed, pending and unacknowledged reports, oldest first, without looking at more than are asked for. */
  oldestWaiting(limit: number): readonly ReportEntry[];
  find(reportId: number): ReportEntry | undefined;
  entries(): Iterable<ReportEntry>;
  read(reportId: number): Promise<ReportBody | null>;
}

export type KeyType = "rsa-2048" | "p-256";

export interface KeyStore {
  /**
   * Tries to use keys. Answers what is in the way when the store or one of them cannot be read now, which may pass; null when
   * nothing is. A key that is not there, or is none, is no obstacle: new trust makes another.
   */
  examine(keyIds: readonly string[]): Promise<string | null>;
  /** Makes a key on the thread pool and stores it before it answers. */
  create(keyId: string, keyType: KeyType): Promise<void>;
  has(keyId: string): Promise<boolean>;
  list(): Promise<readonly string[]>;
  /** Throws `AgentError` `key_missing`. */
  signer(keyId: string): Promise<Signer>;
  /** DER (SPKI) of the public key; throws `AgentError` `key_missing`. */
  publicKey(keyId: string): Promise<Uint8Array>;
  /** Base64 of a DER PKCS#10 request for this key. */
  certificateRequest(keyId: string, udi: Udi): Promise<string>;
  delete(keyId: string): Promise<void>;
}

/** `name` as it stands in the line: `SAEVT_READY`. */
export type LoggedEvent = { readonly name: string; readonly details: Readonly<Record<string, string>> };

export interface EventLog {
  append(atMs: number, events: readonly LoggedEvent[]): Promise<void>;
  /** Lines since a moment, oldest first. */
  lines(sinceMs: number): Promise<readonly string[]>;
  clear(): Promise<void>;
}

/** One request and what came of it. Secrets have been taken out before it gets here. */
export type HistoryEntry = {
  readonly requestAtMs: number;
  readonly request: string;
  readonly responseAtMs: number;
  /** The answer as received, or `NO RESPONSE after <n> s: <reason>`. */
  readonly response: string;
};

export interface MessageHistory {
  append(kind: MessageKind, entry: HistoryEntry): Promise<void>;
  /** Oldest first. */
  entries(kind: MessageKind): Promise<readonly HistoryEntry[]>;
  clear(): Promise<void>;
}

/** PEM: a private key, and its certificate with those that lead to its root. */
export type ClientCertificate = { readonly privateKey: string; readonly chain: string };

/** How connections to the manager are made. An object never changes; other settings are another object. */
export type ConnectionSettings = {
  /** Local address that they leave from; null for whichever the system takes. */
  readonly localAddress: string | null;
  /** All addresses of a name, in the order in which they are tried; null for the system's resolver. */
  readonly resolve: ((name: string) => Promise<readonly string[]>) | null;
  /** PEM texts of the roots that may have issued a server's TLS certificate; no others are believed. */
  readonly certificateAuthorities: readonly string[];
  /** What is shown to a server that asks who connects; null shows nothing. */
  readonly clientCertificate: ClientCertificate | null;
  /** False: the certificate need not be for the name or address that was connected to. */
  readonly checksServerIdentity: boolean;
  /**
   * Looks at the server's certificate and those that lead to its root (DER), after TLS accepted them and before anything is
   * sent; throws `TransportFailure` for one that must not be used. Null: nobody looks.
   */
  readonly checkServer: ((chain: readonly Uint8Array[]) => Promise<void>) | null;
  /** Told what happens to connections as it happens; null: nobody looks, and nothing is made for anybody to look at. */
  readonly observer: ConnectionObserver | null;
};

/** How a connection is made for a message of this VRF and transport; the same object while nothing changed. */
export type ConnectionQuestion = (vrf: string | null, transport: TransportType) => ConnectionSettings;

export type ExchangeOptions = {
  readonly proxy: ProxyConfiguration | null;
  /** Routing table that the message belongs to; null for the global one. */
  readonly vrf?: string | null;
  /** The configured one; products may have another way for each. */
  readonly transport?: TransportType;
  readonly signal: AbortSignal;
};

/** Carries one message to a URL and brings the answer's bytes; throws `TransportFailure`. */
export type Exchange = (url: string, body: Uint8Array, options: ExchangeOptions) => Promise<Uint8Array>;
