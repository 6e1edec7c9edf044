// The manager's use cases as one object: what HTTP, commands, the lab and tests call.

import type {
  Acknowledgement,
  ActProofFile,
  AnswerContent,
  AuthorizationRefusal,
  AuthorizedClass,
  LegacyLicenseKind,
  ManagerObject,
  Policy,
  PolicyLayer,
  ProofFile,
  RequestHeader,
  SignedTreeHead,
  UnverifiedRequest,
} from "@countersign/protocol";
import type { Access, OperatorRole } from "../accounts/access.ts";
import type { SmartAccount, VirtualAccount } from "../accounts/account.ts";
import type { NewPurchaseText } from "../accounts/license-import.ts";
import type { Purchase, PurchaseKind } from "../accounts/purchase.ts";
import type { TokenState, TokenWish } from "../accounts/token.ts";
import type { Alert, AlertMark } from "../alerts/alert.ts";
import type { AdministrativeAct, AuditEntry, StoredAuditEntry } from "../audit/audit-entry.ts";
import type { AuthorizationState } from "../authorizations/authorization.ts";
import type { ConversionState } from "../conversions/conversion.ts";
import type { Cause } from "../events/event.ts";
import type { LicenseTransfer, TransferPrecedence } from "../licenses/license-transfer.ts";
import type { ComplianceState } from "../licenses/standing.ts";
import type { Declaration, SubstitutionEdge } from "../licenses/substitution.ts";
import type { Upstream } from "../premises/upstream.ts";
import type { LicenseUserPage, ProductInstanceRow } from "../storage-ports.ts";
import type { ClassicInstallation } from "../trust/classic-installation.ts";
import type { DeviceCertificate, Installation } from "../trust/product-instance.ts";
import type { StoredEvidence } from "../usage/stored-report.ts";

/** What the HTTP side signs and sends: `encodeAnswer(reply.content, …)`. */
export type DeviceReply = {
  readonly content: AnswerContent;
  readonly productInstanceIdentifier: string;
  /** Stable code of a refusal (device refusal or protocol error), null when the request was served. For logs and metrics. */
  readonly refusal: string | null;
  /** How the reports of this request were judged. For metrics. */
  readonly reports: ReportCounts;
};
export type ReportCounts = { readonly accepted: number; readonly known: number; readonly refused: number };

export type DeviceRequestLimits = {
  /** Reports in one message: 40 from a device, 10 000 where a relay may speak. */
  readonly reportsMax: number;
  /** The account that the address names, where it names one; only what has no trust yet goes by it. */
  readonly tenant?: string;
  /** Bytes of the message; those of a device's when left out. */
  readonly bytesMax?: number;
  /** Left out for whoever speaks for itself. */
  readonly carriedBy?: CarriedBy;
};

/** The relay that brought a request, and when it took it: a device's clock is compared with that moment. */
export type CarriedBy = {
  /** Uuid of the relay. */
  readonly relayIdentifier: string;
  readonly receivedAtMs: number;
  readonly smartAccountId: number;
  readonly virtualAccountId: number;
};

export type DeviceUseCases = {
  /** Serves one decoded request of any type. Throws only for the manager's own failures (answer those with `internal`). */
  answerRequest(request: UnverifiedRequest, limits?: DeviceRequestLimits): Promise<DeviceReply>;
  /** A usage report from its bytes, where another thread serves it; null, and nothing done, for whatever else it is. Throws the same. */
  answerLargeUsage(
    body: Uint8Array,
    limits?: DeviceRequestLimits,
  ): Promise<{ readonly header: RequestHeader; readonly reply: DeviceReply } | null>;
  /** Reports that wait for a transaction now. */
  reportsWaiting(): number;
};

/** Names the smart account; may be left out while there is only one. */
export type InAccount = { readonly smartAccount?: string | undefined };
/** A smart account, or with `manager` what belongs to the managers themselves: operators and the acts on them. */
export type InLedger = InAccount & { readonly manager?: boolean | undefined };
/** A virtual account by name; left out, it is the default one. */
export type InVirtualAccount = InAccount & { readonly virtualAccount?: string | undefined };
/** Who does it; stands in the event. */
export type By = { readonly cause: Cause };
export type PageWish = { readonly limit?: number | undefined; readonly after?: number | undefined };

