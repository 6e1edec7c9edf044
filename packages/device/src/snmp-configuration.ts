// What is configured about SNMP: where the device answers, whom, and who is told of changes. There is no default community
// and no default user; nothing can be written by SNMP.

import * as v from "valibot";

export const communitiesMax = 8;
export const groupsMax = 8;
export const snmpUsersMax = 16;
export const snmpHostsMax = 8;
/** Of a passphrase, after RFC 3414 section 11.2. */
export const passphraseCharactersMin = 8;

const name = v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,32}$/));
const port = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(65_535));
const displayText = v.nullable(v.pipe(v.string(), v.maxLength(255)));

const snmpHostSchema = v.strictObject({
  host: v.pipe(v.string(), v.minLength(1), v.maxLength(253)),
  port,
  /** Informs are repeated until they are acknowledged. Version 3 has informs only (docs/decisions/0048). */
  kind: v.picklist(["traps", "informs"]),
  version: v.picklist(["2c", "3"]),
  /** A community, or the user with version 3. */
  securityName: name,
});

export type SnmpHost = v.InferOutput<typeof snmpHostSchema>;

export const snmpSchema = v.strictObject({
  /** Port 0 is a free one. */
  listen: v.strictObject({ address: v.string(), port }),
  communities: v.pipe(v.array(name), v.maxLength(communitiesMax)),
  groups: v.pipe(v.array(name), v.maxLength(groupsMax)),
  hosts: v.pipe(v.array(snmpHostSchema), v.maxLength(snmpHostsMax)),
  notifies: v.boolean(),
  contact: displayText,
  location: displayText,
  /** Interface that notifications leave from. */
  sourceInterface: v.optional(v.nullable(v.string()), null),
});

export type SnmpConfiguration = v.InferOutput<typeof snmpSchema>;

export const defaultSnmp: SnmpConfiguration = {
  listen: { address: "127.0.0.1", port: 161 },
  communities: [],
  groups: [],
  hosts: [],
  notifies: false,
  contact: null,
  location: null,
  sourceInterface: null,
};

export const authProtocols = ["sha", "sha256"] as const;
export type AuthProtocol = (typeof authProtocols)[number];

/** Users are no part of the configuration that is shown: their passphrases stay on the device. */
export const snmpUserSchema = v.strictObject({
  name,
  group: name,
  authProtocol: v.picklist(authProtocols),
  authPassphrase: v.string(),
  privPassphrase: v.string(),
});

export type SnmpUser = v.InferOutput<typeof snmpUserSchema>;

/** Of this device for ever (RFC 3411 section 5); the number of starts lets receivers tell old messages (RFC 3414). */
export const snmpEngineSchema = v.strictObject({ idHex: v.string(), boots: v.pipe(v.number(), v.safeInteger()) });

export function isSameHost(one: SnmpHost, other: SnmpHost): boolean {
  return one.host === other.host && one.port === other.port && one.securityName === other.securityName;
}

/** True when there is somebody to answer. */
export function answersSomebody({ communities, groups }: SnmpConfiguration, users: readonly SnmpUser[]): boolean {
  return communities.length > 0 || users.some((user) => groups.includes(user.group));
}

/** The commands that make it, without what is at its default. */
export function snmpLines(snmp: SnmpConfiguration): readonly string[] {
  const { listen, communities, groups, hosts, notifies, contact, location, sourceInterface } = snmp;
  const { address, port: listenPort } = defaultSnmp.listen;
  const isElsewhere = listen.address !== address || listen.port !== listenPort;
  return [
    ...groups.map((group) => `snmp-server group ${group} v3 priv`),
    ...communities.map((community) => `snmp-server community ${community} ro`),
    ...(isElsewhere ? [`snmp-server listen ${listen.address} port ${listen.port}`] : []),
    ...(sourceInterface === null ? [] : [`snmp-server trap-source ${sourceInterface}`]),
    ...(location === null ? [] : [`snmp-server location ${location}`]),
    ...(contact === null ? [] : [`snmp-server contact ${contact}`]),
    ...(notifies ? ["snmp-server enable traps license"] : []),
    ...hosts.map(hostLine),
  ];
}

function hostLine({ host, kind, version, securityName, port: hostPort }: SnmpHost): string {
  const level = version === "3" ? "3 priv" : version;
  const rest = hostPort === 162 ? "" : ` udp-port ${hostPort}`;
  return `snmp-server host ${host} ${kind} version ${level} ${securityName}${rest}`;
}
