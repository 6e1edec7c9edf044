// Operators in PostgreSQL, the same for every manager on it.

import { managerScope, type OperatorReader, type OperatorWriter } from "../../storage-ports.ts";
import { accessColumns, operatorOf, rowOfOperator, rowOfSignIn, signInOf } from "../mapping/account-mapping.ts";
import type { Row } from "../mapping/row.ts";
import type { Tables } from "../schema.ts";
import type { Session } from "./connection.ts";
import { insertRow } from "./insert-row.ts";
import { reserveIds } from "./sequences.ts";

const readOperator = (row: Row) => operatorOf(row as Tables["operators"]);

export function operatorReader(session: Session): OperatorReader {
  return {
    listOperators: async () => {
      const sql = "select * from operators where smart_account_id = $1 order by operator_id";
      return (await session.all(sql, managerScope)).map(readOperator);
    },
    findOperatorByToken: async (tokenSha256) => {
      const sql = `select * from operators where limited_token_sha256 = $1
        or (token_sha256 = $1 and limited_token_sha256 is null)`;
      const row = await session.lookUp(sql, tokenSha256);
      return row === undefined ? undefined : readOperator(row);
    },
    findOperatorBySignIn: async (secretSha256, nowMs) => {
      const sql = `select operators.* from sign_ins join operators using (smart_account_id, operator_id)
        where sign_ins.smart_account_id = $1 and secret_sha256 = $2 and ends_at_ms > $3`;
      const row = await session.first(sql, managerScope, secretSha256, nowMs);
      return row === undefined ? undefined : readOperator(row);
    },
    listSignIns: async (operatorId) => {
      const sql =
        "select * from sign_ins where smart_account_id = $1 and operator_id = $2 order by created_at_ms, secret_sha256";
      return (await session.all(sql, managerScope, operatorId)).map((row) => signInOf(row as Tables["sign_ins"]));
    },
  };
}

export function operatorWriter(session: Session): OperatorWriter {
  return {
    addOperator: async (operator) => {
      const operatorId = await reserveIds(session, managerScope, "operator", 1);
      await insertRow(session, "operators", rowOfOperator(operatorId, operator));
      return { ...operator, operatorId };
    },
    changeAccess: async (operator) => {
      const { token_sha256, access, limited_token_sha256 } = accessColumns(operator);
      await session.run(
        `update operators set token_sha256 = $3, access = $4, limited_token_sha256 = $5
         where smart_account_id = $1 and operator_id = $2`,
        managerScope,
        operator.operatorId,
        token_sha256,
        access,
        limited_token_sha256,
      );
    },
    removeOperator: async (operatorId, removedAtMs) => {
      await session.run(
        "update operators set removed_at_ms = $3 where smart_account_id = $1 and operator_id = $2",
        managerScope,
        operatorId,
        removedAtMs,
      );
    },
    addSignIn: (signIn) => insertRow(session, "sign_ins", rowOfSignIn(signIn)),
    removeSignIn: async (secretSha256) => {
      const sql = "delete from sign_ins where smart_account_id = $1 and secret_sha256 = $2";
      await session.run(sql, managerScope, secretSha256);
    },
    removeEndedSignIns: async (nowMs) => {
      await session.run("delete from sign_ins where smart_account_id = $1 and ends_at_ms <= $2", managerScope, nowMs);
    },
  };
}
