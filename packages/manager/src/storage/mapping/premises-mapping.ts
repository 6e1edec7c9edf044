// Accounts on premises between rows and domain, the same for every adapter.

import type { DeviceAdmission, Premises } from "../../premises/premises.ts";
import type { Tables } from "../schema.ts";

export function premisesOf(row: Tables["premises"]): Premises {
  return {
    smartAccountId: row.smart_account_id,
    admission: JSON.parse(row.admission) as DeviceAdmission,
  };
}

export function rowOfPremises({ smartAccountId, admission }: Premises): Tables["premises"] {
  return { smart_account_id: smartAccountId, admission: JSON.stringify(admission), upstream: null };
}
