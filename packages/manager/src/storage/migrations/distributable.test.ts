// A distributed PostgreSQL splits tables by the smart account, so a table may promise only what holds within one: the primary
// key and every unique key name it, the primary key first. What such engines lack or number badly is not used at all.
// docs/decisions/0033 says which engine would refuse what. None of them was tried; this reads texts.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { postgresqlDialect } from "../dialect.ts";
import { migrations } from "./migration.ts";

const splitBy = "smart_account_id";
/** The one unique key across smart accounts: their own names, in a table of a few rows that every node has whole. */
const uniqueAcrossAccounts: readonly string[] = ["smart_accounts (name)"];
const refusedWords =
  /\b(serial|bigserial|identity|nextval|create sequence|references|foreign key|exclude using|inherits|create trigger|create function|create extension|tablespace|unlogged|advisory_lock|advisory_xact_lock|lock table|ctid|xmin|listen|notify|pg_xact_status|txid_current|skip locked|create temp)\b/;

/** What a distributed engine would refuse of one statement. */
function refusalsOf(statement: string): readonly string[] {
  const text = statement.replace(/\s+/g, " ").trim().toLowerCase();
  const words = refusedWords.exec(text);
  const refusals = words === null ? [] : [`says ${words[1]}: ${text}`];
  const table = /^create table (?:if not exists )?(\w+)/.exec(text)?.[1];
  if (table !== undefined) refusals.push(...refusalsOfTable(table, text));
  const unique = /^create unique index (?:if not exists )?\w+ on (\w+) \(([^)]*)\)/.exec(text);
  if (unique !== null) refusals.push(...refusalsOfUnique(unique[1] ?? "", unique[2] ?? ""));
  return refusals;
}

function refusalsOfTable(table: string, text: string): readonly string[] {
  const key = /primary key \(([^)]*)\)/.exec(text)?.[1]?.split(", ");
  const keyRefusals = key?.[0] === splitBy ? [] : [`${table}: the primary key does not begin with ${splitBy}`];
  const together = [...text.matchAll(/(?<!\w )unique \(([^)]*)\)/g)].map(([, columns]) => columns ?? "");
  const alone = [...text.matchAll(/(\w+) (?:bigint|integer|text|bytea)(?: not null)? unique/g)].map(
    ([, column]) => column ?? "",
  );
  return [...keyRefusals, ...[...together, ...alone].flatMap((columns) => refusalsOfUnique(table, columns))];
}

function refusalsOfUnique(table: string, columns: string): readonly string[] {
  if (columns.split(", ").includes(splitBy) || uniqueAcrossAccounts.includes(`${table} (${columns})`)) return [];
  return [`${table}: (${columns}) would have to be unique across smart accounts`];
}

suite("what a distributed PostgreSQL would refuse", () => {
  for (const { version, name, statements } of migrations)
    test(`is not in migration ${version}, ${name}`, () => {
      assert.deepEqual(statements(postgresqlDialect).flatMap(refusalsOf), []);
    });

  test("is in no statement that the manager runs", () => {
    const folder = join(import.meta.dirname, "../postgresql");
    const found = readdirSync(folder)
      .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
      .flatMap((file) => {
        const code = readFileSync(join(folder, file), "utf8").replace(/^\s*(\/\/|\/?\*).*$/gm, "");
        const sql = [...code.matchAll(/(["`])([\s\S]*?)\1/g)].map(([, , text]) => (text ?? "").toLowerCase());
        return sql.flatMap((text) => (refusedWords.test(text) ? [`${file}: ${text}`] : []));
      });
    assert.deepEqual(found, []);
  });

  test("is seen where it stands", () => {
    for (const statement of [
      "create table a (id bigint not null, primary key (id))",
      "create table a (smart_account_id bigint not null, id bigint not null, primary key (id, smart_account_id))",
      "create table a (smart_account_id bigint not null, name text not null unique, primary key (smart_account_id))",
      "create table a (smart_account_id bigint not null, b text not null, primary key (smart_account_id), unique (b))",
      "create table a (smart_account_id bigserial, primary key (smart_account_id))",
      "create table a (smart_account_id bigint references b, primary key (smart_account_id))",
      "create unique index a_by_name on a (name)",
    ])
      assert.equal(refusalsOf(statement).length, 1, statement);
    assert.deepEqual(refusalsOf("create unique index a_by_name on a (smart_account_id, name)"), []);
  });
});
