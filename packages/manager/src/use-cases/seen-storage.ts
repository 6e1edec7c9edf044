// Storage as somebody with a certain access sees it: what lies outside is not there, and is answered like what never was. Use
// cases that are given this cannot tell more than their caller may know, whatever they ask. Every method of every reader
// stands here, so that a new one is not forgotten. What is the whole account's own is refused instead, because it exists.

import {
  type Access,
  everything,
  isPermitted,
  isSmartAccountSeen,
  type Level,
  type Place,
  seenVirtualAccounts,
} from "../accounts/access.ts";
import type { AuditEntry } from "../audit/audit-entry.ts";
import { ManagerError } from "../errors.ts";
import type { LowerManager } from "../premises/lower-manager.ts";
import type {
  AccountReader,
  AcknowledgementReader,
  AuditEntryReader,
  AuthorizationReader,
  Awaitable,
  CertificateReader,
  ClassicReader,
  ConversionReader,
  EventReader,
  InstanceListReader,
  LedgerReader,
  LicenseReader,
  OperatorReader,
  PolicyReader,
  PremisesReader,
  Readers,
  ReportBodyReader,
  ReportReader,
  TokenReader,
  Transaction,
  TrustReader,
  UsageReader,
  VirtualAccountIds,
} from "../storage-ports.ts";
import type { ProductInstance } from "../trust/product-instance.ts";

/** Throws `operator_not_permitted`. */
export function requirePermitted(access: Access, level: Level, place: Place): void {
  if (!isPermitted(access, level, place)) throw new ManagerError("operator_not_permitted");
}

export function readersSeenWith(access: Access, read: Readers): Readers {
  if (isPermitted(access, "read", everything)) return read;
  const sight = sightOf(access, read.trust);
  return {
    accounts: accountsSeen(sight, read.accounts),
    operators: operatorsSeen(),
    tokens: tokensSeen(sight, read.tokens),
    trust: trustSeen(sight, read.trust),
    classic: classicSeen(sight, read.classic),
    conversions: conversionsSeen(sight, read.conversions),
    instances: instancesSeen(sight, read.instances),
    reports: reportsSeen(sight, read.reports),
    bodies: bodiesSeen(sight, read.bodies),
    usage: usageSeen(sight, read.usage),
    acknowledgements: acknowledgementsSeen(sight, read.acknowledgements),
    ledger: ledgerSeen(sight, read.ledger),
    audit: auditSeen(sight, read.audit),
    licenses: licensesSeen(sight, read.licenses),
    authorizations: authorizationsSeen(sight, read.authorizations),
    policies: policiesSeen(sight, read.policies),
    premises: premisesSeen(sight, read.premises),
    events: eventsSeen(sight, read.events),
  };
}

/** The same inside a transaction, where what is written is judged by its events (administer.ts). */
export function transactionSeenWith(access: Access, transaction: Transaction): Transaction {
  if (isPermitted(access, "read", everything)) return transaction;
  const sight = sightOf(access, transaction.trust);
  const { accounts, operators, tokens, trust, classic, reports, bodies, usage, acknowledgements, ledger } = transaction;
  const { licenses, authorizations, policies, premises, conversions } = transaction;
  return {
    ...transaction,
    accounts: { ...accounts, ...accountsSeen(sight, accounts) },
    operators: { ...operators, ...operatorsSeen() },
    tokens: { ...tokens, ...tokensSeen(sight, tokens) },
    classic: { ...classic, ...classicSeen(sight, classic) },
    conversions: { ...conversions, ...conversionsSeen(sight, conversions) },
    trust: { ...trust, ...trustSeen(sight, trust) },
    reports: { ...reports, ...reportsSeen(sight, reports) },
    bodies: { ...bodies, ...bodiesSeen(sight, bodies) },
    usage: { ...usage, ...usageSeen(sight, usage) },
    acknowledgements: { ...acknowledgements, ...acknowledgementsSeen(sight, acknowledgements) },
    ledger: { ...ledger, ...ledgerSeen(sight, ledger) },
    licenses: { ...licenses, ...licensesSeen(sight, licenses) },
    authorizations: { ...authorizations, ...authorizationsSeen(sight, authorizations) },
    policies: { ...policies, ...policiesSeen(sight, policies) },
    premises: { ...premises, ...premisesSeen(sight, premises) },
  };
}

