import assert from "node:assert/strict";
import { test } from "node:test";
import { type Statements, statementsWith } from "./statements.ts";

const sqlite = statementsWith(() => "?");
const postgresql = statementsWith((number) => `$${number}`);
const inBoth = (write: (statements: Statements) => { compile(): unknown }) =>
  [sqlite, postgresql].map((one) => write(one).compile());

test("a selection binds every value in the order in which it stands in the text", () => {
  assert.deepEqual(
    inBoth(({ selectFrom }) =>
      selectFrom("events")
        .where("smart_account_id", "=", 7)
        .whereIn("virtual_account_id", [2, 3])
        .where("event_id", "<", 9)
        .orderBy("event_id", "desc")
        .limit(5),
    ),
    ["?, ?", "$2, $3"].map((inside, at) => ({
      sql: `select * from events where smart_account_id = ${at === 0 ? "?" : "$1"} and virtual_account_id in (${inside}) and event_id < ${at === 0 ? "?" : "$4"} order by event_id desc limit ${at === 0 ? "?" : "$5"}`,
      parameters: [7, 2, 3, 9, 5],
    })),
  );
});

test("a condition of one's own may bind a value twice", () => {
  const [, second] = inBoth(({ selectFrom }) =>
    selectFrom("operators")
      .where("smart_account_id", "=", 0)
      .whereSql((bind) => `(token_sha256 = ${bind("a'b")} or limited_token_sha256 = ${bind("a'b")})`),
  );
  assert.deepEqual(second, {
    sql: "select * from operators where smart_account_id = $1 and (token_sha256 = $2 or limited_token_sha256 = $3)",
    parameters: [0, "a'b", "a'b"],
  });
});

test("a row is inserted column by column, and changed where it is told", () => {
  const row = { smart_account_id: 1, kind: "token", next_id: 4 };
  assert.deepEqual(
    inBoth(({ insertInto }) => insertInto("sequences", row)),
    [
      { sql: "insert into sequences (smart_account_id, kind, next_id) values (?, ?, ?)", parameters: [1, "token", 4] },
      {
        sql: "insert into sequences (smart_account_id, kind, next_id) values ($1, $2, $3)",
        parameters: [1, "token", 4],
      },
    ],
  );
  const change = ({ update }: Statements) =>
    update("id_tokens", { uses: 3, revoked_at_ms: null }).where("token_id", "=", 5);
  assert.deepEqual(inBoth(change)[1], {
    sql: "update id_tokens set uses = $1, revoked_at_ms = $2 where token_id = $3",
    parameters: [3, null, 5],
  });
});

test("a step leaves the statement before it as it was", () => {
  const all = sqlite.selectFrom("operators");
  all.where("operator_id", "=", 1).limit(1);
  assert.deepEqual(all.compile(), { sql: "select * from operators", parameters: [] });
});
