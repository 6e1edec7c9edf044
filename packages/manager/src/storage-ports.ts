// Storage as the use cases see it. Readers and writers are different types, so that a read path cannot write.
// Every method may answer at once (embedded) or with a promise (a database over the network).

import type { Frontier, Udi } from "@countersign/protocol";
import type { SmartAccount, VirtualAccount } from "./accounts/account.ts";
import type { Operator } from "./accounts/operator.ts";
import type { NewPurchase, Purchase } from "./accounts/purchase.ts";
import type { SignIn } from "./accounts/sign-in.ts";
import type { StoredToken } from "./accounts/token.ts";
import type { AdministrativeAct, StoredAuditEntry } from "./audit/audit-entry.ts";
import type { NewAuthorization, StoredAuthorization } from "./authorizations/authorization.ts";
import type { NewConversion, StoredConversion } from "./conversions/conversion.ts";
import type { NewEvent, StoredEvent } from "./events/event.ts";
import type { Tile, TilePosition } from "./ledger/tiles.ts";
import type { LicenseDay } from "./licenses/license-day.ts";
import type { LicenseTransfer } from "./licenses/license-transfer.ts";
import type { Shortage } from "./licenses/shortage.ts";
import type { BalanceRow } from "./licenses/standing.ts";
import type { SubstitutionEdge } from "./licenses/substitution.ts";
import type { PolicySetting } from "./policies/policy-setting.ts";
import type { LowerManager } from "./premises/lower-manager.ts";
import type { Premises } from "./premises/premises.ts";
import type { ClassicInstallation } from "./trust/classic-installation.ts";
import type {
  DeviceCertificate,
  Enrolment,
  Installation,
  InstallationInModel,
  ProductInstance,
} from "./trust/product-instance.ts";
import type { InUse } from "./usage/in-use.ts";
import type { GapChange, IdRange, ReportGap } from "./usage/report-gaps.ts";
import type {
  AcceptedReport,
  AcceptedReportKey,
  InstallationUsage,
  NewAcceptedReport,
  NewEvidence,
  StoredAcknowledgement,
  StoredEvidence,
  UsageTotalChange,
} from "./usage/stored-report.ts";

export type Awaitable<T> = T | Promise<T>;

/** A page of a list: at most `limit` rows after `after` (exclusive; null for the start). */
export type Page<K> = { readonly limit: number; readonly after: K | null };

/** A list is narrowed to these virtual accounts, at least one; null for all of the smart account. */
export type VirtualAccountIds = readonly [number, ...number[]] | null;

/**
 * Stands where a smart account's id does, for what belongs to the managers themselves: the operators, the acts on them, and
 * the ledger of these acts. No smart account has this id.
 */
export const managerScope = 0;

export interface AccountReader {
  /** Id of the managers' own ledger; undefined before its first leaf. */
  findManagerLedger(): Awaitable<string | undefined>;
  listSmartAccounts(): Awaitable<readonly SmartAccount[]>;
  listVirtualAccounts(smartAccountId: number): Awaitable<readonly VirtualAccount[]>;
}
export interface AccountWriter {
  addSmartAccount(account: Omit<SmartAccount, "smartAccountId">): Awaitable<SmartAccount>;
  addVirtualAccount(account: Omit<VirtualAccount, "virtualAccountId">): Awaitable<VirtualAccount>;
  addManagerLedger(ledgerId: string): Awaitable<void>;
}

export interface OperatorReader {
  /** Those that were removed too. */
  listOperators(): Awaitable<readonly Operator[]>;
  findOperatorByToken(tokenSha256: string): Awaitable<Operator | undefined>;
  /** Whose browser this is, while the sign-in holds at this moment; also an operator who was removed. */
  findOperatorBySignIn(secretSha256: string, nowMs: number): Awaitable<Operator | undefined>;
  /** Oldest first. */
  listSignIns(operatorId: number): Awaitable<readonly SignIn[]>;
}
export interface OperatorWriter {
  addOperator(operator: Omit<Operator, "operatorId">): Awaitable<Operator>;
  changeAccess(operator: Operator): Awaitable<void>;
  removeOperator(operatorId: number, removedAtMs: number): Awaitable<void>;
  addSignIn(signIn: SignIn): Awaitable<void>;
  removeSignIn(secretSha256: string): Awaitable<void>;
  /** Those whose end has come, of all operators. */
  removeEndedSignIns(nowMs: number): Awaitable<void>;
}

