// Operators in SQLite.

import { managerScope, type OperatorReader, type OperatorWriter } from "../../storage-ports.ts";
import { accessColumns, operatorOf, rowOfOperator } from "../mapping/account-mapping.ts";
import { type Connection, statements } from "./connection.ts";
import { reserveIds } from "./sequences.ts";

const all = statements.selectFrom("operators");

export function operatorReader(connection: Connection): OperatorReader {
  return {
    listOperators: () =>
      connection.all(all.where("smart_account_id", "=", managerScope).orderBy("operator_id")).map(operatorOf),
    findOperatorByToken: (tokenSha256) => {
      const row = connection.first(
        all.whereSql((bind) => {
          const isUnlimited = `token_sha256 = ${bind(tokenSha256)} and limited_token_sha256 is null`;
          return `(limited_token_sha256 = ${bind(tokenSha256)} or (${isUnlimited}))`;
        }),
      );
      return row === undefined ? undefined : operatorOf(row);
    },
  };
}

export function operatorWriter(connection: Connection): OperatorWriter {
  return {
    addOperator: (operator) => {
      const operatorId = reserveIds(connection, managerScope, "operator", 1);
      connection.run(statements.insertInto("operators", rowOfOperator(operatorId, operator)));
      return { ...operator, operatorId };
    },
    changeAccess: (operator) => {
      const change = statements.update("operators", accessColumns(operator));
      connection.run(
        change.where("smart_account_id", "=", managerScope).where("operator_id", "=", operator.operatorId),
      );
    },
    removeOperator: (operatorId, removedAtMs) => {
      connection
        .prepare("update operators set removed_at_ms = ? where smart_account_id = ? and operator_id = ?")
        .run(removedAtMs, managerScope, operatorId);
    },
  };
}
