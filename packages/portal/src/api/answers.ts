// What the manager's API answers, as far as the portal shows it (docs/reference/api.md).

/** `name` is null for who is no operator of the database, such as the local administrator. */
export type Session = { readonly name: string | null; readonly mayAdminister: boolean };

export type VirtualAccount = { readonly name: string; readonly isDefault: boolean; readonly instances: number };
export type Account = { readonly name: string; readonly virtualAccounts: readonly VirtualAccount[] };

export type Mark = {
  readonly atMs: number;
  readonly by: string | null;
  readonly note: string;
  readonly leafIndex: number | null;
};
export type Alert = {
  readonly alertId: string;
  readonly kind: "ledger_disputed" | "report_conflict" | "license_short" | "sync_overdue";
  readonly severity: "critical" | "warning";
  readonly title: string;
  readonly consequence: string;
  readonly nextStep: string;
  readonly sinceMs: number | null;
  readonly newestAtMs: number | null;
  readonly virtualAccounts: readonly string[];
  readonly installations: number;
  readonly devices: readonly string[];
  readonly throughEventId: number | null;
  readonly handled: Mark | null;
};
export type AlertList = { readonly alerts: readonly Alert[]; readonly isComplete: boolean };

export type Udi = { readonly pid: string; readonly serialNumber: string };
export type Instance = {
  readonly instanceId: number;
  readonly productInstanceIdentifier: string;
  readonly udi: Udi;
  readonly role: string;
  readonly hostname: string;
  readonly softwareVersion: string;
  readonly virtualAccount: string;
  readonly trustedSinceMs: number;
  readonly lastContactAtMs: number | null;
};
export type InstanceDetail = {
  readonly instance: Instance;
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
  readonly certificates: readonly {
    readonly serialNumber: string;
    readonly state: string;
    readonly validUntilMs: number;
  }[];
  readonly missingReports: readonly { readonly from: number; readonly to: number }[];
};

export type SearchHit = {
  readonly kind: "product_instance" | "license" | "virtual_account" | "token" | "acknowledgement";
  readonly id: string;
  readonly title: string;
  readonly detail: string;
  readonly virtualAccount: string;
  /** Of an acknowledgement: whom it answered. */
  readonly instance?: string;
};
export type SearchResult = { readonly hits: readonly SearchHit[]; readonly isComplete: boolean };

export type Report = {
  readonly reportId: number;
  readonly tag: string;
  readonly count: number;
  readonly receivedAtMs: number;
  readonly isVerified: boolean;
  readonly acknowledgementId: number;
};

export type Token = {
  readonly tokenId: string;
  readonly virtualAccount: string;
  readonly description: string;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly expiresAtMs: number;
  readonly usesMax: number;
  readonly uses: number;
  readonly exportControlAllowed: boolean;
  readonly state: "valid" | "expired" | "used_up" | "revoked";
};
/** The text is told this once. */
export type CreatedToken = Token & { readonly text: string };

export type PolicyDays = { readonly value: number; readonly source: string };
export type PolicyClass = Readonly<
  Record<"first_report_days" | "reporting_frequency_days" | "report_on_change_days", PolicyDays>
>;
export type PolicyClasses = Readonly<Record<"perpetual" | "subscription" | "enforced" | "export", PolicyClass>>;
/** What was set at one place; what it leaves out comes from the less specific one. */
export type PolicyLayer = {
  readonly name?: string;
  readonly ackRequired?: boolean;
  readonly classes?: {
    readonly [Class in keyof PolicyClasses]?: { readonly [Demand in keyof PolicyClass]?: number };
  };
};
export type PolicyInForce = {
  readonly policy: {
    readonly name: string;
    readonly policy_version: number;
    readonly ack_required: { readonly value: boolean; readonly source: string };
    readonly classes: PolicyClasses;
  };
  readonly settings: readonly {
    readonly virtualAccount: string | null;
    readonly version: number;
    readonly setAtMs: number;
    readonly layer: PolicyLayer;
  }[];
};

/** What became of a file of saved usage; `file` is what the devices import. */
export type ImportedUsage = {
  readonly reports: { readonly accepted: number; readonly known: number; readonly refused: number };
  readonly refused: readonly {
    readonly udi: string;
    readonly reportId: number | null;
    readonly code: string;
    readonly remedy: string;
  }[];
  readonly acknowledgements: number;
  readonly file: string | null;
};

export type License = {
  readonly virtualAccount: string;
  readonly tag: string;
  readonly name: string;
  readonly purchased: number;
  readonly inUse: number;
  readonly inUseVerified: number;
  readonly inUseUnverified: number;
  readonly borrowedFrom: readonly Loan[];
  readonly lentTo: readonly Loan[];
  readonly balance: number;
  readonly installations: number;
  readonly shortSinceMs: number | null;
};

/** Licences of another tag that cover use of this one, or the other way round. */
export type Loan = { readonly tag: string; readonly covered: number };

/** Days are `yyyy-mm-dd`, UTC. A day without a step is as the step before it ended. */
export type LicenseHistory = {
  readonly from: string;
  readonly to: string;
  readonly steps: readonly LicenseStep[];
};
export type LicenseStep = {
  readonly day: string;
  readonly purchased: number;
  readonly inUse: number;
  readonly inUseUnverified: number;
  readonly short: number;
  /** The most that the day saw. */
  readonly inUseMax: number;
  readonly shortMax: number;
};

export type EventEntry = {
  readonly eventId: number;
  readonly atMs: number;
  readonly kind: string;
  readonly isAlert: boolean;
  readonly message: string;
  readonly virtualAccount: string | null;
  readonly cause: {
    readonly kind: string;
    readonly name?: string;
    readonly requestType?: string;
    readonly reason?: string;
  };
  readonly leafIndex: number | null;
};

export type Act = {
  readonly leafIndex: number;
  readonly atMs: number;
  readonly act: string;
  readonly operator: string | null;
  readonly reason: string | null;
  readonly changes: readonly { readonly event: string; readonly before: unknown; readonly after: unknown }[];
};