export interface TokenReader {
  findTokenByHash(tokenHash: string): Awaitable<StoredToken | undefined>;
  listTokens(smartAccountId: number): Awaitable<readonly StoredToken[]>;
}
export interface TokenWriter {
  addToken(token: Omit<StoredToken, "tokenId">): Awaitable<StoredToken>;
  setTokenUses(smartAccountId: number, tokenId: number, uses: number): Awaitable<void>;
  revokeToken(smartAccountId: number, tokenId: number, revokedAtMs: number): Awaitable<void>;
}

export interface TrustReader {
  findInstance(smartAccountId: number, instanceId: number): Awaitable<ProductInstance | undefined>;
  findInstanceByIdentifier(productInstanceIdentifier: string): Awaitable<ProductInstance | undefined>;
  /** Registered ones only. */
  findInstancesByUdi(smartAccountId: number, pid: string, serialNumber: string): Awaitable<readonly ProductInstance[]>;
  findInstallation(smartAccountId: number, installationId: number): Awaitable<Installation | undefined>;
  /** The same with its licensing model, at the price of the one look-up. */
  findInModel(smartAccountId: number, installationId: number): Awaitable<InstallationInModel | undefined>;
  /** Those that were removed too: a report may name a device that is gone. */
  listMembers(smartAccountId: number, installationId: number): Awaitable<readonly ProductInstance[]>;
}
export interface CertificateReader {
  findCertificate(serialNumber: string): Awaitable<DeviceCertificate | undefined>;
  /** Oldest first. */
  listCertificates(smartAccountId: number, instanceId: number): Awaitable<readonly DeviceCertificate[]>;
  findEnrolment(key: Omit<Enrolment, "instanceId" | "certificateSerial">): Awaitable<Enrolment | undefined>;
}
export interface TrustWriter {
  addInstallation(installation: Omit<Installation, "installationId">): Awaitable<Installation>;
  putInstallation(installation: Installation): Awaitable<void>;
  addInstance(instance: Omit<ProductInstance, "instanceId">): Awaitable<ProductInstance>;
  putInstance(instance: ProductInstance): Awaitable<void>;
  /** Registered product instances of a virtual account, kept by difference. */
  changeInstanceCount(smartAccountId: number, virtualAccountId: number, difference: number): Awaitable<void>;
}
export interface CertificateWriter {
  addCertificate(certificate: DeviceCertificate): Awaitable<void>;
  /** Every certificate of the instance that is still valid gets the given state. */
  endCertificates(smartAccountId: number, instanceId: number, state: "replaced" | "withdrawn"): Awaitable<void>;
  putEnrolment(enrolment: Enrolment): Awaitable<void>;
}

export interface InstanceListReader {
  listInstances(query: InstanceQuery): Awaitable<readonly ProductInstanceRow[]>;
  /** Registered ones, by serial number, looking at no more than `walkedMax` rows. */
  listInstancesBySerialNumber(query: SerialNumberQuery): Awaitable<SerialNumberWalk>;
  listInstallationUsage(smartAccountId: number, installationId: number): Awaitable<readonly InstallationUsage[]>;
}
/** Installations in classic Smart Licensing. */
export interface ClassicReader {
  findClassic(smartAccountId: number, installationId: number): Awaitable<ClassicInstallation | undefined>;
  /** Ids of those for which something is due, the longest due first. */
  listDue(smartAccountId: number, now: number, limit: number): Awaitable<readonly number[]>;
}
export interface ClassicWriter {
  putClassic(installation: ClassicInstallation): Awaitable<void>;
  removeClassic(smartAccountId: number, installationId: number): Awaitable<void>;
}

