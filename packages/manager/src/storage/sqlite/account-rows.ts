// Accounts and tokens in SQLite.

import {
  type AccountReader,
  type AccountWriter,
  managerScope,
  type TokenReader,
  type TokenWriter,
} from "../../storage-ports.ts";
import {
  rowOfSmartAccount,
  rowOfToken,
  rowOfVirtualAccount,
  smartAccountOf,
  tokenOf,
  virtualAccountOf,
} from "../mapping/account-mapping.ts";
import { queries, type Tables } from "../schema.ts";
import type { Connection } from "./connection.ts";
import { reserveIds } from "./sequences.ts";

export function accountReader(connection: Connection): AccountReader {
  return {
    findManagerLedger: () => {
      const row = connection
        .prepare("select ledger_id from manager_ledger where smart_account_id = ?")
        .get(managerScope);
      return row?.ledger_id as string | undefined;
    },
    listSmartAccounts: () =>
      connection
        .prepare("select * from smart_accounts order by smart_account_id")
        .all()
        .map((row) => smartAccountOf(row as Tables["smart_accounts"])),
    listVirtualAccounts: (smartAccountId) =>
      connection
        .all(
          queries()
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
    addManagerLedger: (ledgerId) => {
      connection
        .prepare("insert into manager_ledger (smart_account_id, ledger_id) values (?, ?)")
        .run(managerScope, ledgerId);
    },
    addSmartAccount: (account) => {
      const smartAccountId = reserveIds(connection, managerScope, "smart_account", 1);
      const added = { ...account, smartAccountId };
      connection.run(queries().insertInto("smart_accounts").values(rowOfSmartAccount(added)));
      return added;
    },
    addVirtualAccount: (account) => {
      const virtualAccountId = reserveIds(connection, account.smartAccountId, "virtual_account", 1);
      const added = { ...account, virtualAccountId };
      connection.run(queries().insertInto("virtual_accounts").values(rowOfVirtualAccount(added)));
      return added;
    },
  };
}

export function tokenReader(connection: Connection): TokenReader {
  return {
    findTokenByHash: (tokenHash) => {
      const row = connection.first(queries().selectFrom("id_tokens").selectAll().where("token_hash", "=", tokenHash));
      return row === undefined ? undefined : tokenOf(row);
    },
    listTokens: (smartAccountId) =>
      connection
        .all(
          queries()
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
      connection.run(
        queries()
          .insertInto("id_tokens")
          .values(rowOfToken({ ...token, tokenId })),
      );
      return { ...token, tokenId };
    },
    setTokenUses: (smartAccountId, tokenId, uses) => {
      const update = queries().updateTable("id_tokens").set({ uses });
      connection.run(update.where("smart_account_id", "=", smartAccountId).where("token_id", "=", tokenId));
    },
    revokeToken: (smartAccountId, tokenId, revokedAtMs) => {
      const update = queries().updateTable("id_tokens").set({ revoked_at_ms: revokedAtMs });
      connection.run(update.where("smart_account_id", "=", smartAccountId).where("token_id", "=", tokenId));
    },
  };
}