export type TokenView = {
  readonly tokenId: string;
  readonly virtualAccount: string;
  readonly description: string;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly expiresAtMs: number;
  readonly usesMax: number;
  readonly uses: number;
  readonly exportControlAllowed: boolean;
  readonly state: TokenState;
};
/** `text` is shown this once; only its hash is kept. */
export type CreatedToken = TokenView & { readonly text: string };

export type LicenseView = {
  readonly virtualAccount: string;
  readonly tag: string;
  readonly name: string;
  readonly purchased: number;
  /** Held by authorization codes in force; never lent. */
  readonly reserved: number;
  readonly inUse: number;
  readonly inUseVerified: number;
  readonly inUseUnverified: number;
  /** Of what is used, what licences of other tags cover; and of what was purchased, what covers use of other tags. */
  readonly borrowed: number;
  readonly lent: number;
  readonly borrowedFrom: readonly { readonly tag: string; readonly covered: number }[];
  readonly lentTo: readonly { readonly tag: string; readonly covered: number }[];
  /** Purchased + borrowed − lent − in use: negative by what is short. */
  readonly balance: number;
  readonly installations: number;
  readonly status: ComplianceState;
  /** When it was first seen to be short; null where it is not, or where that was not looked at yet. */
  readonly shortSinceMs: number | null;
};

/** Walks product instances page by page; a page may be empty and not the last. */
export type LicenseUsers = LicenseUserPage;

/** Days are `yyyy-mm-dd` (UTC), both inclusive: the last 90 where nothing is said. */
export type LicenseHistoryQuery = InVirtualAccount & {
  readonly tag: string;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
};
export type LicenseHistory = {
  readonly virtualAccount: string;
  readonly tag: string;
  readonly from: string;
  readonly to: string;
  /**
   * By day. A day without a step is as the step before it ended; what was before the first one is not known. The last one is as of
   * now, where the days end today.
   */
  readonly steps: readonly LicenseStep[];
};
export type LicenseStep = {
  readonly day: string;
  /** As the last look of the day found them. */
  readonly purchased: number;
  readonly inUse: number;
  readonly inUseVerified: number;
  readonly inUseUnverified: number;
  readonly short: number;
  /** The most that a look found, or the day began with. */
  readonly inUseMax: number;
  readonly shortMax: number;
};

export type LicenseTransferWish = {
  readonly tag: string;
  readonly quantity: number;
  /** Names of virtual accounts. */
  readonly from: string;
  readonly to: string;
  /** Which purchases go first; `longest-term-first` when left out. */
  readonly precedence?: TransferPrecedence | undefined;
  /** Only purchases of this kind. */
  readonly kind?: PurchaseKind | undefined;
};
/** What a transfer would do: the purchases that it takes from, and every balance that would be another. */
export type TransferPreview = {
  readonly tag: string;
  readonly quantity: number;
  readonly from: string;
  readonly to: string;
  readonly lots: readonly Pick<
    Purchase,
    "purchaseId" | "quantity" | "kind" | "startsAtMs" | "endsAtMs" | "orderReference"
  >[];
  readonly changes: readonly { readonly before: LicenseView | null; readonly after: LicenseView }[];
  /** Licences that would be short and are not short now; the transfer is refused unless so many are accepted. */
  readonly addedShortage: number;
};
export type LicenseTransferView = Omit<
  LicenseTransfer,
  "smartAccountId" | "fromVirtualAccountId" | "toVirtualAccountId"
> & { readonly from: string; readonly to: string };

/** A product instance by its identifier or as `PID:x,SN:y`. */
export type InstanceReference = InAccount & { readonly instance: string };
export type InstanceView = ProductInstanceRow & { readonly virtualAccount: string };
export type InstanceDetail = {
  readonly instance: InstanceView;
  readonly installation: Installation;
  readonly members: readonly {
    readonly productInstanceIdentifier: string;
    readonly udi: string;
    readonly role: string;
  }[];
  readonly usage: readonly {
    readonly tag: string;
    readonly count: number;
    readonly endsAtSeconds: number;
    readonly isVerified: boolean;
  }[];
  readonly certificates: readonly Omit<DeviceCertificate, "publicKey" | "certificate">[];
  /** Null for an installation of the policy model. */
  readonly classic: ClassicInstallation | null;
  readonly missingReports: readonly { readonly from: number; readonly to: number }[];
};