/** Conversions of licences of the time before Smart Licensing. */
export interface ConversionReader {
  findConversion(smartAccountId: number, udi: Udi): Awaitable<StoredConversion | undefined>;
  /** Newest first. */
  listConversions(query: ConversionQuery): Awaitable<readonly StoredConversion[]>;
  /** Whether an account converts what devices tell without an administrator; false where nobody has said so. */
  isAutomatic(smartAccountId: number): Awaitable<boolean>;
}
export interface ConversionWriter {
  addConversion(conversion: NewConversion): Awaitable<StoredConversion>;
  /** All but who asked and when. */
  changeConversion(conversion: StoredConversion): Awaitable<StoredConversion>;
  /** Marks a device as converted in an account, unless it is in one; answers in which it is then. */
  claimDevice(udi: Udi, smartAccountId: number): Awaitable<number>;
  setAutomatic(smartAccountId: number, isAutomatic: boolean): Awaitable<void>;
}
export type ConversionQuery = {
  readonly smartAccountId: number;
  readonly virtualAccountIds: VirtualAccountIds;
  readonly page: Page<number>;
};

export type InstanceQuery = {
  readonly smartAccountId: number;
  readonly virtualAccountIds: VirtualAccountIds;
  readonly page: Page<number>;
};
export type SerialNumberQuery = {
  readonly smartAccountId: number;
  /**
   * Null: every serial number that starts so. With virtual accounts: this very serial number in them, because how far a walk
   * through all of them comes would say what lies in others.
   */
  readonly virtualAccountIds: VirtualAccountIds;
  readonly serialNumber: string;
  readonly walkedMax: number;
};
export type SerialNumberWalk = {
  readonly instances: readonly ProductInstance[];
  /** False where the walk ended before the serial numbers that start so. */
  readonly isComplete: boolean;
};
export type ProductInstanceRow = ProductInstance & { readonly lastContactAtMs: number | null };

export type ReportBody = { readonly leafIndex: number; readonly payload: string; readonly signature: string };
export interface ReportReader {
  findReport(key: AcceptedReportKey): Awaitable<AcceptedReport | undefined>;
  findReportBody(
    report: Pick<AcceptedReport, "smartAccountId" | "installationId" | "leafIndex">,
  ): Awaitable<{ readonly payload: string; readonly signature: string } | undefined>;
  /** As the devices signed them, by leaf, from this one on; those whose bodies were purged are left out. */
  listBodiesFrom(smartAccountId: number, leafIndex: number, limit: number): Awaitable<readonly ReportBody[]>;
  /** Newest report id first. */
  listReports(smartAccountId: number, installationId: number, page: Page<number>): Awaitable<readonly AcceptedReport[]>;
  listGaps(smartAccountId: number, installationId: number): Awaitable<readonly ReportGap[]>;
  listEvidence(smartAccountId: number, installationId: number): Awaitable<readonly StoredEvidence[]>;
}
export interface ReportWriter {
  /** False, and nothing written, if the installation has a report of this id. */
  addReport(report: NewAcceptedReport): Awaitable<boolean>;
  /** Gaps that share an id with the range, ascending. */
  findGaps(smartAccountId: number, installationId: number, range: IdRange): Awaitable<readonly ReportGap[]>;
  replaceGaps(
    smartAccountId: number,
    installationId: number,
    change: Pick<GapChange, "removed" | "added">,
  ): Awaitable<void>;
  /** False if the same evidence is kept already. */
  addEvidence(evidence: NewEvidence): Awaitable<boolean>;
}

/** Leaves from `from` up to, but not including, `to`. */
export type BodyRange = { readonly from: number; readonly to: number };
export type BodiesWeight = { readonly bodies: number; readonly bytes: number };
export type OldLeavesQuery = {
  readonly from: number;
  /** Epoch milliseconds; what was received at this moment is not old. */
  readonly receivedBeforeMs: number;
  readonly leavesMax: number;
};