type Sight = {
  readonly access: Access;
  isAccountSeen(smartAccountId: number): boolean;
  isPlaceSeen(smartAccountId: number, virtualAccountId: number | null): boolean;
  /** An installation is where it is now; its reports and acknowledgements, and members that it lost, go with it. */
  isInstallationSeen(smartAccountId: number, installationId: number): Promise<boolean>;
  isInstanceSeen(instance: ProductInstance | undefined): Promise<boolean>;
  /** Throws `operator_not_permitted`. */
  requireWhole(smartAccountId: number): void;
};

function sightOf(access: Access, trust: TrustReader): Sight {
  const isPlaceSeen = (smartAccountId: number, virtualAccountId: number | null) =>
    isPermitted(access, "read", { smartAccountId, virtualAccountId });
  const isInstallationSeen = async (smartAccountId: number, installationId: number) => {
    if (isPlaceSeen(smartAccountId, null)) return true;
    const installation = await trust.findInstallation(smartAccountId, installationId);
    return installation !== undefined && isPlaceSeen(smartAccountId, installation.virtualAccountId);
  };
  return {
    access,
    isPlaceSeen,
    isInstallationSeen,
    isAccountSeen: (smartAccountId) => isSmartAccountSeen(access, smartAccountId),
    isInstanceSeen: async (instance) =>
      instance !== undefined && isInstallationSeen(instance.smartAccountId, instance.installationId),
    requireWhole: (smartAccountId) => requirePermitted(access, "read", { smartAccountId, virtualAccountId: null }),
  };
}

function accountsSeen({ access, isAccountSeen, isPlaceSeen }: Sight, accounts: AccountReader): AccountReader {
  return {
    findManagerLedger: async () => {
      requirePermitted(access, "read", everything);
      return accounts.findManagerLedger();
    },
    listSmartAccounts: async () =>
      (await accounts.listSmartAccounts()).filter(({ smartAccountId }) => isAccountSeen(smartAccountId)),
    listVirtualAccounts: async (smartAccountId) =>
      (await accounts.listVirtualAccounts(smartAccountId)).filter(({ virtualAccountId }) =>
        isPlaceSeen(smartAccountId, virtualAccountId),
      ),
  };
}

/** Operators are the owner's business. */
function operatorsSeen(): OperatorReader {
  return {
    listOperators: () => [],
    findOperatorByToken: () => undefined,
    findOperatorBySignIn: () => undefined,
    listSignIns: () => [],
  };
}

function tokensSeen({ isPlaceSeen }: Sight, tokens: TokenReader): TokenReader {
  return {
    findTokenByHash: async (tokenHash) => {
      const token = await tokens.findTokenByHash(tokenHash);
      return token !== undefined && isPlaceSeen(token.smartAccountId, token.virtualAccountId) ? token : undefined;
    },
    listTokens: async (smartAccountId) =>
      (await tokens.listTokens(smartAccountId)).filter(({ virtualAccountId }) =>
        isPlaceSeen(smartAccountId, virtualAccountId),
      ),
  };
}

function trustSeen(
  { isInstallationSeen, isInstanceSeen }: Sight,
  trust: TrustReader & CertificateReader,
): TrustReader & CertificateReader {
  const ifSeen = async (asked: Awaitable<ProductInstance | undefined>) => {
    const instance = await asked;
    return (await isInstanceSeen(instance)) ? instance : undefined;
  };
  const findInstance = (smartAccountId: number, instanceId: number) =>
    ifSeen(trust.findInstance(smartAccountId, instanceId));
  return {
    findInstance,
    findInstanceByIdentifier: (identifier) => ifSeen(trust.findInstanceByIdentifier(identifier)),
    findInstancesByUdi: async (smartAccountId, pid, serialNumber) => {
      const seen: ProductInstance[] = [];
      for (const instance of await trust.findInstancesByUdi(smartAccountId, pid, serialNumber))
        if (await isInstanceSeen(instance)) seen.push(instance);
      return seen;
    },
    findInstallation: async (smartAccountId, installationId) =>
      (await isInstallationSeen(smartAccountId, installationId))
        ? trust.findInstallation(smartAccountId, installationId)
        : undefined,
    findInModel: async (smartAccountId, installationId) =>
      (await isInstallationSeen(smartAccountId, installationId))
        ? trust.findInModel(smartAccountId, installationId)
        : undefined,
    listMembers: async (smartAccountId, installationId) =>
      (await isInstallationSeen(smartAccountId, installationId))
        ? trust.listMembers(smartAccountId, installationId)
        : [],
    findCertificate: async (serialNumber) => {
      const certificate = await trust.findCertificate(serialNumber);
      if (certificate === undefined) return undefined;
      const holder = await findInstance(certificate.smartAccountId, certificate.instanceId);
      return holder === undefined ? undefined : certificate;
    },
    listCertificates: async (smartAccountId, instanceId) =>
      (await findInstance(smartAccountId, instanceId)) === undefined
        ? []
        : trust.listCertificates(smartAccountId, instanceId),
    findEnrolment: async (key) => {
      const enrolment = await trust.findEnrolment(key);
      if (enrolment === undefined) return undefined;
      return (await findInstance(key.smartAccountId, enrolment.instanceId)) === undefined ? undefined : enrolment;
    },
  };
}

