// Smart accounts and the virtual accounts inside them.

export type SmartAccount = {
  readonly smartAccountId: number;
  readonly name: string;
  /** Uuid of the account's ledger; stands in every tree head. */
  readonly ledgerId: string;
  /** Domain decision 2: reports signed before trust are taken, marked as unverified. */
  readonly allowUntrustedReports: boolean;
  readonly createdAtMs: number;
};

export type VirtualAccount = {
  readonly smartAccountId: number;
  readonly virtualAccountId: number;
  readonly name: string;
  readonly description: string;
  readonly isDefault: boolean;
  /** Registered product instances, kept by difference. */
  readonly instances: number;
  readonly createdAtMs: number;
};

export const defaultVirtualAccountName = "DEFAULT";