export interface ReportBodyReader {
  /** Index of the first leaf whose body no purge has come to; 0 before the first purge. */
  readPurgedBelow(smartAccountId: number): Awaitable<number>;
  /** The end of the leaves that follow one another from `from` and are all old enough; `from` if there is none. */
  findEndOfOldLeaves(smartAccountId: number, query: OldLeavesQuery): Awaitable<number>;
  /** What `removeBodies` would remove. */
  weighBodies(smartAccountId: number, range: BodyRange): Awaitable<BodiesWeight>;
}
export interface ReportBodyWriter {
  /** All but those of reports that evidence contradicts; `atMs` and the end of the range are remembered. */
  removeBodies(smartAccountId: number, range: BodyRange, atMs: number): Awaitable<BodiesWeight>;
}

export interface UsageReader {
  findInUse(smartAccountId: number, installationId: number, tagId: number): Awaitable<InUse | undefined>;
  listInUse(
    smartAccountId: number,
    installationId: number,
  ): Awaitable<readonly { readonly tagId: number; readonly inUse: InUse }[]>;
}
/** Rows that usage messages of one smart account are about to touch. */
export type UsageOutlook = {
  readonly smartAccountId: number;
  readonly installationIds: readonly number[];
  readonly reports: readonly { readonly installationId: number; readonly reportId: number; readonly tag: string }[];
};
export interface UsageWriter {
  /** A hint that changes nothing: a database over the network reads it all at once; an embedded one never asks. */
  foresee(outlook: () => readonly UsageOutlook[]): Awaitable<void>;
  /** Number of the tag inside the account; makes one for a tag never seen. */
  tagIdOf(smartAccountId: number, tag: string): Awaitable<number>;
  putInUse(smartAccountId: number, installationId: number, tagId: number, inUse: InUse): Awaitable<void>;
  removeInUse(smartAccountId: number, installationId: number): Awaitable<void>;
  changeTotals(changes: readonly UsageTotalChange[]): Awaitable<void>;
}

export interface AcknowledgementReader {
  findAcknowledgement(smartAccountId: number, acknowledgementId: number): Awaitable<StoredAcknowledgement | undefined>;
  /** Newest first. */
  listAcknowledgements(query: AcknowledgementQuery): Awaitable<readonly StoredAcknowledgement[]>;
}
export type AcknowledgementQuery = {
  readonly smartAccountId: number;
  /** Those where the installations are now. */
  readonly virtualAccountIds: VirtualAccountIds;
  readonly page: Page<number>;
};
export interface AcknowledgementWriter {
  addAcknowledgement(acknowledgement: StoredAcknowledgement): Awaitable<void>;
}

export type LedgerHead = {
  readonly smartAccountId: number;
  readonly size: number;
  readonly frontier: Frontier;
  readonly nextAcknowledgementId: number;
};
export interface LedgerReader {
  readHead(smartAccountId: number): Awaitable<LedgerHead>;
  readTile(smartAccountId: number, position: TilePosition): Awaitable<Tile | undefined>;
  findTreeHead(
    smartAccountId: number,
    size: number,
  ): Awaitable<{ readonly rootSha256: string; readonly atMs: number } | undefined>;
}
export interface LedgerWriter {
  putHead(head: LedgerHead): Awaitable<void>;
  putTile(smartAccountId: number, position: TilePosition, tile: Tile): Awaitable<void>;
  addTreeHead(smartAccountId: number, size: number, rootSha256: string, atMs: number): Awaitable<void>;
}