function classicSeen({ isInstallationSeen, requireWhole }: Sight, classic: ClassicReader): ClassicReader {
  return {
    findClassic: async (smartAccountId, installationId) =>
      (await isInstallationSeen(smartAccountId, installationId))
        ? classic.findClassic(smartAccountId, installationId)
        : undefined,
    listDue: (smartAccountId, now, limit) => {
      requireWhole(smartAccountId);
      return classic.listDue(smartAccountId, now, limit);
    },
  };
}

function instancesSeen(sight: Sight, instances: InstanceListReader): InstanceListReader {
  return {
    listInstancesBySerialNumber: async (query) => {
      const none = { instances: [], isComplete: true };
      return (
        (await listed(sight, query, async (narrowed) => [await instances.listInstancesBySerialNumber(narrowed)]))[0] ??
        none
      );
    },
    listInstances: async (query) => listed(sight, query, (narrowed) => instances.listInstances(narrowed)),
    listInstallationUsage: async (smartAccountId, installationId) =>
      (await sight.isInstallationSeen(smartAccountId, installationId))
        ? instances.listInstallationUsage(smartAccountId, installationId)
        : [],
  };
}

function reportsSeen({ isInstallationSeen, requireWhole }: Sight, reports: ReportReader): ReportReader {
  const ofSeen = async <T>(
    smartAccountId: number,
    installationId: number,
    read: () => Awaitable<readonly T[]>,
  ): Promise<readonly T[]> => ((await isInstallationSeen(smartAccountId, installationId)) ? read() : []);
  return {
    findReport: async (key) =>
      (await isInstallationSeen(key.smartAccountId, key.installationId)) ? reports.findReport(key) : undefined,
    findReportBody: async (report) =>
      (await isInstallationSeen(report.smartAccountId, report.installationId))
        ? reports.findReportBody(report)
        : undefined,
    listBodiesFrom: (smartAccountId, leafIndex, limit) => {
      requireWhole(smartAccountId);
      return reports.listBodiesFrom(smartAccountId, leafIndex, limit);
    },
    listReports: (smartAccountId, installationId, page) =>
      ofSeen(smartAccountId, installationId, () => reports.listReports(smartAccountId, installationId, page)),
    listGaps: (smartAccountId, installationId) =>
      ofSeen(smartAccountId, installationId, () => reports.listGaps(smartAccountId, installationId)),
    listEvidence: (smartAccountId, installationId) =>
      ofSeen(smartAccountId, installationId, () => reports.listEvidence(smartAccountId, installationId)),
  };
}

/** Bodies are purged for a whole account. */
function bodiesSeen({ requireWhole }: Sight, bodies: ReportBodyReader): ReportBodyReader {
  const whole = async <T>(smartAccountId: number, read: () => Awaitable<T>): Promise<T> => {
    requireWhole(smartAccountId);
    return read();
  };
  return {
    readPurgedBelow: (smartAccountId) => whole(smartAccountId, () => bodies.readPurgedBelow(smartAccountId)),
    findEndOfOldLeaves: (smartAccountId, query) =>
      whole(smartAccountId, () => bodies.findEndOfOldLeaves(smartAccountId, query)),
    weighBodies: (smartAccountId, range) => whole(smartAccountId, () => bodies.weighBodies(smartAccountId, range)),
  };
}

function usageSeen({ isInstallationSeen }: Sight, usage: UsageReader): UsageReader {
  return {
    findInUse: async (smartAccountId, installationId, tagId) =>
      (await isInstallationSeen(smartAccountId, installationId))
        ? usage.findInUse(smartAccountId, installationId, tagId)
        : undefined,
    listInUse: async (smartAccountId, installationId) =>
      (await isInstallationSeen(smartAccountId, installationId)) ? usage.listInUse(smartAccountId, installationId) : [],
  };
}

