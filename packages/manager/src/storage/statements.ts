// Statements on one table, checked against its columns: what an adapter need not write by hand. Whatever is more than that, a
// join, a sum, a hint, is written as SQL. A statement is never changed; each step answers a new one.

import type { Tables } from "./schema.ts";

export type StatementValue = string | number | null | Uint8Array;

/** `row` is never there; it carries the type of what a selection answers. */
export interface Statement<Row> {
  compile(): { readonly sql: string; readonly parameters: readonly StatementValue[] };
  readonly row?: Row;
}

/** SQL of a condition; each value goes through `bind`, which answers what stands for it. */
export type Condition = (bind: (value: StatementValue) => string) => string;
/** What stands for the value of this number, the first being 1. */
type Placeholder = (number: number) => string;

type Column<T extends keyof Tables> = keyof Tables[T] & string;
type Comparison = "=" | "<" | ">" | "<=" | ">=";

export interface Conditional<T extends keyof Tables, Self> {
  where<C extends Column<T>>(column: C, comparison: Comparison, value: Tables[T][C] & StatementValue): Self;
  whereIn<C extends Column<T>>(column: C, values: readonly (Tables[T][C] & StatementValue)[]): Self;
  whereSql(condition: Condition): Self;
}
export interface Selection<T extends keyof Tables> extends Statement<Tables[T]>, Conditional<T, Selection<T>> {
  orderBy(column: Column<T>, direction?: "asc" | "desc"): Selection<T>;
  limit(rows: number): Selection<T>;
}
export interface Update<T extends keyof Tables> extends Statement<never>, Conditional<T, Update<T>> {}

export type Statements = {
  /** All columns. */
  selectFrom<T extends keyof Tables>(table: T): Selection<T>;
  /** The columns in the order of the row. */
  insertInto<T extends keyof Tables>(table: T, row: Tables[T]): Statement<never>;
  update<T extends keyof Tables>(table: T, change: Partial<Tables[T]>): Update<T>;
};

export function statementsWith(placeholder: Placeholder): Statements {
  return {
    selectFrom: (table) => selection(placeholder, { head: () => `select * from ${table}`, conditions: [], tail: [] }),
    insertInto: (table, row) => {
      const values: Readonly<Record<string, StatementValue>> = row;
      const columns = Object.keys(values);
      const head: Condition = (bind) =>
        `insert into ${table} (${columns.join(", ")}) values (${Object.values(values).map(bind).join(", ")})`;
      return { compile: () => compile(placeholder, { head, conditions: [], tail: [] }) };
    },
    update: (table, change) => {
      const values = Object.entries(change as Readonly<Record<string, StatementValue>>);
      const head: Condition = (bind) =>
        `update ${table} set ${values.map(([column, value]) => `${column} = ${bind(value)}`).join(", ")}`;
      return update(placeholder, { head, conditions: [], tail: [] });
    },
  };
}

type Parts = {
  readonly head: Condition;
  readonly conditions: readonly Condition[];
  readonly tail: readonly Condition[];
};

function selection<T extends keyof Tables>(placeholder: Placeholder, parts: Parts): Selection<T> {
  const followedBy = (end: Condition) => selection<T>(placeholder, { ...parts, tail: [...parts.tail, end] });
  return {
    ...conditional<T, Selection<T>>(parts, (next) => selection(placeholder, next)),
    orderBy: (column, direction = "asc") => followedBy(() => `order by ${column} ${direction}`),
    limit: (rows) => followedBy((bind) => `limit ${bind(rows)}`),
    compile: () => compile(placeholder, parts),
  };
}

function update<T extends keyof Tables>(placeholder: Placeholder, parts: Parts): Update<T> {
  return {
    ...conditional<T, Update<T>>(parts, (next) => update(placeholder, next)),
    compile: () => compile(placeholder, parts),
  };
}

function conditional<T extends keyof Tables, Self>(parts: Parts, make: (parts: Parts) => Self): Conditional<T, Self> {
  const whereSql = (condition: Condition) => make({ ...parts, conditions: [...parts.conditions, condition] });
  return {
    where: (column, comparison, value) => whereSql((bind) => `${column} ${comparison} ${bind(value)}`),
    whereIn: (column, values) => whereSql((bind) => `${column} in (${values.map(bind).join(", ")})`),
    whereSql,
  };
}

function compile(placeholder: Placeholder, { head, conditions, tail }: Parts) {
  const parameters: StatementValue[] = [];
  const bind = (value: StatementValue) => placeholder(parameters.push(value));
  const start = head(bind);
  const where = conditions.map((condition) => condition(bind)).join(" and ");
  const end = tail.map((part) => part(bind));
  return { sql: [start, ...(where === "" ? [] : [`where ${where}`]), ...end].join(" "), parameters };
}
