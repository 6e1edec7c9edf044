// A real rsyslog on free loopback ports, with its own configuration in a temporary folder. Needs the Debian packages rsyslog
// and rsyslog-gnutls. Every message it receives becomes one JSON line of a file.

import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type ReceivedMessage = {
  readonly via: "udp" | "tcp" | "tls";
  readonly facility: string;
  readonly severity: string;
  readonly host: string;
  readonly tag: string;
  readonly app: string;
  readonly messageId: string;
  readonly data: string;
  readonly text: string;
  readonly raw: string;
};

export type RsyslogOptions = {
  /** PEM texts for TLS. */
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
  /** Reads what network devices send; else what RFC 3164 and RFC 5424 say. */
  readonly readsDeviceFormat: boolean;
};

export type Rsyslog = {
  readonly udpPort: number;
  readonly tcpPort: number;
  readonly tlsPort: number;
  /** Resolves when a message came that the test accepts. */
  received(accepts: (message: ReceivedMessage) => boolean): Promise<ReceivedMessage>;
  stop(): Promise<void>;
};

/** A message that does not come fails the test that waits for it. */
const receiveMsMax = 20_000;

const fields = {
  via: "inputname",
  facility: "syslogfacility-text",
  severity: "syslogseverity-text",
  host: "hostname",
  tag: "syslogtag",
  app: "app-name",
  messageId: "msgid",
  data: "structured-data",
  text: "msg",
  raw: "rawmsg",
} as const;

export async function startRsyslog(options: RsyslogOptions): Promise<Rsyslog> {
  const folder = mkdtempSync(join(tmpdir(), "countersign-rsyslog-"));
  const file = join(folder, "received.jsonl");
  writeFileSync(file, "");
  for (const name of ["certificate", "key", "authority"] as const) writeFileSync(join(folder, name), options[name]);
  const [udpPort, tcpPort, tlsPort] = await Promise.all([freeUdpPort(), freeTcpPort(), freeTcpPort()]);
  const ports = { udpPort, tcpPort, tlsPort };
  writeFileSync(join(folder, "rsyslog.conf"), configurationOf(folder, ports, options.readsDeviceFormat));
  const child = spawn("rsyslogd", ["-n", "-C", "-f", join(folder, "rsyslog.conf"), "-i", join(folder, "pid")], {
    stdio: ["ignore", "ignore", "ignore"],
  });
  await Promise.all([untilConnected(tcpPort, child), untilConnected(tlsPort, child)]);
  return {
    ...ports,
    received: (accepts) => received(file, accepts),
    async stop() {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configurationOf(folder: string, ports: Pick<Rsyslog, "udpPort" | "tcpPort" | "tlsPort">, isDevice: boolean) {
  const parser = isDevice ? 'parser(name="device" type="pmciscoios" present.origin="on")\n' : "";
  const rules = isDevice ? 'parser="device" ' : "";
  const properties = Object.entries(fields).map(
    ([name, property]) => `property(name="${property}" outname="${name}" format="jsonf")`,
  );
  return `global(workDirectory="${folder}" defaultNetstreamDriverCAFile="${folder}/authority"
  defaultNetstreamDriverCertFile="${folder}/certificate" defaultNetstreamDriverKeyFile="${folder}/key")
module(load="imudp")
module(load="imptcp")
module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon")
${isDevice ? 'module(load="pmciscoios")\n' : ""}${parser}template(name="fields" type="list") {
  constant(value="{")
  ${properties.join('\n  constant(value=",")\n  ')}
  constant(value="}\\n")
}
ruleset(name="all" ${rules}) { action(type="omfile" file="${folder}/received.jsonl" template="fields") }
input(type="imudp" address="127.0.0.1" port="${ports.udpPort}" ruleset="all" name="udp")
input(type="imptcp" address="127.0.0.1" port="${ports.tcpPort}" ruleset="all" name="tcp")
input(type="imtcp" address="127.0.0.1" port="${ports.tlsPort}" ruleset="all" name="tls")
`;
}

async function received(file: string, accepts: (message: ReceivedMessage) => boolean): Promise<ReceivedMessage> {
  const watcher = watch(file);
  try {
    for (;;) {
      const changed = once(watcher, "change", { signal: AbortSignal.timeout(receiveMsMax) });
      const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
      const found = lines.map((line) => JSON.parse(line) as ReceivedMessage).find(accepts);
      if (found !== undefined) {
        changed.catch(() => {});
        return found;
      }
      await changed;
    }
  } finally {
    watcher.close();
  }
}

async function freeTcpPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  return port;
}

/** Asks until somebody listens, or the process has ended. */
async function untilConnected(port: number, child: { readonly exitCode: number | null }): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`rsyslogd ended with exit code ${child.exitCode}`);
    const socket = connect(port, "127.0.0.1");
    const outcome = await Promise.race([
      once(socket, "connect").then(() => "open"),
      once(socket, "error").then(() => "closed"),
    ]).catch(() => "closed");
    socket.destroy();
    if (outcome === "open") return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
