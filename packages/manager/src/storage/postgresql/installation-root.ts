// Managers that share a database are one installation, so they must have the same licensing root. The first one leaves its
// fingerprint; one with another root is refused before it signs anything for the devices of the others.

import type pg from "pg";
import { DatabaseError } from "../database-error.ts";
import { untilNoConflict } from "./migrate.ts";

const createTable =
  "create table if not exists installation_root (root_id integer primary key, fingerprint_sha256 text not null)";

/** Throws `database_of_other_root`. */
export async function requireSameRoot(pool: pg.Pool, fingerprint: string): Promise<void> {
  await untilNoConflict(() => pool.query(createTable));
  await pool.query("insert into installation_root values (1, $1) on conflict (root_id) do nothing", [fingerprint]);
  const { rows } = await pool.query("select fingerprint_sha256 from installation_root where root_id = 1");
  if (rows[0]?.fingerprint_sha256 !== fingerprint) throw new DatabaseError("database_of_other_root");
}
