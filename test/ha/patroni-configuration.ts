// The configuration of the cluster, as docs/operating shows it to whoever runs one.

import { hubAddress, subnet } from "./network.ts";

export const superuser = "postgres";
export const restPort = 8008;
export const postgresPort = 5432;
export const etcdPort = 2379;

/** Whether a commit waits for a standby. `asynchronous` is for the run that has to lose something. */
export type Replication = "synchronous" | "asynchronous";

/**
 * `ttl` is the shortest that Patroni's documentation allows; the time without writes after a fault is about that long.
 * Strict: without a standby that confirms, the primary takes no commit. Otherwise Patroni switches synchronous replication
 * off when the last standby goes, and the loss of the primary would then lose what was acknowledged.
 */
const cluster = (replication: Replication) => ({
  ttl: 20,
  loop_wait: 5,
  retry_timeout: 5,
  synchronous_mode: replication === "synchronous",
  synchronous_mode_strict: replication === "synchronous",
  postgresql: {
    use_pg_rewind: true,
    remove_data_directory_on_rewind_failure: true,
    parameters: { max_connections: 100, shared_buffers: "32MB", max_wal_size: "256MB", wal_log_hints: "on" },
  },
});

export type MemberPlace = {
  readonly name: string;
  readonly address: string;
  readonly dataDirectory: string;
  readonly programs: string;
  readonly replication: Replication;
};

/** A file that Patroni reads: JSON is YAML. */
export function patroniConfiguration({ name, address, dataDirectory, programs, replication }: MemberPlace): string {
  return JSON.stringify({
    scope: "countersign",
    name,
    restapi: { listen: `${address}:${restPort}`, connect_address: `${address}:${restPort}` },
    etcd3: { hosts: `${hubAddress}:${etcdPort}` },
    bootstrap: { dcs: cluster(replication), initdb: [{ encoding: "UTF8" }, { locale: "C.UTF-8" }, "data-checksums"] },
    postgresql: {
      listen: `${address}:${postgresPort}`,
      connect_address: `${address}:${postgresPort}`,
      data_dir: dataDirectory,
      bin_dir: programs,
      pgpass: `${dataDirectory}.pgpass`,
      authentication: { superuser: { username: superuser }, replication: { username: "replicator" } },
      parameters: { unix_socket_directories: "" },
      pg_hba: [`host all all ${subnet} trust`, `host replication all ${subnet} trust`],
    },
  });
}
