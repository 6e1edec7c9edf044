// A migration runs while the version before it still works on the database, so each after the first may only add: what the
// older version reads and writes must stay as it knows it. This list is what it may say; nothing else is a migration.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { postgresqlDialect, sqliteDialect } from "../dialect.ts";
import { migrations } from "./migration.ts";

/** An older version inserts rows without the new column, so the column is nullable or has a default. */
const nullableOrDefault = String.raw`(?:(?!\bnot null\b).)*|.*\bdefault\b.*`;

const additive: readonly { readonly says: string; readonly pattern: RegExp }[] = [
  { says: "a new table", pattern: /^create table (if not exists )?\w+ \(/ },
  // Not unique: the older version may write what a new rule forbids.
  { says: "a new index", pattern: /^create index (if not exists )?\w+ on \w+ \(/ },
  {
    says: "a new column that an older version may leave out",
    pattern: new RegExp(String.raw`^alter table \w+ add column \w+ (?:${nullableOrDefault})$`),
  },
];

/** Why a statement is no migration, or null. */
function problemOf(statement: string, isOfNewTable: (name: string) => boolean): string | null {
  const text = statement.replace(/\s+/g, " ").trim().toLowerCase();
  if (text.includes(";")) return `more than one statement: ${text}`;
  if (additive.some(({ pattern }) => pattern.test(text))) return null;
  // A table of the same migration is not known to the older version yet.
  const unique = /^create unique index (?:if not exists )?\w+ on (\w+) \(/.exec(text);
  if (unique?.[1] !== undefined && isOfNewTable(unique[1])) return null;
  return `only ${additive.map(({ says }) => says).join(", ")} may be added: ${text}`;
}

function problemsOf(statements: readonly string[]): readonly string[] {
  const made = new Set(
    statements.flatMap((text) => /^\s*create table (?:if not exists )?(\w+)/i.exec(text)?.[1] ?? []),
  );
  return statements.flatMap((statement) => problemOf(statement, (name) => made.has(name)) ?? []);
}

suite("migrations after the first only add", () => {
  for (const dialect of [sqliteDialect, postgresqlDialect]) {
    for (const migration of migrations.slice(1)) {
      test(`${migration.version} ${migration.name} in ${dialect.name}`, () => {
        assert.deepEqual(problemsOf(migration.statements(dialect)), []);
      });
    }
  }

  test("what only adds is told from what changes or takes away", () => {
    const fine = [
      "create table notes (smart_account_id bigint not null, primary key (smart_account_id))",
      "create unique index notes_by_text on notes (smart_account_id)",
      "create index reports_by_leaf on reports (smart_account_id, leaf_index)",
      "alter table reports add column note text",
      "alter table reports add column purged integer not null default 0",
    ];
    assert.deepEqual(problemsOf(fine), []);
    const wrong = [
      "drop table reports",
      "drop index reports_by_leaf",
      "alter table reports drop column note",
      "alter table reports rename to old_reports",
      "alter table reports rename column note to remark",
      "alter table reports add column note text not null",
      "alter table reports alter column use_count type text",
      "create unique index reports_by_leaf on reports (smart_account_id, leaf_index)",
      "update reports set use_count = 0",
      "delete from reports",
      "create index a on reports (leaf_index); drop table reports",
    ];
    for (const statement of wrong) assert.equal(problemsOf([statement]).length, 1, statement);
  });
});