export type ReportView = {
  readonly reportId: number;
  readonly tag: string;
  readonly count: number;
  readonly startsAtSeconds: number;
  readonly endsAtSeconds: number;
  readonly measurements: number;
  readonly receivedAtMs: number;
  readonly isVerified: boolean;
  readonly timeMark: string;
  readonly payloadSha256: string;
  readonly leafIndex: number;
  readonly acknowledgementId: number;
};
export type ReportDetail = ReportView & { readonly payload: string; readonly signature: unknown };

export type AcknowledgementView = {
  readonly acknowledgementId: number;
  readonly productInstanceIdentifier: string;
  readonly pollId: string;
  readonly acknowledgedAtMs: number;
  readonly acknowledgement: Acknowledgement;
};
/** The signed object, and the licence file that a device imports. */
export type SignedAcknowledgement = AcknowledgementView & { readonly object: ManagerObject; readonly file: string };

export type PolicyView = {
  readonly policy: Policy;
  readonly settings: readonly {
    readonly virtualAccount: string | null;
    readonly version: number;
    readonly setAtMs: number;
    readonly layer: PolicyLayer;
  }[];
};

export type EventView = {
  readonly eventId: number;
  readonly atMs: number;
  readonly kind: string;
  /** Somebody must look into it. */
  readonly isAlert: boolean;
  readonly message: string;
  readonly virtualAccount: string | null;
  readonly installationId: number | null;
  readonly cause: Cause;
  readonly before: unknown;
  readonly after: unknown;
  /** Leaf of the administrative act in the ledger; null for what a device or the manager itself changed. */
  readonly leafIndex: number | null;
};

