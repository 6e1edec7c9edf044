// Operators in PostgreSQL, the same for every manager on it.

import { managerScope, type OperatorReader, type OperatorWriter } from "../../storage-ports.ts";
import { operatorOf } from "../mapping/account-mapping.ts";
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
      const row = await session.lookUp("select * from operators where token_sha256 = $1", tokenSha256);
      return row === undefined ? undefined : readOperator(row);
    },
  };
}

export function operatorWriter(session: Session): OperatorWriter {
  return {
    addOperator: async (operator) => {
      const operatorId = await reserveIds(session, managerScope, "operator", 1);
      await insertRow(session, "operators", {
        smart_account_id: managerScope,
        operator_id: operatorId,
        name: operator.name,
        token_sha256: operator.tokenSha256,
        created_at_ms: operator.createdAtMs,
        removed_at_ms: operator.removedAtMs,
      });
      return { ...operator, operatorId };
    },
    removeOperator: async (operatorId, removedAtMs) => {
      await session.run(
        "update operators set removed_at_ms = $3 where smart_account_id = $1 and operator_id = $2",
        managerScope,
        operatorId,
        removedAtMs,
      );
    },
  };
}
