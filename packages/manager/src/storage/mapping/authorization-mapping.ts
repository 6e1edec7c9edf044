// Authorization codes from their rows and to them, the same for every adapter.

import type { AuthorizationState, StoredAuthorization } from "../../authorizations/authorization.ts";
import type { Row } from "./row.ts";

export function authorizationOf(row: Row): StoredAuthorization {
  return {
    smartAccountId: row.smart_account_id as number,
    authorizationId: row.authorization_id as number,
    instanceId: row.instance_id as number,
    virtualAccountId: row.virtual_account_id as number,
    sequence: row.sequence as number,
    state: row.state as AuthorizationState,
    payload: row.payload as string,
    issuedAtMs: row.issued_at_ms as number,
    changedAtMs: row.changed_at_ms as number,
  };
}

export function authorizationRow(authorization: StoredAuthorization) {
  return {
    smart_account_id: authorization.smartAccountId,
    authorization_id: authorization.authorizationId,
    instance_id: authorization.instanceId,
    virtual_account_id: authorization.virtualAccountId,
    sequence: authorization.sequence,
    state: authorization.state,
    payload: authorization.payload,
    issued_at_ms: authorization.issuedAtMs,
    changed_at_ms: authorization.changedAtMs,
  };
}
