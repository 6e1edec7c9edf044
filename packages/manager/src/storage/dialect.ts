// Where SQLite and PostgreSQL differ in the definition of tables; migrations are written once, over these words.

export type Dialect = {
  readonly name: "sqlite" | "postgresql";
  readonly blob: string;
  /** Ends a table whose rows live in their primary key's tree: one tree to write instead of two. */
  readonly clustered: string;
};

export const sqliteDialect: Dialect = { name: "sqlite", blob: "blob", clustered: " without rowid" };
export const postgresqlDialect: Dialect = { name: "postgresql", blob: "bytea", clustered: "" };