export interface AuditEntryReader {
  findAuditEntry(smartAccountId: number, leafIndex: number): Awaitable<StoredAuditEntry | undefined>;
  /** Newest first; a page goes on after a leaf index. */
  listAuditEntries(query: AuditQuery): Awaitable<readonly StoredAuditEntry[]>;
  /** Acts from this leaf on. */
  countAuditEntries(smartAccountId: number, fromLeaf: number): Awaitable<number>;
}
export interface AuditEntryWriter {
  addAuditEntry(entry: StoredAuditEntry): Awaitable<void>;
}
export type AuditQuery = {
  readonly smartAccountId: number;
  /** All that the act changed lies in them. */
  readonly virtualAccountIds: VirtualAccountIds;
  /** Epoch milliseconds; from is inclusive, to is not. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly operator: string | null;
  readonly act: AdministrativeAct | null;
  readonly page: Page<number>;
};

export interface LicenseReader {
  /**
   * One row for each (virtual account, tag) with a purchase or a use; `validAtMs` decides what is purchased. Of one virtual
   * account, if it is given, without looking at others.
   */
  listBalances(smartAccountId: number, validAtMs: number, virtualAccountId?: number): Awaitable<readonly BalanceRow[]>;
  /** Those of which something is left where they were bought or moved to. */
  listPurchases(smartAccountId: number): Awaitable<readonly Purchase[]>;
  /** As they were declared, for all virtual accounts; by consumer, the nearest provider first. */
  listSubstitutions(smartAccountId: number): Awaitable<readonly SubstitutionEdge[]>;
  /** As the last look at the sums found them. */
  listShortages(smartAccountId: number): Awaitable<readonly Shortage[]>;
  /** The newest day of each licence of all virtual accounts. */
  listNewestDays(smartAccountId: number): Awaitable<readonly LicenseDay[]>;
  /** In order, from the last one at or before `fromDay` through `toDay`. */
  listDays(query: LicenseDayQuery): Awaitable<readonly LicenseDay[]>;
  findTransfer(smartAccountId: number, transferId: number): Awaitable<LicenseTransfer | undefined>;
  /** Newest first. */
  listTransfers(query: TransferQuery): Awaitable<readonly LicenseTransfer[]>;
  /** Installations that use the tag, walking so many product instances from a place in their list on. */
  listUsers(query: LicenseUserQuery): Awaitable<LicenseUserPage>;
}
export interface LicenseWriter {
  addPurchases(smartAccountId: number, purchases: readonly NewPurchase[]): Awaitable<readonly Purchase[]>;
  changePurchaseQuantity(smartAccountId: number, purchaseId: number, difference: number): Awaitable<void>;
  /** In place of all that were declared before. */
  putSubstitutions(smartAccountId: number, edges: readonly SubstitutionEdge[]): Awaitable<void>;
  addTransfer(transfer: Omit<LicenseTransfer, "transferId">): Awaitable<LicenseTransfer>;
  endTransfer(smartAccountId: number, transferId: number, undoneAtMs: number): Awaitable<void>;
  addShortage(smartAccountId: number, shortage: Shortage): Awaitable<void>;
  removeShortage(smartAccountId: number, place: Pick<Shortage, "virtualAccountId" | "tag">): Awaitable<void>;
  /**
   * Each licence once. Of a day that is there the last look takes the place of the one before, and the most stays the most. Of these
   * licences, days are forgotten that say nothing of `keptFromDay` and later.
   */
  putDays(smartAccountId: number, days: readonly LicenseDay[], keptFromDay: number): Awaitable<void>;
}
export type LicenseDayQuery = {
  readonly smartAccountId: number;
  readonly virtualAccountId: number;
  readonly tag: string;
  readonly fromDay: number;
  readonly toDay: number;
};
export type TransferQuery = {
  readonly smartAccountId: number;
  /** Both ends lie in them. */
  readonly virtualAccountIds: VirtualAccountIds;
  readonly page: Page<number>;
};
export type LicenseUserQuery = {
  readonly smartAccountId: number;
  readonly virtualAccountId: number;
  readonly tag: string;
  /** By instance id; the limit is what is walked, not what is found. */
  readonly page: Page<number>;
};
export type LicenseUserPage = {
  /** Each by its first registered product instance. */
  readonly users: readonly (Pick<ProductInstance, "instanceId" | "productInstanceIdentifier" | "udi" | "hostname"> &
    Pick<InUse, "count" | "isVerified">)[];
  /** Where the next page goes on; null at the end. */
  readonly next: number | null;
};