function acknowledgementsSeen(sight: Sight, acknowledgements: AcknowledgementReader): AcknowledgementReader {
  return {
    findAcknowledgement: async (smartAccountId, acknowledgementId) => {
      const found = await acknowledgements.findAcknowledgement(smartAccountId, acknowledgementId);
      if (found === undefined) return undefined;
      return (await sight.isInstallationSeen(smartAccountId, found.installationId)) ? found : undefined;
    },
    listAcknowledgements: async (query) =>
      listed(sight, query, (narrowed) => acknowledgements.listAcknowledgements(narrowed)),
  };
}

/** Hashes and sizes of a ledger stand in every acknowledgement that a device of the account gets: they are for all who see some of it. */
function ledgerSeen({ access, isAccountSeen }: Sight, ledger: LedgerReader): LedgerReader {
  const ofSeen = async <T>(smartAccountId: number, read: () => Awaitable<T>): Promise<T> => {
    if (!isAccountSeen(smartAccountId)) requirePermitted(access, "read", everything);
    return read();
  };
  return {
    readHead: (smartAccountId) => ofSeen(smartAccountId, () => ledger.readHead(smartAccountId)),
    readTile: (smartAccountId, position) => ofSeen(smartAccountId, () => ledger.readTile(smartAccountId, position)),
    findTreeHead: (smartAccountId, size) => ofSeen(smartAccountId, () => ledger.findTreeHead(smartAccountId, size)),
  };
}

/** The text of an act stands in the ledger as a whole, so it is seen as a whole or not at all. */
function auditSeen(sight: Sight, audit: AuditEntryReader): AuditEntryReader {
  return {
    findAuditEntry: async (smartAccountId, leafIndex) => {
      const found = await audit.findAuditEntry(smartAccountId, leafIndex);
      if (found === undefined) return undefined;
      const { changes } = JSON.parse(found.entry) as AuditEntry;
      const isSeen = changes.every((change) => sight.isPlaceSeen(smartAccountId, change.virtual_account_id));
      return isSeen ? found : undefined;
    },
    listAuditEntries: async (query) => listed(sight, query, (narrowed) => audit.listAuditEntries(narrowed)),
    countAuditEntries: async (smartAccountId, fromLeaf) => {
      sight.requireWhole(smartAccountId);
      return audit.countAuditEntries(smartAccountId, fromLeaf);
    },
  };
}

/** What is declared holds in each virtual account, so it is seen there; a transfer is seen by who sees both its ends. */
function licensesSeen(sight: Sight, licenses: LicenseReader): LicenseReader {
  const { isPlaceSeen } = sight;
  return {
    listSubstitutions: (smartAccountId) =>
      sight.isAccountSeen(smartAccountId) ? licenses.listSubstitutions(smartAccountId) : [],
    listShortages: async (smartAccountId) =>
      (await licenses.listShortages(smartAccountId)).filter(({ virtualAccountId }) =>
        isPlaceSeen(smartAccountId, virtualAccountId),
      ),
    listNewestDays: async (smartAccountId) =>
      (await licenses.listNewestDays(smartAccountId)).filter(({ virtualAccountId }) =>
        isPlaceSeen(smartAccountId, virtualAccountId),
      ),
    listDays: async (query) =>
      isPlaceSeen(query.smartAccountId, query.virtualAccountId) ? licenses.listDays(query) : [],
    findTransfer: async (smartAccountId, transferId) => {
      const found = await licenses.findTransfer(smartAccountId, transferId);
      if (found === undefined) return undefined;
      const ends = [found.fromVirtualAccountId, found.toVirtualAccountId];
      return ends.every((end) => isPlaceSeen(smartAccountId, end)) ? found : undefined;
    },
    listTransfers: async (query) => listed(sight, query, (narrowed) => licenses.listTransfers(narrowed)),
    listUsers: async (query) =>
      isPlaceSeen(query.smartAccountId, query.virtualAccountId) ? licenses.listUsers(query) : { users: [], next: null },
    listBalances: async (smartAccountId, validAtMs, place) =>
      (await licenses.listBalances(smartAccountId, validAtMs, place)).filter(({ virtualAccountId }) =>
        isPlaceSeen(smartAccountId, virtualAccountId),
      ),
    listPurchases: async (smartAccountId) =>
      (await licenses.listPurchases(smartAccountId)).filter(({ virtualAccountId }) =>
        isPlaceSeen(smartAccountId, virtualAccountId),
      ),
  };
}

