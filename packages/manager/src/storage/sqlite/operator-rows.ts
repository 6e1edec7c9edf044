// Operators in SQLite.

import { managerScope, type OperatorReader, type OperatorWriter } from "../../storage-ports.ts";
import { accessColumns, operatorOf, rowOfOperator } from "../mapping/account-mapping.ts";
import { queries } from "../schema.ts";
import type { Connection } from "./connection.ts";
import { reserveIds } from "./sequences.ts";

const all = queries.selectFrom("operators").selectAll();

export function operatorReader(connection: Connection): OperatorReader {
  return {
    listOperators: () =>
      connection.all(all.where("smart_account_id", "=", managerScope).orderBy("operator_id")).map(operatorOf),
    findOperatorByToken: (tokenSha256) => {
      const row = connection.first(
        all.where(({ or, and, eb }) => {
          const isUnlimited = and([eb("token_sha256", "=", tokenSha256), eb("limited_token_sha256", "is", null)]);
          return or([isUnlimited, eb("limited_token_sha256", "=", tokenSha256)]);
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
      connection.run(queries.insertInto("operators").values(rowOfOperator(operatorId, operator)));
      return { ...operator, operatorId };
    },
    changeAccess: (operator) => {
      const change = queries.updateTable("operators").set(accessColumns(operator));
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
