// Accounts and tokens in PostgreSQL.

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
import type { Row } from "../mapping/row.ts";
import type { Tables } from "../schema.ts";
import type { Session } from "./connection.ts";
import { insertRow } from "./insert-row.ts";
import { reserveIds } from "./sequences.ts";

type Of<T extends keyof Tables> = Tables[T];
const as = <T extends keyof Tables>(row: Row): Of<T> => row as Of<T>;

export function accountReader(session: Session): AccountReader {
  return {
    findManagerLedger: async () => {
      const row = await session.first("select ledger_id from manager_ledger where smart_account_id = $1", managerScope);
      return row?.ledger_id as string | undefined;
    },
    listSmartAccounts: async () =>
      (await session.anywhere("select * from smart_accounts order by smart_account_id")).map((row) =>
        smartAccountOf(as<"smart_accounts">(row)),
      ),
    listVirtualAccounts: async (smartAccountId) =>
      (
        await session.all(
          "select * from virtual_accounts where smart_account_id = $1 order by virtual_account_id",
          smartAccountId,
        )
      ).map((row) => virtualAccountOf(as<"virtual_accounts">(row))),
  };
}

export function accountWriter(session: Session): AccountWriter {
  return {
    addManagerLedger: async (ledgerId) => {
      await session.run(
        "insert into manager_ledger (smart_account_id, ledger_id) values ($1, $2)",
        managerScope,
        ledgerId,
      );
    },
    addSmartAccount: async (account) => {
      const smartAccountId = await reserveIds(session, managerScope, "smart_account", 1);
      const added = { ...account, smartAccountId };
      await insertRow(session, "smart_accounts", rowOfSmartAccount(added));
      return added;
    },
    addVirtualAccount: async (account) => {
      const virtualAccountId = await reserveIds(session, account.smartAccountId, "virtual_account", 1);
      const added = { ...account, virtualAccountId };
      await insertRow(session, "virtual_accounts", rowOfVirtualAccount(added));
      return added;
    },
  };
}

export function tokenReader(session: Session): TokenReader {
  return {
    findTokenByHash: async (tokenHash) => {
      const row = await session.lookUp("select * from id_tokens where token_hash = $1", tokenHash);
      return row === undefined ? undefined : tokenOf(as<"id_tokens">(row));
    },
    listTokens: async (smartAccountId) =>
      (await session.all("select * from id_tokens where smart_account_id = $1 order by token_id", smartAccountId)).map(
        (row) => tokenOf(as<"id_tokens">(row)),
      ),
  };
}

export function tokenWriter(session: Session): TokenWriter {
  return {
    addToken: async (token) => {
      const tokenId = await reserveIds(session, token.smartAccountId, "token", 1);
      await insertRow(session, "id_tokens", rowOfToken({ ...token, tokenId }));
      return { ...token, tokenId };
    },
    setTokenUses: async (smartAccountId, tokenId, uses) => {
      await session.run(
        "update id_tokens set uses = $3 where smart_account_id = $1 and token_id = $2",
        smartAccountId,
        tokenId,
        uses,
      );
    },
    revokeToken: async (smartAccountId, tokenId, revokedAtMs) => {
      await session.run(
        "update id_tokens set revoked_at_ms = $3 where smart_account_id = $1 and token_id = $2",
        smartAccountId,
        tokenId,
        revokedAtMs,
      );
    },
  };
}
