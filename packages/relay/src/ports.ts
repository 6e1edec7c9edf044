// What the relay's use cases need from the outside, each port small.

import type { X509Certificate } from "node:crypto";
import type {
  CarriedAnswer,
  ConnectInfo,
  RequestData,
  RequestIdentity,
  SigningIdentity,
  TrustAnchors,
} from "@countersign/protocol";
import type { CollectedDevice } from "./devices/collected-device.ts";
import type { HeldRequest, NewRequest, Settlement } from "./holding/held-request.ts";
import type { RenewalFailure } from "./renewal/renewal.ts";

/** Epoch milliseconds. */
export interface Clock {
  now(): number;
}

export interface Randomness {
  bytes(size: number): Uint8Array;
}

export type Held = {
  readonly itemId: number;
  readonly pollId: string;
  readonly asked: NewRequest["asked"];
  /** Null while nothing is decided. */
  readonly settlement: Settlement | null;
};

export type HeldCounts = {
  readonly waiting: number;
  readonly oldestWaitingAtMs: number | null;
  readonly waitingBytes: number;
  readonly acknowledged: number;
  readonly refused: number;
  /** Sums since the state directory was made: reports by what the manager said of them are its own to count. */
  readonly taken: number;
};

/** Everything that was taken. A call that changes something answers when the change is on the disk. */
export interface HeldStore {
  /** The same reports that wait already are answered with what they wait under. Throws `relay_store_full` or `relay_store_unwritable`. */
  hold(request: NewRequest): Held & { readonly isNew: boolean };
  /** What waits and may be sent now, oldest first, as much as fits. */
  due(
    now: number,
    room: { readonly itemsMax: number; readonly bytesMax: number; readonly reportsMax: number },
  ): readonly HeldRequest[];
  settle(itemId: number, settlement: Settlement, now: number): void;
  putOff(itemId: number, untilMs: number): void;
  findByPoll(pollId: string, udi: string): Held | undefined;
  counts(): HeldCounts;
  /** False from a write that failed until one succeeds. */
  isWritable(): boolean;
  /** Forgets what was settled before that. */
  forget(settledBeforeMs: number): number;
}

/** What is carried by hand, and what goes back to devices that are collected from. */
export interface CarriedStore {
  waiting(): Iterable<HeldRequest>;
  /** Answered files that their device has not been given yet. */
  undelivered(udi?: string): readonly { readonly itemId: number; readonly udi: string; readonly file: string }[];
  noteDelivered(itemId: number, now: number): void;
}

export interface DeviceStore {
  list(): readonly CollectedDevice[];
  put(device: CollectedDevice): void;
  remove(name: string): boolean;
  noteContact(
    name: string,
    contact: { readonly atMs: number; readonly udi: string | null; readonly outcome: string },
  ): void;
}

/** The relay's own identity, given by the manager. */
export type RelayIdentity = {
  readonly request: Omit<RequestIdentity, "connectInfo" | "signingCertificateSerial">;
  /** Signs what the relay answers by itself. */
  readonly signing: SigningIdentity;
  readonly connectInfo: ConnectInfo;
  readonly anchors: TrustAnchors;
};

export type CarriedUp = {
  readonly items: readonly {
    readonly item_id: string;
    readonly content: string;
    readonly code: string;
    readonly remedy: string;
  }[];
  /** The certificate with which the manager signed: what it answers to devices is signed with the same. */
  readonly signingCertificate: X509Certificate;
};

/** The manager. Throws `TransportFailure`, `ProtocolError`, or `ManagerRefusal`. */
export interface Upstream {
  carry(items: RequestData<"RELAYED_REQUESTS">["items"]): Promise<CarriedUp>;
}

/** What the manager gives a relay: base64 of DER. */
export type GivenCertificate = { readonly certificate: string; readonly chain: readonly string[] };

/** Asks the manager for the newest certificate of the relay's key. Throws `TransportFailure`, `ProtocolError` or `ManagerRefusal`. */
export interface Renewer {
  renew(): Promise<GivenCertificate>;
}

/** What commands and a restart are to know of the renewal that a relay tries while it serves. */
export interface RenewalNotes {
  renewalFailure(): RenewalFailure | null;
  /** Null once it failed no more. */
  noteRenewalFailure(failure: RenewalFailure | null): void;
}

/** The relay's identity where it is kept. */
export interface IdentityStore {
  validUntilMs(): number;
  /** Uses a certificate that another process has stored for the same key and that ends later; false where there is none. */
  reload(): boolean;
  /** Stores a certificate that ends later than the one there is, and uses it from then on; false for any other. */
  take(given: GivenCertificate): Promise<boolean>;
}

/** The manager said no to the relay itself. */
export class ManagerRefusal extends Error {
  override readonly name = "ManagerRefusal";
  readonly code: string;
  readonly retryTimeSeconds: number;

  constructor(code: string, message: string, retryTimeSeconds: number) {
    super(message);
    this.code = code;
    this.retryTimeSeconds = retryTimeSeconds;
  }
}

/** One device that is collected from, over its own HTTPS server. Throws `RelayError`. */
export interface DeviceClient {
  closeReports(device: CollectedDevice): Promise<void>;
  /** The JSON text of all its reports. */
  allReports(device: CollectedDevice): Promise<Uint8Array>;
  /** Throws `device_refuses_answer` where trying again would not help. */
  import(device: CollectedDevice, file: Uint8Array): Promise<void>;
}

export type { CarriedAnswer };
