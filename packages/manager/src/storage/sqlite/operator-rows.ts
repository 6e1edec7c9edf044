// Operators in SQLite.

import { managerScope, type OperatorReader, type OperatorWriter } from "../../storage-ports.ts";
import { operatorOf } from "../mapping/account-mapping.ts";
import { queries } from "../schema.ts";
import type { Connection } from "./connection.ts";
import { reserveIds } from "./sequences.ts";

const all = queries.selectFrom("operators").selectAll();

export function operatorReader(connection: Connection): OperatorReader {
  return {
    listOperators: () =>
      connection.all(all.where("smart_account_id", "=", managerScope).orderBy("operator_id")).map(operatorOf),
    findOperatorByToken: (tokenSha256) => {
      const row = connection.first(all.where("token_sha256", "=", tokenSha256));
      return row === undefined ? undefined : operatorOf(row);
    },
  };
}

export function operatorWriter(connection: Connection): OperatorWriter {
  return {
    addOperator: (operator) => {
      const operatorId = reserveIds(connection, managerScope, "operator", 1);
      const row = {
        smart_account_id: managerScope,
        operator_id: operatorId,
        name: operator.name,
        token_sha256: operator.tokenSha256,
        created_at_ms: operator.createdAtMs,
        removed_at_ms: operator.removedAtMs,
      };
      connection.run(queries.insertInto("operators").values(row));
      return { ...operator, operatorId };
    },
    removeOperator: (operatorId, removedAtMs) => {
      connection
        .prepare("update operators set removed_at_ms = ? where smart_account_id = ? and operator_id = ?")
        .run(removedAtMs, managerScope, operatorId);
    },
  };
}
