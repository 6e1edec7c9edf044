// Sends notifications to the configured hosts: traps once, informs until they are acknowledged or given up.

import { isIP } from "node:net";
import snmp from "net-snmp";
import type { SnmpHost, SnmpUser } from "../snmp-configuration.ts";
import { libraryUser } from "./answering.ts";
import type { SnmpSyntax } from "./license-mib.ts";
import type { Notification } from "./notifications.ts";

/** Informs that may wait for their acknowledgement, for each host. */
export const informsMax = 64;
const informRetries = 3;
const informTimeoutMs = 5000;

type Session = ReturnType<typeof snmp.createSession>;

const syntaxes: Readonly<Record<SnmpSyntax, number>> = {
  integer: snmp.ObjectType.Integer,
  text: snmp.ObjectType.OctetString,
  date: snmp.ObjectType.OctetString,
  gauge: snmp.ObjectType.Gauge,
  counter: snmp.ObjectType.Counter,
};

export type NotifierParts = {
  readonly host: SnmpHost;
  readonly users: readonly SnmpUser[];
  readonly upTimeCentiseconds: () => number;
  readonly counters: { notificationsSent: number; notificationsFailed: number };
};

export class Notifier {
  readonly #parts: NotifierParts;
  readonly #session: Session | null;
  #waiting = 0;

  constructor(parts: NotifierParts) {
    this.#parts = parts;
    this.#session = openSession(parts);
    (this.#session as unknown as { on(event: "error", listener: () => void): void } | null)?.on("error", () => {});
  }

  send({ oid, bindings }: Notification): void {
    const { host, counters, upTimeCentiseconds } = this.#parts;
    if (this.#session === null || this.#waiting >= informsMax) {
      counters.notificationsFailed += 1;
      return;
    }
    this.#waiting += 1;
    const values = bindings.map((one) => ({ oid: one.oid, type: syntaxes[one.syntax], value: one.value }));
    const options = { upTime: upTimeCentiseconds() };
    const ended = (error: unknown) => {
      this.#waiting -= 1;
      if (error === null || error === undefined) counters.notificationsSent += 1;
      else counters.notificationsFailed += 1;
    };
    if (host.kind === "traps") this.#session.trap(oid, values, options, ended);
    else this.#session.inform(oid, values, options, ended);
  }

  close(): void {
    this.#session?.close();
  }
}

/** Null for a user that does not exist. */
function openSession({ host, users }: NotifierParts): Session | null {
  const options = {
    port: host.port,
    trapPort: host.port,
    retries: informRetries,
    timeout: informTimeoutMs,
    transport: isIP(host.host) === 6 ? "udp6" : "udp4",
  } as const;
  if (host.version === "2c")
    return snmp.createSession(host.host, host.securityName, { ...options, version: snmp.Version2c });
  const user = users.find((one) => one.name === host.securityName);
  return user === undefined
    ? null
    : snmp.createV3Session(host.host, libraryUser(user), { ...options, version: snmp.Version3 });
}
