// Accounts on premises, and managers on premises, between rows and domain, the same for every adapter.

import type { LowerManager, LowerManagerFacts } from "../../premises/lower-manager.ts";
import type { DeviceAdmission, Premises } from "../../premises/premises.ts";
import type { Upstream } from "../../premises/upstream.ts";
import type { Tables } from "../schema.ts";

export function premisesOf(row: Tables["premises"]): Premises {
  return {
    smartAccountId: row.smart_account_id,
    admission: JSON.parse(row.admission) as DeviceAdmission,
    upstream: row.upstream === null ? null : (JSON.parse(row.upstream) as Upstream),
  };
}

export function rowOfPremises({ smartAccountId, admission, upstream }: Premises): Tables["premises"] {
  return {
    smart_account_id: smartAccountId,
    admission: JSON.stringify(admission),
    upstream: upstream === null ? null : JSON.stringify(upstream),
  };
}

export function lowerManagerOf(row: Tables["lower_managers"]): LowerManager {
  return {
    smartAccountId: row.smart_account_id,
    managerId: row.manager_id,
    identifier: row.identifier,
    virtualAccountId: row.virtual_account_id,
    tokenSha256: row.token_sha256,
    facts: JSON.parse(row.facts) as LowerManagerFacts,
  };
}

export function rowOfLowerManager(manager: LowerManager): Tables["lower_managers"] {
  return {
    smart_account_id: manager.smartAccountId,
    manager_id: manager.managerId,
    identifier: manager.identifier,
    virtual_account_id: manager.virtualAccountId,
    token_sha256: manager.tokenSha256,
    facts: JSON.stringify(manager.facts),
  };
}
