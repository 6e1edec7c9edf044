// HAProxy twice: before the database, where it asks each Patroni whether its server is the primary, and before the managers,
// where any of them will do.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { hubAddress } from "./network.ts";
import { postgresPort, restPort } from "./patroni-configuration.ts";
import { ServerProcess } from "./server-process.ts";

export const databasePort = 5000;
export const managersPort = 8443;

/** A device waits as long as a manager waits for the database, and longer. */
const defaults = `defaults
  mode tcp
  timeout connect 2s
  timeout client 90s
  timeout server 90s
  retries 2
  option redispatch 1
`;

/** Connections to a member that is the primary no more are ended, or they would wait for somebody who is cut off. */
export function startDatabaseBalancer(folder: string, addresses: readonly string[]): ServerProcess {
  const servers = addresses.map(
    (address, number) => `  server member${number + 1} ${address}:${postgresPort} check port ${restPort}`,
  );
  return start(
    folder,
    "database-balancer",
    `${defaults}
listen primary
  bind ${hubAddress}:${databasePort}
  option httpchk OPTIONS /primary
  http-check expect status 200
  timeout check 2s
  default-server inter 1s fall 3 rise 1 on-marked-down shutdown-sessions
${servers.join("\n")}
`,
  );
}

export function startManagersBalancer(folder: string, ports: readonly number[]): ServerProcess {
  const servers = ports.map((port, number) => `  server manager${number + 1} 127.0.0.1:${port} check`);
  return start(
    folder,
    "managers-balancer",
    `${defaults}
listen managers
  bind 127.0.0.1:${managersPort}
  balance roundrobin
  default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
${servers.join("\n")}
`,
  );
}

function start(folder: string, name: string, configuration: string): ServerProcess {
  const file = join(folder, `${name}.cfg`);
  writeFileSync(file, configuration);
  return ServerProcess.start(name, join(folder, `${name}.log`), ["haproxy", "-db", "-f", file]);
}
