// show snmp, show snmp user, show snmp host.

import type { SnmpView } from "../outward-view.ts";
import { oneLine } from "./show-text.ts";

export function renderSnmp({ configuration, listening, failure, engineIdHex, counters, users }: SnmpView): string {
  const { communities, groups, hosts, notifies, contact, location } = configuration;
  const where = listening === null ? "no" : `${listening.address} port ${listening.port}`;
  return [
    `Contact: ${oneLine(contact ?? "")}`,
    `Location: ${oneLine(location ?? "")}`,
    `Listening: ${where}${failure === null ? "" : ` (${oneLine(failure)})`}`,
    `Engine ID: ${engineIdHex ?? "none"}`,
    `Communities: ${communities.length}, groups: ${groups.length}, users: ${users.length}, access: read only`,
    `${counters.requests} SNMP packets input, ${counters.refusedRequests} refused`,
    `${counters.answers} SNMP packets output`,
    `SNMP notifications: ${notifies ? "enabled" : "disabled"}, ${hosts.length} hosts`,
    `    ${counters.notificationsSent} sent, ${counters.notificationsFailed} not delivered`,
  ].join("\n");
}

export function renderSnmpUsers({ users, engineIdHex }: SnmpView): string {
  return users
    .map((user) =>
      [
        `User name: ${oneLine(user.name)}`,
        `Engine ID: ${engineIdHex ?? "none"}`,
        `Authentication Protocol: ${user.authProtocol.toUpperCase()}`,
        "Privacy Protocol: AES128",
        `Group-name: ${oneLine(user.group)}`,
      ].join("\n"),
    )
    .join("\n\n");
}

export function renderSnmpHosts({ configuration }: SnmpView): string {
  return configuration.hosts
    .map(({ host, port, kind, version, securityName }) =>
      [
        `Notification host: ${oneLine(host)} udp-port: ${port}   type: ${kind === "traps" ? "trap" : "inform"}`,
        `${version === "3" ? "user" : "community"}: ${oneLine(securityName)}  security model: v${version}`,
      ].join("\n"),
    )
    .join("\n\n");
}