export interface AuthorizationReader {
  findAuthorization(
    smartAccountId: number,
    instanceId: number,
    sequence: number,
  ): Awaitable<StoredAuthorization | undefined>;
  /** By sequence, whatever became of it. */
  findNewestAuthorization(smartAccountId: number, instanceId: number): Awaitable<StoredAuthorization | undefined>;
  /** Newest first. */
  listAuthorizations(query: AuthorizationQuery): Awaitable<readonly StoredAuthorization[]>;
  /** How many of a tag the codes in force of a virtual account hold together, kept by difference. */
  findAuthorizedTotal(smartAccountId: number, virtualAccountId: number, tag: string): Awaitable<number>;
}
export interface AuthorizationWriter {
  addAuthorization(authorization: NewAuthorization): Awaitable<StoredAuthorization>;
  /** State, virtual account and time; nothing else of a code ever changes. */
  changeAuthorization(authorization: StoredAuthorization): Awaitable<void>;
  changeAuthorizedTotal(
    smartAccountId: number,
    virtualAccountId: number,
    tag: string,
    difference: number,
  ): Awaitable<void>;
}
export type AuthorizationQuery = {
  readonly smartAccountId: number;
  readonly virtualAccountIds: VirtualAccountIds;
  readonly instanceId: number | null;
  readonly page: Page<number>;
};

export interface PolicyReader {
  /** The newest setting of the account (virtualAccountId null) and of each virtual account. */
  listPolicySettings(smartAccountId: number): Awaitable<readonly PolicySetting[]>;
  /** Highest version ever given in the account. */
  newestPolicyVersion(smartAccountId: number): Awaitable<number>;
}
export interface PolicyWriter {
  nextPolicyVersion(smartAccountId: number): Awaitable<number>;
  addPolicySetting(setting: PolicySetting): Awaitable<void>;
}

export interface EventWriter {
  /** `leafIndex` is the leaf of the act that made these events. */
  addEvents(events: readonly NewEvent[], leafIndex?: number | null): Awaitable<void>;
}
export interface EventReader {
  /** Newest first. */
  listEvents(query: EventQuery): Awaitable<readonly StoredEvent[]>;
  /** Of the kinds that alerts are made of (`mapping/alert-events.ts`), and the marks of operators; newest first. */
  listAlertEvents(query: Omit<EventQuery, "installationId">): Awaitable<readonly StoredEvent[]>;
}
export type EventQuery = {
  readonly smartAccountId: number;
  /** What belongs to a whole smart account is in none of them. */
  readonly virtualAccountIds: VirtualAccountIds;
  readonly installationId: number | null;
  readonly page: Page<number>;
};

export interface PremisesReader {
  /** Undefined for a cloud account. */
  findPremises(smartAccountId: number): Awaitable<Premises | undefined>;
  listPremises(): Awaitable<readonly Premises[]>;
  /** Managers on premises of an account, those that were removed too. */
  listLowerManagers(smartAccountId: number): Awaitable<readonly LowerManager[]>;
  findLowerManager(identifier: string): Awaitable<LowerManager | undefined>;
  findLowerManagerByToken(tokenSha256: string): Awaitable<LowerManager | undefined>;
}
export interface PremisesWriter {
  putPremises(premises: Premises): Awaitable<void>;
  addLowerManager(manager: Omit<LowerManager, "managerId">): Awaitable<LowerManager>;
  /** Its facts; nothing else of one ever changes. */
  putLowerManager(manager: LowerManager): Awaitable<void>;
}

/** What may be asked outside a transaction. */
export type Readers = {
  readonly accounts: AccountReader;
  readonly operators: OperatorReader;
  readonly tokens: TokenReader;
  readonly trust: TrustReader & CertificateReader;
  readonly classic: ClassicReader;
  readonly conversions: ConversionReader;
  readonly instances: InstanceListReader;
  readonly reports: ReportReader;
  readonly bodies: ReportBodyReader;
  readonly usage: UsageReader;
  readonly acknowledgements: AcknowledgementReader;
  readonly ledger: LedgerReader;
  readonly audit: AuditEntryReader;
  readonly licenses: LicenseReader;
  readonly authorizations: AuthorizationReader;
  readonly policies: PolicyReader;
  readonly premises: PremisesReader;
  readonly events: EventReader;
};

