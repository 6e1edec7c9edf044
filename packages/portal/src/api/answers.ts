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
  readonly kind: "ledger_disputed" | "report_conflict" | "license_short";
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

export type License = {
  readonly virtualAccount: string;
  readonly tag: string;
  readonly name: string;
  readonly purchased: number;
  readonly inUse: number;
  readonly inUseVerified: number;
  readonly inUseUnverified: number;
  readonly balance: number;
  readonly installations: number;
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
