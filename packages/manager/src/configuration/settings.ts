// Every setting of a manager: its schema, default, unit and meaning in one place. The reference page is made from this.

import * as v from "valibot";
import { purgeAgeDaysMax, purgeAgeDaysMin } from "../usage/retention.ts";

export type SettingDescription = {
  readonly schema: v.GenericSchema;
  readonly default: unknown;
  /** What a number counts; "" for what is not a quantity. */
  readonly unit: string;
  readonly sentence: string;
};

const whole = (min: number, max: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(min), v.maxValue(max));
const nonEmpty = v.pipe(v.string(), v.nonEmpty());
const hostName = v.pipe(
  v.string(),
  v.regex(/^([A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*|[0-9a-fA-F:.]+)$/, "is neither a host name nor an address"),
);

function isEmptyOrWebAddress(text: string): boolean {
  return text === "" || (/^https?:\/\/[\x21-\x7e]+$/.test(text) && URL.canParse(text));
}

const urlProblem = "is not postgres://user@host:port/name without a password";

/** A password in a setting would be seen in process lists and configuration prints. */
function isEmptyOrPostgresql(text: string): boolean {
  if (text === "") return true;
  if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text)) return false;
  const { password, searchParams } = new URL(text);
  return password === "" && !searchParams.has("password");
}

const purgeProblem = `is neither 0 nor a whole number from ${purgeAgeDaysMin} to ${purgeAgeDaysMax}`;

function isPurgeAge(days: number): boolean {
  return days === 0 || (Number.isSafeInteger(days) && days >= purgeAgeDaysMin && days <= purgeAgeDaysMax);
}

