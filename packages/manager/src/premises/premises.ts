// A smart account that this manager keeps on premises: the local account of a manager that has another one above it. An account
// without such a record is a cloud account, whatever else is configured.

import type { Udi } from "@countersign/protocol";
import type { Upstream } from "./upstream.ts";

/** Whom a manager on premises lets in without a token (TRU-8). */
export type DeviceAdmission = {
  readonly isOpen: boolean;
  /** Where a device goes whose address names no virtual account; null for the account's default one. */
  readonly virtualAccountId: number | null;
  /** Product ids, as in the UDI, that come in; empty for all of them. */
  readonly productIds: readonly string[];
};

export type Premises = {
  readonly smartAccountId: number;
  readonly admission: DeviceAdmission;
  /** Null while there is no manager above. */
  readonly upstream: Upstream | null;
};

/** No token is needed there, as in the field, until an administrator says otherwise. */
export const firstAdmission: DeviceAdmission = { isOpen: true, virtualAccountId: null, productIds: [] };

export const admittedProductIdsMax = 1000;

export function isAdmitted({ isOpen, productIds }: DeviceAdmission, { pid }: Udi): boolean {
  return isOpen && (productIds.length === 0 || productIds.includes(pid));
}

/** What an address of the form `/cslu/v1/pi/<tenant>` may mean: the name itself, or without the `-1` that the field appends. */
export function namesMeantBy(tenant: string): readonly string[] {
  return tenant.endsWith("-1") ? [tenant, tenant.slice(0, -2)] : [tenant];
}