/** What a transaction may do besides. */
export type Transaction = {
  readonly accounts: AccountReader & AccountWriter;
  readonly operators: OperatorReader & OperatorWriter;
  readonly tokens: TokenReader & TokenWriter;
  readonly trust: TrustReader & TrustWriter & CertificateReader & CertificateWriter;
  readonly classic: ClassicReader & ClassicWriter;
  readonly conversions: ConversionReader & ConversionWriter;
  readonly reports: ReportReader & ReportWriter;
  readonly bodies: ReportBodyReader & ReportBodyWriter;
  readonly usage: UsageReader & UsageWriter;
  readonly acknowledgements: AcknowledgementReader & AcknowledgementWriter;
  readonly ledger: LedgerReader & LedgerWriter;
  readonly audit: AuditEntryWriter;
  readonly licenses: LicenseReader & LicenseWriter;
  readonly authorizations: AuthorizationReader & AuthorizationWriter;
  readonly policies: PolicyReader & PolicyWriter;
  readonly premises: PremisesReader & PremisesWriter;
  readonly events: EventWriter;
};

/** One report as the ledger is recomputed from it; `payload` and `signature` are null when the body was purged. */
export type AuditedReport = AcceptedReportKey & {
  readonly leafIndex: number;
  readonly tag: string;
  readonly payloadSha256: string;
  readonly endsAtSeconds: number;
  readonly count: number;
  readonly isVerified: boolean;
  readonly payload: string | null;
  readonly signature: string | null;
};
/** A device's certificate as it is kept, and whose it says that it is. */
export type AuditedCertificate = Pick<DeviceCertificate, "serialNumber" | "publicKey" | "certificate"> & {
  /** Of its product instance; null where there is none. */
  readonly udi: Udi | null;
};
/** What decides over usage, of one report or as it is stored. */
export type AuditedUsage = { readonly installationId: number; readonly tagId: number; readonly inUse: InUse };
export type AuditedInstallation = {
  readonly installationId: number;
  readonly virtualAccountId: number;
  /** Has a member that is not removed; the usage of others is freed. */
  readonly isRegistered: boolean;
  /** Counted by its authorizations, which are no reports. */
  readonly isClassic: boolean;
};

/** All rows of a smart account as they were at one moment, one after the other, in the order that a recount needs. */
export interface AuditReader {
  readonly accounts: AccountReader;
  readonly ledger: LedgerReader;
  /** Level 0, in order. */
  leafTiles(smartAccountId: number): AsyncIterable<Tile>;
  /** By size. */
  treeHeads(smartAccountId: number): AsyncIterable<{ readonly size: number; readonly rootSha256: string }>;
  /** By leaf index. */
  reportsByLeaf(smartAccountId: number): AsyncIterable<AuditedReport>;
  /** Those that were replaced or withdrawn too. */
  certificates(smartAccountId: number): AsyncIterable<AuditedCertificate>;
  findCertificate(serialNumber: string): Awaitable<DeviceCertificate | undefined>;
  /** Administrative acts, by leaf index. */
  auditEntries(smartAccountId: number): AsyncIterable<Pick<StoredAuditEntry, "leafIndex" | "entry">>;
  /** Leaves below this one may have lost their bodies to a purge. */
  purgedBelow(smartAccountId: number): Awaitable<number>;
  acknowledgements(smartAccountId: number): AsyncIterable<StoredAcknowledgement>;
  /** By id; so are the two below, by installation. */
  installations(smartAccountId: number): AsyncIterable<AuditedInstallation>;
  reportedUsage(smartAccountId: number): AsyncIterable<AuditedUsage>;
  storedUsage(smartAccountId: number): AsyncIterable<AuditedUsage>;
  usageTotals(smartAccountId: number): AsyncIterable<UsageTotalChange>;
}

/** Runs work on the database as it is now, whatever is written meanwhile. */
export type OpenSnapshot = <T>(work: (reader: AuditReader) => Promise<T>) => Promise<T>;

export interface Storage {
  readonly read: Readers;
  /**
   * Runs `work` in one durable transaction: it is on disk when the promise resolves, and left no trace when it rejects.
   * `work` may be run again (lost race, lost server), so it must change nothing but the transaction; it never signs.
   */
  inTransaction<T>(work: (transaction: Transaction) => Awaitable<T>): Promise<T>;
  /** Resolves if the database can be read and written; rejects with the reason. For health checks. */
  check(): Promise<void>;
  close(): Promise<void>;
}
