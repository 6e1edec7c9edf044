// Operators in SQLite.

import { managerScope, type OperatorReader, type OperatorWriter } from "../../storage-ports.ts";
import { accessColumns, operatorOf, rowOfOperator, rowOfSignIn, signInOf } from "../mapping/account-mapping.ts";
import { queries, type Tables } from "../schema.ts";
import type { Connection } from "./connection.ts";
import { reserveIds } from "./sequences.ts";

export function operatorReader(connection: Connection): OperatorReader {
  return {
    listOperators: () =>
      connection
        .prepare("select * from operators where smart_account_id = ? order by operator_id")
        .all(managerScope)
        .map((row) => operatorOf(row as Tables["operators"])),
    findOperatorByToken: (tokenSha256) => {
      const row = connection
        .prepare(
          `select * from operators
           where (token_sha256 = ?1 and limited_token_sha256 is null) or limited_token_sha256 = ?1`,
        )
        .get(tokenSha256);
      return row === undefined ? undefined : operatorOf(row as Tables["operators"]);
    },
    findOperatorBySignIn: (secretSha256, nowMs) => {
      const row = connection
        .prepare(
          `select operators.* from sign_ins join operators using (smart_account_id, operator_id)
           where sign_ins.smart_account_id = ? and secret_sha256 = ? and ends_at_ms > ?`,
        )
        .get(managerScope, secretSha256, nowMs);
      return row === undefined ? undefined : operatorOf(row as Tables["operators"]);
    },
    listSignIns: (operatorId) =>
      connection
        .prepare(
          "select * from sign_ins where smart_account_id = ? and operator_id = ? order by created_at_ms, secret_sha256",
        )
        .all(managerScope, operatorId)
        .map((row) => signInOf(row as Tables["sign_ins"])),
  };
}

export function operatorWriter(connection: Connection): OperatorWriter {
  return {
    addOperator: (operator) => {
      const operatorId = reserveIds(connection, managerScope, "operator", 1);
      connection.run(queries().insertInto("operators").values(rowOfOperator(operatorId, operator)));
      return { ...operator, operatorId };
    },
    changeAccess: (operator) => {
      const change = queries().updateTable("operators").set(accessColumns(operator));
      connection.run(
        change.where("smart_account_id", "=", managerScope).where("operator_id", "=", operator.operatorId),
      );
    },
    removeOperator: (operatorId, removedAtMs) => {
      connection
        .prepare("update operators set removed_at_ms = ? where smart_account_id = ? and operator_id = ?")
        .run(removedAtMs, managerScope, operatorId);
    },
    addSignIn: (signIn) => void connection.run(queries().insertInto("sign_ins").values(rowOfSignIn(signIn))),
    removeSignIn: (secretSha256) =>
      void connection
        .prepare("delete from sign_ins where smart_account_id = ? and secret_sha256 = ?")
        .run(managerScope, secretSha256),
    removeEndedSignIns: (nowMs) =>
      void connection
        .prepare("delete from sign_ins where smart_account_id = ? and ends_at_ms <= ?")
        .run(managerScope, nowMs),
  };
}