function authorizationsSeen(sight: Sight, authorizations: AuthorizationReader): AuthorizationReader {
  const ifSeen = async <T extends { readonly smartAccountId: number; readonly virtualAccountId: number }>(
    asked: Awaitable<T | undefined>,
  ) => {
    const found = await asked;
    return found !== undefined && sight.isPlaceSeen(found.smartAccountId, found.virtualAccountId) ? found : undefined;
  };
  return {
    findAuthorization: (smartAccountId, instanceId, sequence) =>
      ifSeen(authorizations.findAuthorization(smartAccountId, instanceId, sequence)),
    findNewestAuthorization: (smartAccountId, instanceId) =>
      ifSeen(authorizations.findNewestAuthorization(smartAccountId, instanceId)),
    listAuthorizations: async (query) =>
      listed(sight, query, (narrowed) => authorizations.listAuthorizations(narrowed)),
    findAuthorizedTotal: async (smartAccountId, virtualAccountId, tag) =>
      sight.isPlaceSeen(smartAccountId, virtualAccountId)
        ? authorizations.findAuthorizedTotal(smartAccountId, virtualAccountId, tag)
        : 0,
  };
}

/** The account's own setting holds in each of its virtual accounts, so it is seen there. */
function conversionsSeen(sight: Sight, conversions: ConversionReader): ConversionReader {
  return {
    findConversion: async (smartAccountId, udi) => {
      const found = await conversions.findConversion(smartAccountId, udi);
      return found !== undefined && sight.isPlaceSeen(smartAccountId, found.virtualAccountId) ? found : undefined;
    },
    listConversions: async (query) => listed(sight, query, (narrowed) => conversions.listConversions(narrowed)),
    isAutomatic: async (smartAccountId) =>
      sight.isAccountSeen(smartAccountId) && (await conversions.isAutomatic(smartAccountId)),
  };
}

/** The account's own setting holds in each of its virtual accounts, so it is seen there. */
function policiesSeen({ isPlaceSeen }: Sight, policies: PolicyReader): PolicyReader {
  return {
    listPolicySettings: async (smartAccountId) =>
      (await policies.listPolicySettings(smartAccountId)).filter(
        ({ virtualAccountId }) => virtualAccountId === null || isPlaceSeen(smartAccountId, virtualAccountId),
      ),
    newestPolicyVersion: (smartAccountId) => policies.newestPolicyVersion(smartAccountId),
  };
}

/** Who comes in is for the whole account to say. */
function premisesSeen({ isPlaceSeen, requireWhole }: Sight, premises: PremisesReader): PremisesReader {
  const ifSeen = (manager: LowerManager | undefined) =>
    manager !== undefined && isPlaceSeen(manager.smartAccountId, manager.virtualAccountId) ? manager : undefined;
  return {
    findPremises: (smartAccountId) => {
      requireWhole(smartAccountId);
      return premises.findPremises(smartAccountId);
    },
    listPremises: async () =>
      (await premises.listPremises()).filter(({ smartAccountId }) => isPlaceSeen(smartAccountId, null)),
    listLowerManagers: async (smartAccountId) =>
      (await premises.listLowerManagers(smartAccountId)).filter(({ virtualAccountId }) =>
        isPlaceSeen(smartAccountId, virtualAccountId),
      ),
    findLowerManager: async (identifier) => ifSeen(await premises.findLowerManager(identifier)),
    findLowerManagerByToken: async (tokenSha256) => ifSeen(await premises.findLowerManagerByToken(tokenSha256)),
  };
}

function eventsSeen(sight: Sight, events: EventReader): EventReader {
  return {
    listEvents: async (query) => listed(sight, query, (narrowed) => events.listEvents(narrowed)),
    listAlertEvents: async (query) => listed(sight, query, (narrowed) => events.listAlertEvents(narrowed)),
  };
}

type Narrowable = { readonly smartAccountId: number; readonly virtualAccountIds: VirtualAccountIds };

/** A list that is read with a narrower question. */
async function listed<Q extends Narrowable, T>(
  { access }: Sight,
  query: Q,
  read: (narrowed: Q) => Awaitable<readonly T[]>,
): Promise<readonly T[]> {
  const { smartAccountId, virtualAccountIds: asked } = query;
  const seen = seenVirtualAccounts(access, smartAccountId);
  if (seen === "all") return read(query);
  const [first, ...rest] = asked === null ? seen : asked.filter((each) => seen.has(each));
  return first === undefined ? [] : read({ ...query, virtualAccountIds: [first, ...rest] });
}
