// Sends notifications to the configured hosts: traps once, informs until they are acknowledged or given up.

import { isIP } from "node:net";
import { addressesFrom, type LookupWay } from "@countersign/agent";
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
  /** A text says why there is no way. */
  readonly way: () => LookupWay | string;
};

export class Notifier {
  readonly #parts: NotifierParts;
  #opened: { readonly key: string; readonly session: Session } | null = null;
  #isClosed = false;
  #waiting = 0;

  constructor(parts: NotifierParts) {
    this.#parts = parts;
  }

  send(notification: Notification): void {
    const { counters } = this.#parts;
    if (this.#waiting >= informsMax) {
      counters.notificationsFailed += 1;
      return;
    }
    this.#waiting += 1;
    const ended = (error: unknown) => {
      this.#waiting -= 1;
      if (error === null || error === undefined) counters.notificationsSent += 1;
      else counters.notificationsFailed += 1;
    };
    this.#session().then((session) => this.#sendOn(session, notification, ended), ended);
  }

  close(): void {
    this.#isClosed = true;
    this.#opened?.session.close();
    this.#opened = null;
  }

  #sendOn(session: Session, { oid, bindings }: Notification, ended: (error: unknown) => void): void {
    const { host, upTimeCentiseconds } = this.#parts;
    const values = bindings.map((one) => ({ oid: one.oid, type: syntaxes[one.syntax], value: one.value }));
    const options = { upTime: upTimeCentiseconds() };
    if (host.kind === "traps") session.trap(oid, values, options, ended);
    else session.inform(oid, values, options, ended);
  }

  /** To the address that the host has now, from the interface as it is now. Throws when there is no way. */
  async #session(): Promise<Session> {
    const { host, users, way: wayNow } = this.#parts;
    const way = wayNow();
    if (typeof way === "string") throw new Error(way);
    const [address = host.host] = await addressesFrom(host.host, way);
    if (this.#isClosed) throw new Error("closed");
    const key = `${address} ${way.localAddress}`;
    if (this.#opened?.key === key) return this.#opened.session;
    this.#opened?.session.close();
    const session = openSession(address, way.localAddress, { host, users });
    (session as unknown as { on(event: "error", listener: () => void): void }).on("error", () => {});
    this.#opened = { key, session };
    return session;
  }
}

/** Throws for a user that does not exist. */
function openSession(
  address: string,
  localAddress: string | null,
  { host, users }: Pick<NotifierParts, "host" | "users">,
): Session {
  const options = {
    port: host.port,
    trapPort: host.port,
    retries: informRetries,
    timeout: informTimeoutMs,
    transport: isIP(address) === 6 ? "udp6" : "udp4",
    ...(localAddress === null ? {} : { sourceAddress: localAddress }),
  } as const;
  if (host.version === "2c")
    return snmp.createSession(address, host.securityName, { ...options, version: snmp.Version2c });
  const user = users.find((one) => one.name === host.securityName);
  if (user === undefined) throw new Error(`user ${host.securityName} does not exist`);
  return snmp.createV3Session(address, libraryUser(user), { ...options, version: snmp.Version3 });
}
