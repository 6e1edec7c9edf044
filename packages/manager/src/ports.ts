// What the use cases need from the outside, each port small. Storage ports stand in storage-ports.ts.

import type { KeyObject, X509Certificate } from "node:crypto";
import type { ConnectInfo, SignatureAlgorithm, SigningIdentity, Udi } from "@countersign/protocol";
import type { Storage } from "./storage-ports.ts";
import type { AcceptedBody, AcceptedUsage, UsageRequest } from "./use-cases/accept-usage-report.ts";
import type { DeviceRequestLimits } from "./use-cases/use-cases.ts";

/** Epoch milliseconds. */
export interface Clock {
  now(): number;
}

/** Unpredictable bytes: token secrets, identifiers. */
export interface Randomness {
  bytes(size: number): Uint8Array;
}

export type IdCertificateWish = {
  readonly publicKey: KeyObject;
  readonly productInstanceIdentifier: string;
  readonly udi: Udi;
  /** A relay's certificate is of its own purpose, and of no other. */
  readonly purpose: "product-instance" | "relay";
  /** Epoch milliseconds. */
  readonly now: number;
  /** That of the policy model when left out. */
  readonly lifetimeMs?: number;
};

/** The certificate authority. Never called inside a transaction. */
export interface CertificateIssuer {
  /** Checks a base64 DER PKCS#10 request; throws `certificate_request_invalid`. */
  readRequest(certificateRequest: string): Promise<KeyObject>;
  issue(wish: IdCertificateWish): Promise<X509Certificate>;
  /** What stands between an ID certificate and the root: the issuing CA that gave it, which may be one of before. */
  chainOf(certificate: X509Certificate): readonly X509Certificate[];
  /** The licensing root that devices and verifiers have. */
  root(): X509Certificate;
}

/** The authority towards the managers above and below this one. Never called inside a transaction. */
export interface FloorAuthority {
  /** The certificate of an issuing CA below the licensing root; null where the root's key is not here. */
  issueLower(publicKey: KeyObject): Promise<X509Certificate | null>;
  /** Certificates of devices that these issued can be proved from now on. */
  rememberLower(certificates: readonly X509Certificate[]): Promise<void>;
  /** DER PKCS#10 for the own issuing CA: for its key in use, or for one that waits to be used. */
  requestFromAbove(isRenewal: boolean): Promise<Uint8Array>;
  /** Stands below that root from now on; throws if the certificate is not for a key of ours, or not below the root. */
  adopt(certificates: { readonly issuing: X509Certificate; readonly root: X509Certificate }): Promise<void>;
}

/** Carries a document to the manager above. Throws `UpstreamFailure`. */
export interface UpstreamLink {
  post(
    where: { readonly url: string; readonly rootPem: string },
    path: string,
    body: Uint8Array,
  ): Promise<{ readonly status: number; readonly body: Uint8Array }>;
}

/** Who may have issued a device's certificate. */
export type LicensingAuthorities = {
  readonly root: X509Certificate;
  /** The issuing CA, and those before it. */
  readonly issuing: readonly [X509Certificate, ...X509Certificate[]];
};

/** The manager's signing key; asked for at every use, so that it can be renewed while running. */
export interface SigningIdentitySource {
  current(): SigningIdentity;
}

export type AcknowledgeMode = "inline" | "poll";

export type ManagerOptions = {
  /** `poll` answers OK_POLL first, as the field's servers do (REP-13). */
  readonly acknowledgeMode: AcknowledgeMode;
  readonly pollIntervalSeconds: number;
  /** After how long a refused-for-load request is to be repeated. */
  readonly overloadRetrySeconds: number;
  /** Reports waiting for a commit before new ones are turned away. */
  readonly waitingReportsMax: number;
  /** Reports that share one transaction. */
  readonly reportsPerCommitMax: number;
  /** A trust sync with a certificate request renews a certificate that has less than this left. */
  readonly renewBeforeMs: number;
  /** Devices that a relay brings need no token, in an account that is not on premises (TRU-9). */
  readonly relaysVouch: boolean;
  /** In a message with up to this many reports, those of the algorithm are verified on the calling thread, else on the thread pool. */
  readonly verifiedOnCallerMax: Readonly<Record<SignatureAlgorithm, number>>;
  readonly connectInfo: ConnectInfo;
};

/** Is told of what a person who operates the manager wants to see. */
export interface Observer {
  /** A transaction of usage messages is durable. */
  groupCommitted(messages: number, durationSeconds: number): void;
}

/** Whose turn it is to write; shared by all threads that write to one database file. */
export type SharedTurns = Int32Array<SharedArrayBuffer>;

/** Another thread that accepts usage reports as this one would. */
export interface UsageThreadPort {
  /** Throws only for the manager's own failures. */
  accept(request: UsageRequest, limits: DeviceRequestLimits): Promise<AcceptedUsage>;
  /** The same from the bytes that arrived; null, and nothing done, where they are no usage report that can be read. */
  acceptBody(body: Uint8Array, limits: DeviceRequestLimits): Promise<AcceptedBody | null>;
  readonly reportsWaiting: number;
}

export type Environment = {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly issuer: CertificateIssuer;
  readonly signing: SigningIdentitySource;
  readonly storage: Storage;
  readonly options: ManagerOptions;
  readonly observer?: Observer;
  /** Left out where there is only one floor. */
  readonly floors?: FloorAuthority;
  readonly upstream?: UpstreamLink;
  /** Where usage reports are served; left out, on the calling thread. */
  readonly usageThread?: UsageThreadPort;
};
