// Accounts and tokens in SQLite. In plain words, without the query library: every enrolment and every trust sync asks for them, and
// the first one after a start would wait until its 255 files are loaded.

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
import type { Tables } from "../schema.ts";
import type { Connection, Value } from "./connection.ts";
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
        .prepare("select * from virtual_accounts where smart_account_id = ? order by virtual_account_id")
        .all(smartAccountId)
        .map((row) => virtualAccountOf(row as Tables["virtual_accounts"])),
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
      insert(connection, "smart_accounts", rowOfSmartAccount(added));
      return added;
    },
    addVirtualAccount: (account) => {
      const virtualAccountId = reserveIds(connection, account.smartAccountId, "virtual_account", 1);
      const added = { ...account, virtualAccountId };
      insert(connection, "virtual_accounts", rowOfVirtualAccount(added));
      return added;
    },
  };
}

export function tokenReader(connection: Connection): TokenReader {
  return {
    findTokenByHash: (tokenHash) => {
      const row = connection.prepare("select * from id_tokens where token_hash = ?").get(tokenHash);
      return row === undefined ? undefined : tokenOf(row as Tables["id_tokens"]);
    },
    listTokens: (smartAccountId) =>
      connection
        .prepare("select * from id_tokens where smart_account_id = ? order by token_id")
        .all(smartAccountId)
        .map((row) => tokenOf(row as Tables["id_tokens"])),
  };
}

export function tokenWriter(connection: Connection): TokenWriter {
  return {
    addToken: (token) => {
      const tokenId = reserveIds(connection, token.smartAccountId, "token", 1);
      insert(connection, "id_tokens", rowOfToken({ ...token, tokenId }));
      return { ...token, tokenId };
    },
    setTokenUses: (smartAccountId, tokenId, uses) => {
      connection
        .prepare("update id_tokens set uses = ? where smart_account_id = ? and token_id = ?")
        .run(uses, smartAccountId, tokenId);
    },
    revokeToken: (smartAccountId, tokenId, revokedAtMs) => {
      connection
        .prepare("update id_tokens set revoked_at_ms = ? where smart_account_id = ? and token_id = ?")
        .run(revokedAtMs, smartAccountId, tokenId);
    },
  };
}

function insert<T extends "smart_accounts" | "virtual_accounts" | "id_tokens">(
  connection: Connection,
  table: T,
  row: Tables[T],
): void {
  const columns = Object.keys(row);
  const places = columns.map(() => "?");
  connection
    .prepare(`insert into ${table} (${columns.join(", ")}) values (${places.join(", ")})`)
    .run(...(Object.values(row) as Value[]));
}
