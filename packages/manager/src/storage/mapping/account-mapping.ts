// Accounts, operators and tokens between rows and domain, the same for every adapter.

import type { Selectable } from "kysely";
import { type Access, fullAccess, isUnlimited } from "../../accounts/access.ts";
import type { SmartAccount, VirtualAccount } from "../../accounts/account.ts";
import type { Operator } from "../../accounts/operator.ts";
import type { SignIn } from "../../accounts/sign-in.ts";
import type { StoredToken } from "../../accounts/token.ts";
import { firstPolicyVersion } from "../../policies/policy-setting.ts";
import { managerScope } from "../../storage-ports.ts";
import { flag, type Tables } from "../schema.ts";

export function smartAccountOf(row: Selectable<Tables["smart_accounts"]>): SmartAccount {
  return {
    smartAccountId: row.smart_account_id,
    name: row.name,
    ledgerId: row.ledger_id,
    allowUntrustedReports: row.allow_untrusted_reports === 1,
    createdAtMs: row.created_at_ms,
  };
}

export function virtualAccountOf(row: Selectable<Tables["virtual_accounts"]>): VirtualAccount {
  return {
    smartAccountId: row.smart_account_id,
    virtualAccountId: row.virtual_account_id,
    name: row.name,
    description: row.description,
    isDefault: row.is_default === 1,
    instances: row.instances,
    createdAtMs: row.created_at_ms,
  };
}

export function rowOfSmartAccount(account: SmartAccount): Tables["smart_accounts"] {
  return {
    smart_account_id: account.smartAccountId,
    name: account.name,
    ledger_id: account.ledgerId,
    allow_untrusted_reports: flag(account.allowUntrustedReports),
    created_at_ms: account.createdAtMs,
    newest_policy_version: firstPolicyVersion,
  };
}

export function rowOfVirtualAccount(account: VirtualAccount): Tables["virtual_accounts"] {
  return {
    smart_account_id: account.smartAccountId,
    virtual_account_id: account.virtualAccountId,
    name: account.name,
    description: account.description,
    is_default: flag(account.isDefault),
    instances: account.instances,
    created_at_ms: account.createdAtMs,
  };
}

export function operatorOf(row: Selectable<Tables["operators"]>): Operator {
  return {
    operatorId: row.operator_id,
    name: row.name,
    tokenSha256: row.limited_token_sha256 ?? row.token_sha256,
    createdAtMs: row.created_at_ms,
    removedAtMs: row.removed_at_ms,
    access: row.access === null ? fullAccess : (JSON.parse(row.access) as Access),
  };
}

export function signInOf(row: Selectable<Tables["sign_ins"]>): SignIn {
  return {
    secretSha256: row.secret_sha256,
    operatorId: row.operator_id,
    createdAtMs: row.created_at_ms,
    endsAtMs: row.ends_at_ms,
  };
}

export function rowOfSignIn(signIn: SignIn): Tables["sign_ins"] {
  return {
    smart_account_id: managerScope,
    secret_sha256: signIn.secretSha256,
    operator_id: signIn.operatorId,
    created_at_ms: signIn.createdAtMs,
    ends_at_ms: signIn.endsAtMs,
  };
}

export function rowOfOperator(operatorId: number, operator: Omit<Operator, "operatorId">): Tables["operators"] {
  return {
    smart_account_id: managerScope,
    operator_id: operatorId,
    name: operator.name,
    created_at_ms: operator.createdAtMs,
    removed_at_ms: operator.removedAtMs,
    ...accessColumns(operator),
  };
}

/** A version that knows no limits finds only the tokens of operators who have none (0004-access-of-operators.ts). */
export function accessColumns({ tokenSha256, access }: Pick<Operator, "tokenSha256" | "access">) {
  const isLimited = !isUnlimited(access);
  return {
    token_sha256: isLimited ? "" : tokenSha256,
    access: JSON.stringify(access),
    limited_token_sha256: isLimited ? tokenSha256 : null,
  };
}

export function tokenOf(row: Selectable<Tables["id_tokens"]>): StoredToken {
  return {
    smartAccountId: row.smart_account_id,
    tokenId: row.token_id,
    uuid: row.uuid,
    tokenHash: row.token_hash,
    virtualAccountId: row.virtual_account_id,
    description: row.description,
    createdAtMs: row.created_at_ms,
    createdBy: row.created_by,
    expiresAtMs: row.expires_at_ms,
    usesMax: row.uses_max,
    uses: row.uses,
    exportControlAllowed: row.export_control_allowed === 1,
    revokedAtMs: row.revoked_at_ms,
  };
}

export function rowOfToken(token: StoredToken): Tables["id_tokens"] {
  return {
    smart_account_id: token.smartAccountId,
    token_id: token.tokenId,
    uuid: token.uuid,
    token_hash: token.tokenHash,
    virtual_account_id: token.virtualAccountId,
    description: token.description,
    created_at_ms: token.createdAtMs,
    created_by: token.createdBy,
    expires_at_ms: token.expiresAtMs,
    uses_max: token.usesMax,
    uses: token.uses,
    export_control_allowed: flag(token.exportControlAllowed),
    revoked_at_ms: token.revokedAtMs,
  };
}