export type AuditWish = InLedger & {
  /** Epoch milliseconds; from is inclusive, to is not. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly operator?: string | undefined;
  readonly act?: AdministrativeAct | undefined;
} & PageWish;
export type AuditEntryView = Pick<StoredAuditEntry, "leafIndex" | "atMs" | "act" | "operator" | "entry"> &
  Pick<AuditEntry, "by" | "reason" | "part" | "parts" | "changes">;

/** A grant by names; without a smart account everything, without a virtual account all of the smart account. */
export type GrantWish = InAccount & {
  readonly virtualAccount?: string | undefined;
  readonly role?: OperatorRole | undefined;
};
export type GrantView = {
  readonly role: OperatorRole;
  readonly smartAccount: string | null;
  readonly virtualAccount: string | null;
};
export type OperatorView = {
  readonly operatorId: number;
  readonly name: string;
  readonly createdAtMs: number;
  readonly grants: readonly GrantView[];
};
/** Who a bearer token is, and what may be done with it. */
export type KnownOperator = Pick<OperatorView, "operatorId" | "name"> & { readonly access: Access };
/** `bearer` is shown this once; only its hash is kept. */
export type AddedOperator = OperatorView & { readonly bearer: string };
export type OperatorFileEntry = { readonly name: string; readonly tokenSha256: string; readonly createdAtMs: number };

/** One bounded step of a purge; leaves from `fromLeaf` up to, not including, `toLeaf`. */
export type PurgeStep = {
  readonly smartAccount: string;
  readonly fromLeaf: number;
  readonly toLeaf: number;
  readonly bodies: number;
  readonly bytes: number;
  /** True when there was nothing left to do. */
  readonly isFinished: boolean;
};

/** A head of the ledger, and the signed object that says so to anybody. */
export type TreeHeadView = {
  readonly smartAccount: string;
  readonly treeHead: SignedTreeHead;
  readonly object: ManagerObject;
};
/** Hashes are lower-case hex, in the order of RFC 9162. */
export type ConsistencyView = {
  readonly from: { readonly size: number; readonly rootSha256: string };
  readonly hashes: readonly string[];
  readonly head: TreeHeadView;
};
export type InclusionView = {
  readonly leafIndex: number;
  readonly leafHash: string;
  readonly hashes: readonly string[];
  readonly head: TreeHeadView;
};

export type AccountUseCases = {
  createSmartAccount(
    wish: { readonly name: string; readonly allowUntrustedReports?: boolean } & By,
  ): Promise<SmartAccount>;
  createVirtualAccount(
    wish: InAccount & { readonly name: string; readonly description?: string } & By,
  ): Promise<VirtualAccount>;
  listAccounts(): Promise<readonly (SmartAccount & { readonly virtualAccounts: readonly VirtualAccount[] })[]>;
  createToken(wish: InVirtualAccount & Partial<TokenWish> & By): Promise<CreatedToken>;
  listTokens(query: InVirtualAccount): Promise<readonly TokenView[]>;
  revokeToken(wish: InAccount & { readonly tokenId: string } & By): Promise<TokenView>;
};

export type LicenseUseCases = {
  addPurchase(wish: InAccount & { readonly purchase: NewPurchaseText } & By): Promise<Purchase>;
  /** CSV or JSON, told by its content; all rows or none. */
  importLicenses(wish: InAccount & { readonly bytes: Uint8Array } & By): Promise<readonly Purchase[]>;
  listLicenses(query: InVirtualAccount): Promise<readonly LicenseView[]>;
  listPurchases(query: InAccount): Promise<readonly Purchase[]>;
  listLicenseUsers(query: InVirtualAccount & { readonly tag: string } & PageWish): Promise<LicenseUsers>;
  showLicenseHistory(query: LicenseHistoryQuery): Promise<LicenseHistory>;
  previewLicenseTransfer(wish: InAccount & LicenseTransferWish): Promise<TransferPreview>;
  transferLicenses(
    wish: InAccount & LicenseTransferWish & { readonly shortageAccepted?: number | undefined } & By,
  ): Promise<LicenseTransferView>;
  undoLicenseTransfer(wish: InAccount & { readonly transferId: number } & By): Promise<LicenseTransferView>;
  listLicenseTransfers(query: InVirtualAccount & PageWish): Promise<readonly LicenseTransferView[]>;
  /** Of the whole smart account, by consumer, the nearest provider first. */
  listSubstitutions(query: InAccount): Promise<readonly SubstitutionEdge[]>;
  /** In place of all that were declared before; answers what is declared then, as the two below. */
  declareSubstitutions(
    wish: InAccount & { readonly declaration: Partial<Declaration> } & By,
  ): Promise<readonly SubstitutionEdge[]>;
  addSubstitution(wish: InAccount & { readonly edge: SubstitutionEdge } & By): Promise<readonly SubstitutionEdge[]>;
  removeSubstitution(
    wish: InAccount & Pick<SubstitutionEdge, "provider" | "consumer"> & By,
  ): Promise<readonly SubstitutionEdge[]>;
  setPolicy(
    wish: InAccount & { readonly virtualAccount?: string | undefined; readonly layer: unknown } & By,
  ): Promise<PolicyView>;
  getPolicy(query: InAccount & { readonly virtualAccount?: string | undefined }): Promise<PolicyView>;
};

export type AuthorizationView = {
  readonly authorizationId: number;
  readonly udi: string;
  readonly productInstanceIdentifier: string;
  readonly virtualAccount: string;
  readonly sequence: number;
  readonly state: AuthorizationState;
  readonly licenses: readonly {
    readonly tag: string;
    readonly licenseClass: AuthorizedClass;
    readonly count: number;
  }[];
  readonly confirmationCode: string;
  readonly issuedAtMs: number;
  /** When it came to its state. */
  readonly changedAtMs: number;
};
/** `file` is the licence file that the device imports. */
export type GeneratedAuthorization = AuthorizationView & { readonly file: string };
export type AuthorizedByFile = {
  readonly devices: readonly {
    readonly udi: string;
    readonly productInstanceIdentifier: string;
    /** `heard`: it asked for nothing, and what it told was taken. */
    readonly outcome: "given" | "heard" | "refused";
    readonly code: AuthorizationRefusal | null;
    readonly message: string;
  }[];
  /** The licence file that the devices import; null when no code was given. */
  readonly file: string | null;
};

export type AuthorizationUseCases = {
  listAuthorizations(
    query: InVirtualAccount & { readonly instance?: string | undefined } & PageWish,
  ): Promise<readonly AuthorizationView[]>;
  generateAuthorization(
    wish: InstanceReference & {
      readonly mode: "add" | "replace";
      readonly licenses: readonly {
        readonly tag: string;
        readonly licenseClass: AuthorizedClass;
        readonly count: number;
      }[];
    } & By,
  ): Promise<GeneratedAuthorization>;
  returnAuthorization(wish: InstanceReference & { readonly returnCode: string } & By): Promise<AuthorizationView>;
  withdrawAuthorization(wish: InstanceReference & By): Promise<AuthorizationView>;
  importAuthorizationRequest(wish: InAccount & { readonly bytes: Uint8Array } & By): Promise<AuthorizedByFile>;
};

export type SearchWish = InAccount & { readonly text: string; readonly limit?: number | undefined };
export type SearchHit = {
  readonly kind: "product_instance" | "license" | "virtual_account" | "token" | "acknowledgement";
  /** As the API names it: product instance identifier, tag, name, token id, acknowledgement id. */
  readonly id: string;
  readonly title: string;
  readonly detail: string;
  readonly virtualAccount: string;
  /** Of an acknowledgement: whom it answered. */
  readonly instance?: string;
};
export type SearchResult = {
  /** By kind, in the order of the kinds. */
  readonly hits: readonly SearchHit[];
  /** False where there may be more: a longer text finds it, or the whole serial number. */
  readonly isComplete: boolean;
};

export type InstanceUseCases = {
  searchAccount(wish: SearchWish): Promise<SearchResult>;
  listProductInstances(query: InVirtualAccount & PageWish): Promise<readonly InstanceView[]>;
  showProductInstance(query: InstanceReference): Promise<InstanceDetail>;
  transferProductInstance(wish: InstanceReference & { readonly virtualAccount: string } & By): Promise<InstanceDetail>;
  removeProductInstance(wish: InstanceReference & By): Promise<void>;
};

/** A report of a file that was not taken; `reportId` is null where it could not be read. */
export type RefusedReport = {
  readonly udi: string;
  readonly reportId: number | null;
  readonly payloadSha256?: string;
  readonly code: string;
  readonly remedy: string;
};
export type ImportedUsage = {
  readonly reports: ReportCounts;
  readonly refused: readonly RefusedReport[];
  readonly acknowledgements: number;
  /** The licence file that devices import; null when nothing is acknowledged. */
  readonly file: string | null;
};
export type EnrolledByFile = {
  readonly devices: readonly {
    readonly udi: string;
    readonly productInstanceIdentifier: string;
    readonly isEnrolled: boolean;
    readonly message: string;
  }[];
  /** The licence file that the devices import. */
  readonly file: string;
};

/** Whom an account on premises lets in without a token; what is not named stays. */
export type AdmissionChange = {
  readonly isOpen?: boolean | undefined;
  readonly virtualAccount?: string | undefined;
  readonly productIds?: readonly string[] | undefined;
};
export type PremisesView = {
  readonly smartAccount: string;
  readonly role: "cloud" | "onprem";
  /** Null for a cloud account. Without a virtual account, devices whose address names none come into the default one; without product ids, all come in. */
  readonly admission: {
    readonly isOpen: boolean;
    readonly virtualAccount: string | null;
    readonly productIds: readonly string[];
  } | null;
};

export type LowerManagerView = {
  readonly name: string;
  readonly identifier: string;
  readonly virtualAccount: string;
  readonly createdAtMs: number;
  readonly tokenEndsAtMs: number;
  readonly registeredAtMs: number | null;
  readonly lastSyncAtMs: number | null;
};
/** `token` is shown this once; only its hash is kept. */
export type AddedLowerManager = LowerManagerView & { readonly token: string };

/** Over the network with address and token, or with the answer to a registration that a person carried up. */
export type ConnectWish = {
  readonly url?: string | undefined;
  readonly token?: string | undefined;
  readonly registered?: string | undefined;
  /** PEM of the licensing root of the manager above. */
  readonly rootPem: string;
  readonly intervalDays?: number | undefined;
};
export type UpstreamView = Omit<Upstream, "rootPem"> & {
  readonly nextSyncAtMs: number;
  /** Accepted here and not acknowledged above yet. */
  readonly waitingReports: number;
};
export type SyncOutcome = {
  readonly acknowledged: number;
  readonly refused: number;
  readonly documents: number;
  readonly upstream: UpstreamView;
};

export type SyncExport = {
  readonly document: string | null;
  readonly reports: number;
  /** False where more waits than one document holds: export again when the answer is here. */
  readonly isLast: boolean;
};
export type SyncImport = {
  readonly acknowledged: number;
  readonly refused: number;
  readonly upstream: UpstreamView;
};

/** Managers on premises below this one, and the manager above. */
export type FloorUseCases = {
  addLowerManager(wish: InVirtualAccount & { readonly name: string } & By): Promise<AddedLowerManager>;
  listLowerManagers(query: InAccount): Promise<readonly LowerManagerView[]>;
  removeLowerManager(wish: InAccount & { readonly name: string } & By): Promise<void>;
  connectUpstream(wish: InAccount & ConnectWish & By): Promise<UpstreamView>;
  syncUpstream(wish: InAccount & By): Promise<SyncOutcome>;
  /** Base64 of the certificate request that a registration carries up. */
  requestRegistration(query: InAccount): Promise<{ readonly csr: string | null }>;
  /** A document for a person to carry up; null where there is nobody above. Nothing is changed. */
  exportSync(query: InAccount): Promise<SyncExport>;
  importSync(wish: InAccount & { readonly bytes: Uint8Array } & By): Promise<SyncImport>;
  showUpstream(query: InAccount): Promise<{ readonly upstream: UpstreamView | null }>;
};

/** What comes from managers on premises; they are known by their signatures. Throws `FloorRefusal` and protocol errors. */
export type FloorDoor = {
  register(bytes: Uint8Array): Promise<string>;
  sync(bytes: Uint8Array): Promise<string>;
};

export type PremisesUseCases = {
  /** When a manager is made; no route leads here. */
  establishPremises(wish: InAccount & By): Promise<PremisesView>;
  setAdmission(wish: InAccount & { readonly change: AdmissionChange } & By): Promise<PremisesView>;
  showPremises(query: InAccount): Promise<PremisesView>;
};

export type ConversionView = {
  readonly conversionId: number;
  readonly udi: string;
  readonly virtualAccount: string;
  readonly state: ConversionState;
  readonly licenses: readonly {
    readonly kind: LegacyLicenseKind;
    readonly name: string;
    readonly tag: string;
    readonly count: number;
  }[];
  readonly askedAtMs: number;
  readonly changedAtMs: number;
};
/** Whether a smart account converts what devices tell without asking an administrator. */
export type ConversionSetting = { readonly isAutomatic: boolean };

export type ConversionUseCases = {
  listConversions(query: InVirtualAccount & PageWish): Promise<readonly ConversionView[]>;
  showConversion(query: InAccount & { readonly device: string }): Promise<ConversionView>;
  allowConversion(wish: InAccount & { readonly device: string } & By): Promise<ConversionView>;
  showConversionSetting(query: InAccount): Promise<ConversionSetting>;
  setConversion(wish: InAccount & ConversionSetting & By): Promise<ConversionSetting>;
};

/** For sites without a connection: files that a person carries. */
export type FileUseCases = {
  importUsageFile(wish: InAccount & { readonly bytes: Uint8Array } & By): Promise<ImportedUsage>;
  enrolByFile(
    wish: InVirtualAccount & {
      readonly bytes: Uint8Array;
      readonly force: boolean;
      readonly exportControlAllowed: boolean;
    } & By,
  ): Promise<EnrolledByFile>;
};

export type RecordUseCases = {
  listReports(query: InstanceReference & PageWish): Promise<readonly ReportView[]>;
  showReport(query: InstanceReference & { readonly reportId: number }): Promise<ReportDetail>;
  listEvidence(query: InstanceReference): Promise<readonly StoredEvidence[]>;
  listAcknowledgements(query: InAccount & PageWish): Promise<readonly AcknowledgementView[]>;
  showAcknowledgement(query: InAccount & { readonly acknowledgementId: number }): Promise<SignedAcknowledgement>;
  listAuditEntries(query: AuditWish): Promise<readonly AuditEntryView[]>;
  showAuditEntry(query: InLedger & { readonly leafIndex: number }): Promise<AuditEntryView>;
  purgeReportBodies(wish: InAccount & { readonly olderThanDays: number } & By): Promise<PurgeStep>;
  weighOldReportBodies(
    query: InAccount & { readonly olderThanDays: number; readonly fromLeaf?: number | undefined },
  ): Promise<PurgeStep>;
  listEvents(
    query: InLedger & {
      readonly virtualAccount?: string | undefined;
      readonly instance?: string | undefined;
    } & PageWish,
  ): Promise<readonly EventView[]>;
};

/** `mark` as people read it; places by name. */
export type AlertView = Omit<Alert, "virtualAccountIds" | "mark"> & {
  readonly virtualAccounts: readonly string[];
  readonly handled: AlertMark | null;
};
/** Not complete: more events than are looked at, so that the oldest alerts may be missing. */
export type AlertList = { readonly alerts: readonly AlertView[]; readonly isComplete: boolean };
/** The cause's reason is the note. */
export type AlertWish = InVirtualAccount & { readonly alertId: string; readonly throughEventId: number } & By;

export type AlertUseCases = {
  listAlerts(query: InVirtualAccount & { readonly handled?: boolean | undefined }): Promise<AlertList>;
  handleAlert(wish: AlertWish): Promise<AlertView>;
};

type AtSize = { readonly size?: number | undefined };
export type LedgerUseCases = {
  showTreeHead(query: InLedger & AtSize): Promise<TreeHeadView>;
  showConsistency(
    query: InLedger & { readonly from: number; readonly to?: number | undefined },
  ): Promise<ConsistencyView>;
  showInclusion(query: InLedger & AtSize & { readonly leafIndex: number }): Promise<InclusionView>;
  /** One self-contained file (spec/files.md, section 4). */
  proveReport(query: InstanceReference & AtSize & { readonly reportId: number }): Promise<ProofFile>;
  /** The same for an administrative act. */
  proveAct(query: InLedger & AtSize & { readonly leafIndex: number }): Promise<ActProofFile>;
};

export type OperatorUseCases = {
  listOperators(): Promise<readonly OperatorView[]>;
  /** With no grant named, an administrator of everything. */
  addOperator(
    wish: { readonly name: string; readonly grants?: readonly GrantWish[] | undefined } & By,
  ): Promise<AddedOperator>;
  /** Adds to what the operator may do, or changes the role in a place. */
  grantAccess(wish: { readonly name: string; readonly grant: GrantWish } & By): Promise<OperatorView>;
  revokeAccess(wish: { readonly name: string } & Omit<GrantWish, "role"> & By): Promise<OperatorView>;
  removeOperator(wish: { readonly name: string } & By): Promise<void>;
  /** Whose bearer token this is; undefined for nobody's. */
  findOperator(bearer: string): Promise<KnownOperator | undefined>;
  /** Answers how many were not known yet. */
  takeOverOperators(wish: { readonly operators: readonly OperatorFileEntry[] } & By): Promise<number>;
};

export type AdministrationUseCases = AccountUseCases &
  LicenseUseCases &
  InstanceUseCases &
  AuthorizationUseCases &
  ConversionUseCases &
  FileUseCases &
  RecordUseCases &
  AlertUseCases &
  PremisesUseCases &
  FloorUseCases &
  LedgerUseCases &
  OperatorUseCases;
/** `secret` is given to the browser this once; only its hash is kept. */
export type SignedIn = { readonly secret: string; readonly operator: KnownOperator; readonly endsAtMs: number };
export type SignInUseCases = {
  /** Undefined for a token that is nobody's. */
  signIn(bearer: string): Promise<SignedIn | undefined>;
  /** Whose browser this is, as of now, on whatever manager it signed in. */
  findSignedIn(secret: string): Promise<KnownOperator | undefined>;
  signOut(secret: string): Promise<void>;
};

/** What everybody does that may do everything, and the same for those with limits. */
export type Administrations = AdministrationUseCases & {
  readonly signIns: SignInUseCases;
  /** Outside of the access there is nothing: what is asked for there is unknown. */
  administrationWith(access: Access): AdministrationUseCases;
};
/** What the manager does by itself, now and then. */
export type UpkeepUseCases = {
  /** Writes down where licences began or ceased to be short, and how each stands on this day. Ends early when aborted. */
  noteStandings(signal?: AbortSignal): Promise<NotedStandings>;
  /** Frees and removes what is due of classic installations that stay silent; answers how many. Ends early when aborted. */
  keepClassic(signal?: AbortSignal): Promise<number>;
};
/** How many places began or ceased to be short, and how many licences stood otherwise than before. */
export type NotedStandings = { readonly shortages: number; readonly days: number };
export type UseCases = DeviceUseCases & Administrations & UpkeepUseCases & { readonly floorDoor: FloorDoor };