export const settings = {
  dataDirectory: {
    schema: nonEmpty,
    default: "countersign-manager",
    unit: "path",
    sentence: "Folder with the database, the certificates and their private keys; only its owner may read it.",
  },
  database: {
    schema: v.pipe(v.string(), v.check(isEmptyOrPostgresql, urlProblem)),
    default: "",
    unit: "URL",
    sentence:
      "A PostgreSQL database, `postgres://user@host:port/name`, that several managers may share; empty for SQLite in the data directory. A password comes from the file that PGPASSFILE names, or with the URL from databaseUrlFile, never from here.",
  },
  databaseUrlFile: {
    schema: v.string(),
    default: "",
    unit: "path",
    sentence: "File with the URL of the PostgreSQL database, for one that carries a password; closed to other users.",
  },
  databaseConnectionsMax: {
    schema: whole(2, 1000),
    default: 10,
    unit: "connections",
    sentence: "Connections of this manager to PostgreSQL; half of them write.",
  },
  databaseWaitSeconds: {
    schema: whole(0, 300),
    default: 30,
    unit: "seconds",
    sentence:
      "How long a request waits for a PostgreSQL that is away, such as during a failover, before it is answered to come again.",
  },
  databaseStandby: {
    schema: v.picklist(["optional", "required"]),
    default: "optional",
    unit: "",
    sentence:
      "With `required`, a PostgreSQL that names no synchronous standby (`synchronous_standby_names` is empty) counts as away: nothing is acknowledged that only one machine has.",
  },
  host: {
    schema: hostName,
    default: "127.0.0.1",
    unit: "",
    sentence: "Address to listen on; 0.0.0.0 or :: listens on all of them.",
  },
  port: {
    schema: whole(0, 65_535),
    default: 8443,
    unit: "TCP port",
    sentence: "Port to listen on; 0 takes a free one.",
  },
  serverNames: {
    schema: v.pipe(v.array(hostName), v.maxLength(50)),
    default: [],
    unit: "",
    sentence:
      "Host names and addresses, besides localhost and this machine's name, under which devices reach the manager.",
  },
  revocationListUrl: {
    schema: v.pipe(v.string(), v.maxLength(1000), v.check(isEmptyOrWebAddress, "is no http or https URL")),
    default: "",
    unit: "URL",
    sentence:
      "Where devices find the list of revoked certificates that this manager serves at `/pki/issuing-ca.crl`: written into its HTTPS certificate, which is renewed when this changes; empty names none.",
  },
  clientCertificates: {
    schema: v.picklist(["off", "request", "require"]),
    default: "request",
    unit: "",
    sentence:
      "Whether devices are asked for a certificate in the TLS handshake. With request one that has expired is refused and none is accepted; with require none is refused too; off asks nobody. Use off behind a load balancer that ends TLS, whose own certificate would be the one that is judged.",
  },
  acknowledgeMode: {
    schema: v.picklist(["inline", "poll"]),
    default: "inline",
    unit: "",
    sentence:
      "Whether a usage report is answered with its acknowledgement at once, or with a poll id as the field's servers do.",
  },
  pollIntervalSeconds: {
    schema: whole(1, 86_400),
    default: 300,
    unit: "seconds",
    sentence: "What a device is told to wait before it polls for an acknowledgement.",
  },
  connectionsMax: {
    schema: whole(1, 1_000_000),
    default: 20_000,
    unit: "connections",
    sentence: "Connections that are open at one time; further ones are closed at once.",
  },
  requestsInFlightMax: {
    schema: whole(1, 100_000),
    default: 1024,
    unit: "requests",
    sentence: "Device requests worked on at one time; more are asked to come again later.",
  },
  requestMebibytesInFlightMax: {
    schema: whole(1, 65_536),
    default: 32,
    unit: "MiB",
    sentence:
      "Device requests worked on at one time, by the size of their messages; more are asked to come again later. The process takes about ten times as much for them.",
  },
  requestMebibytesReceivedMax: {
    schema: whole(4, 1_048_576),
    default: 256,
    unit: "MiB",
    sentence:
      "Device requests that have arrived, whole or in part, and were not answered yet, over all connections; a body that brings more is answered 503 and its connection closed.",
  },
  retryWhenBusySeconds: {
    schema: whole(1, 86_400),
    default: 30,
    unit: "seconds",
    sentence:
      "Shortest wait that a device is asked for while the manager is busy; each is given up to twice as long, so that not all return at once.",
  },
  waitingReportsMax: {
    schema: whole(1, 10_000_000),
    default: 20_000,
    unit: "reports",
    sentence: "Reports that wait for a transaction before further ones are asked to come again later.",
  },
  reportsPerCommitMax: {
    schema: whole(1, 1_000_000),
    default: 1000,
    unit: "reports",
    sentence: "Reports that share one transaction at most.",
  },
  usageThread: {
    schema: v.picklist(["auto", "on", "off"]),
    default: "auto",
    unit: "",
    sentence:
      "Whether usage reports are verified, written and acknowledged on a thread of their own; auto does so where there is more than one processor.",
  },
  relaysVouch: {
    schema: v.picklist(["on", "off"]),
    default: "on",
    unit: "",
    sentence:
      "Whether devices behind a relay come into its virtual account without a token; on premises the account says so itself (`premises admit`).",
  },
  renewCertificateBeforeDays: {
    schema: whole(1, 2900),
    default: 365,
    unit: "days",
    sentence: "A device that runs a trust sync gets a new ID certificate when its present one ends within this time.",
  },
  purgeReportBodiesAfterDays: {
    schema: v.pipe(v.number(), v.check(isPurgeAge, purgeProblem)),
    default: 0,
    unit: "days",
    sentence: `Bodies of reports that were received longer ago are purged, daily; hashes, ledger and acknowledgements stay. 0 keeps them for ever; else ${purgeAgeDaysMin} or more, because for so long a device may ask again.`,
  },
  requestTimeoutSeconds: {
    schema: whole(1, 3600),
    default: 30,
    unit: "seconds",
    sentence: "Longest time for a client to send one whole request.",
  },
  keepAliveSeconds: {
    schema: whole(1, 3600),
    default: 75,
    unit: "seconds",
    sentence: "How long an idle connection is kept for the next request.",
  },
  stopTimeoutSeconds: {
    schema: whole(1, 3600),
    default: 20,
    unit: "seconds",
    sentence: "Longest wait for requests in progress when the manager stops.",
  },
  bearerFailuresPerMinuteMax: {
    schema: whole(1, 10_000),
    default: 10,
    unit: "attempts per minute",
    sentence: "Wrong operator tokens taken from one address before its further attempts are refused unread.",
  },
  diskFreeMebibytesMin: {
    schema: whole(0, 1_048_576),
    default: 256,
    unit: "MiB",
    sentence: "Free space in the data directory below which the manager calls itself unhealthy.",
  },
  logLevel: {
    schema: v.picklist(["error", "warn", "info", "debug", "silent"]),
    default: "info",
    unit: "",
    sentence: "Least severe kind of log line that is written.",
  },
} as const satisfies Record<string, SettingDescription>;

export type SettingName = keyof typeof settings;
export const settingNames = Object.keys(settings) as readonly SettingName[];

/** All settings with their values, as a program is given them. */
export type Configuration = { readonly [K in SettingName]: v.InferOutput<(typeof settings)[K]["schema"]> };

/** `COUNTERSIGN_MANAGER_DATA_DIRECTORY` for `dataDirectory`. */
export function environmentNameOf(name: SettingName): string {
  return `${environmentPrefix}${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}
export const environmentPrefix = "COUNTERSIGN_MANAGER_";

/** `data-directory` for `dataDirectory`. */
export function flagNameOf(name: SettingName): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
