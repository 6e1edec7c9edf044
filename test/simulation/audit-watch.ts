// I6: what one transaction changes, and the events that it writes with it. Whatever changes must be told by an event of the right
// kind, for the right installation, in the same transaction. Cursors, caches and counters that follow from it need none.

import type { EventKind, Transaction } from "@countersign/manager";

type Events = Parameters<Transaction["events"]["addEvents"]>[0];
export type WrittenEvent = Events[number];

type Change = {
  readonly what: string;
  /** Null for what belongs to no installation. */
  readonly installationId: number | null;
  readonly toldBy: readonly EventKind[];
};

const deviceChanges: readonly EventKind[] = [
  "device_added",
  "device_key_replaced",
  "device_certificate_renewed",
  "device_joined_installation",
  "device_role_changed",
  "device_transferred",
  "device_removed",
];

export class AuditWatch {
  readonly #changes: Change[] = [];
  readonly #events: WrittenEvent[] = [];
  /** Reports stored and tags counted anew, per installation. */
  readonly #reports = new Map<number, number>();
  readonly #counted = new Map<number, number>();

  /** Work may be run again; what it did the first time is gone then. */
  begin(): void {
    this.#changes.splice(0);
    this.#events.splice(0);
    this.#reports.clear();
    this.#counted.clear();
  }

  get events(): readonly WrittenEvent[] {
    return this.#events;
  }

  watch(transaction: Transaction): Transaction {
    const note = (what: string, installationId: number | null, ...toldBy: readonly EventKind[]) =>
      void this.#changes.push({ what, installationId, toldBy });
    return {
      ...watchAccounts(transaction, note),
      trust: watchTrust(transaction.trust, note),
      reports: this.#watchReports(transaction.reports, note),
      usage: {
        ...transaction.usage,
        putInUse: (smartAccountId, installationId, tagId, inUse) => {
          addTo(this.#counted, installationId);
          return transaction.usage.putInUse(smartAccountId, installationId, tagId, inUse);
        },
        removeInUse: (smartAccountId, installationId) => {
          note("licences freed", installationId, "installation_emptied");
          return transaction.usage.removeInUse(smartAccountId, installationId);
        },
      },
      events: {
        ...transaction.events,
        addEvents: (events) => {
          this.#events.push(...events);
          return transaction.events.addEvents(events);
        },
      },
    };
  }

  /** What changed without being told; each begins with the invariant's id. */
  problems(): readonly string[] {
    const untold = this.#changes.filter((change) => !this.#events.some((event) => tells(event, change)));
    return [
      ...untold.map(({ what, toldBy }) => `[I6] ${what} without ${toldBy.join(" or ")} in the same transaction`),
      ...this.#compare(this.#reports, "reports stored", ({ accepted }) => accepted ?? 0),
      ...this.#compare(this.#counted, "tags counted anew", ({ inUse }) => Object.keys(inUse ?? {}).length),
    ];
  }

  #compare(done: ReadonlyMap<number, number>, what: string, toldOf: (after: UsageTold) => number): readonly string[] {
    const told = new Map<number, number>();
    for (const { kind, installationId, after } of this.#events) {
      if (kind === "usage_reported" && installationId !== null) addTo(told, installationId, toldOf(after as UsageTold));
    }
    return [...new Set([...done.keys(), ...told.keys()])].flatMap((id) => {
      const [is, said] = [done.get(id) ?? 0, told.get(id) ?? 0];
      return is === said ? [] : [`[I6] ${is} ${what} for installation ${id}, events of the transaction tell ${said}`];
    });
  }

  #watchReports(reports: Transaction["reports"], note: Note): Transaction["reports"] {
    return {
      ...reports,
      addReport: async (row) => {
        const isNew = await reports.addReport(row);
        if (isNew) addTo(this.#reports, row.installationId);
        return isNew;
      },
      addEvidence: async (evidence) => {
        const isNew = await reports.addEvidence(evidence);
        if (isNew) note("evidence kept", evidence.installationId, "report_conflict");
        return isNew;
      },
      replaceGaps: (smartAccountId, installationId, change) => {
        // A gap that a late report splits was told when it was revealed.
        if (change.removed.length === 0) note("a gap noted", installationId, "reports_missing");
        return reports.replaceGaps(smartAccountId, installationId, change);
      },
    };
  }
}

type UsageTold = { readonly accepted?: number; readonly inUse?: object };
type Note = (what: string, installationId: number | null, ...toldBy: readonly EventKind[]) => void;

function watchAccounts(transaction: Transaction, note: Note): Transaction {
  const { accounts, tokens, policies, licenses } = transaction;
  return {
    ...transaction,
    accounts: {
      ...accounts,
      addSmartAccount: noted(accounts.addSmartAccount, () => note("account made", null, "smart_account_created")),
      addVirtualAccount: noted(accounts.addVirtualAccount, () => note("account made", null, "virtual_account_created")),
    },
    tokens: {
      ...tokens,
      addToken: noted(tokens.addToken, () => note("token made", null, "token_created")),
      setTokenUses: noted(tokens.setTokenUses, () => note("token used", null, "token_used")),
      revokeToken: noted(tokens.revokeToken, () => note("token revoked", null, "token_revoked")),
    },
    policies: {
      ...policies,
      addPolicySetting: noted(policies.addPolicySetting, () => note("policy set", null, "policy_set")),
    },
    licenses: {
      ...licenses,
      addPurchases: noted(licenses.addPurchases, () => note("licences added", null, "licenses_added")),
    },
  };
}

function watchTrust(trust: Transaction["trust"], note: Note): Transaction["trust"] {
  return {
    ...trust,
    addInstance: noted(trust.addInstance, (row) => note("device added", row.installationId, "device_added")),
    putInstance: noted(trust.putInstance, (row) => note("device changed", row.installationId, ...deviceChanges)),
    addCertificate: noted(trust.addCertificate, () =>
      note("certificate issued", null, "device_added", "device_key_replaced", "device_certificate_renewed"),
    ),
  };
}

/** The same method, with a look at what it is given. */
function noted<A extends readonly unknown[], R>(method: (...given: A) => R, look: (...given: A) => void) {
  return (...given: A): R => {
    look(...given);
    return method(...given);
  };
}

function tells(event: WrittenEvent, { installationId, toldBy }: Change): boolean {
  return toldBy.includes(event.kind) && (installationId === null || event.installationId === installationId);
}

function addTo(counts: Map<number, number>, key: number, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
