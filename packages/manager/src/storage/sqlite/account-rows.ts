// Accounts and tokens in SQLite.

import type { Selectable } from "kysely";
import type { SmartAccount, VirtualAccount } from "../../accounts/account.ts";
import type { StoredToken } from "../../accounts/token.ts";
import { firstPolicyVersion } from "../../policies/policy-setting.ts";
import type { AccountReader, AccountWriter, TokenReader, TokenWriter } from "../../storage-ports.ts";
import { flag, queries, type Tables } from "../schema.ts";
import type { Connection } from "./connection.ts";
import { reserveIds } from "./sequences.ts";

export function accountReader(connection: Connection): AccountReader {
  return {
    listSmartAccounts: () =>
      connection.all(queries.selectFrom("smart_accounts").selectAll().orderBy("smart_account_id")).map(smartAccountOf),
    listVirtualAccounts: (smartAccountId) =>
      connection
        .all(
          queries
            .selectFrom("virtual_accounts")
            .selectAll()
            .where("smart_account_id", "=", smartAccountId)
            .orderBy("virtual_account_id"),
        )
        .map(virtualAccountOf),
  };
}

export function accountWriter(connection: Connection): AccountWriter {
  return {
    addSmartAccount: (account) => {
      const smartAccountId = reserveIds(connection, 0, "smart_account", 1);
      connection.run(
        queries.insertInto("smart_accounts").values({
          smart_account_id: smartAccountId,
          name: account.name,
          ledger_id: account.ledgerId,
          allow_untrusted_reports: flag(account.allowUntrustedReports),
          created_at_ms: account.createdAtMs,
          newest_policy_version: firstPolicyVersion,
        }),
      );
      return { ...account, smartAccountId };
    },
    addVirtualAccount: (account) => {
      const virtualAccountId = reserveIds(connection, account.smartAccountId, "virtual_account", 1);
      connection.run(
        queries.insertInto("virtual_accounts").values({
          smart_account_id: account.smartAccountId,
          virtual_account_id: virtualAccountId,
          name: account.name,
          description: account.description,
          is_default: flag(account.isDefault),
          instances: account.instances,
          created_at_ms: account.createdAtMs,
        }),
      );
      return { ...account, virtualAccountId };
    },
  };
}

export function tokenReader(connection: Connection): TokenReader {
  return {
    findTokenByHash: (tokenHash) => {
      const row = connection.first(queries.selectFrom("id_tokens").selectAll().where("token_hash", "=", tokenHash));
      return row === undefined ? undefined : tokenOf(row);
    },
    listTokens: (smartAccountId) =>
      connection
        .all(
          queries
            .selectFrom("id_tokens")
            .selectAll()
            .where("smart_account_id", "=", smartAccountId)
            .orderBy("token_id"),
        )
        .map(tokenOf),
  };
}

export function tokenWriter(connection: Connection): TokenWriter {
  return {
    addToken: (token) => {
      const tokenId = reserveIds(connection, token.smartAccountId, "token", 1);
      connection.run(queries.insertInto("id_tokens").values(rowOfToken({ ...token, tokenId })));
      return { ...token, tokenId };
    },
    setTokenUses: (smartAccountId, tokenId, uses) => {
      const update = queries.updateTable("id_tokens").set({ uses });
      connection.run(update.where("smart_account_id", "=", smartAccountId).where("token_id", "=", tokenId));
    },
    revokeToken: (smartAccountId, tokenId, revokedAtMs) => {
      const update = queries.updateTable("id_tokens").set({ revoked_at_ms: revokedAtMs });
      connection.run(update.where("smart_account_id", "=", smartAccountId).where("token_id", "=", tokenId));
    },
  };
}

function smartAccountOf(row: Selectable<Tables["smart_accounts"]>): SmartAccount {
  return {
    smartAccountId: row.smart_account_id,
    name: row.name,
    ledgerId: row.ledger_id,
    allowUntrustedReports: row.allow_untrusted_reports === 1,
    createdAtMs: row.created_at_ms,
  };
}

function virtualAccountOf(row: Selectable<Tables["virtual_accounts"]>): VirtualAccount {
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

function tokenOf(row: Selectable<Tables["id_tokens"]>): StoredToken {
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

function rowOfToken(token: StoredToken): Tables["id_tokens"] {
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
