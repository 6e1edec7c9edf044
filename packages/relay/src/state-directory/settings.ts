// Settings of a relay: one file in its state directory, written by `init` and `configure`. No secret stands in it: what is one is
// named by the path of its file.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomically } from "@countersign/terminal";
import * as v from "valibot";
import { RelayError } from "../relay-error.ts";
import { isMissing } from "./missing-file.ts";

const whole = (min: number, max: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(min), v.maxValue(max));
const path = v.pipe(v.string(), v.maxLength(4096));
const host = v.pipe(
  v.string(),
  v.regex(/^([A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*|[0-9a-fA-F:.]+)$/, "is neither a host name nor an address"),
);
const isManagerUrl = (text: string) =>
  URL.canParse(text) && new URL(text).protocol === "https:" && new URL(text).pathname === "/";

export const relaySettings = {
  managerUrl: {
    schema: v.pipe(v.string(), v.check(isManagerUrl, "is no URL of the form https://host[:port]")),
    default: undefined,
    unit: "URL",
    sentence: "The manager, without a path.",
  },
  host: {
    schema: host,
    default: "127.0.0.1",
    unit: "",
    sentence: "Address to listen on; 0.0.0.0 or :: listens on all of them.",
  },
  port: {
    schema: whole(0, 65_535),
    default: 8182,
    unit: "TCP port",
    sentence: "Port to listen on; 0 takes a free one.",
  },
  tlsCertificateFile: {
    schema: path,
    default: "",
    unit: "path",
    sentence: "PEM with the certificate of the HTTPS server and those that lead to its root.",
  },
  tlsKeyFile: { schema: path, default: "", unit: "path", sentence: "PEM with its private key." },
  plainHttp: {
    schema: v.boolean(),
    default: false,
    unit: "",
    sentence:
      "True: devices are served over plain HTTP, as the field's are configured, and ID tokens are readable on the way.",
  },
  proxyAddress: {
    schema: v.union([v.literal(""), host]),
    default: "",
    unit: "",
    sentence: "HTTP proxy towards the manager; empty for none.",
  },
  proxyPort: { schema: whole(1, 65_535), default: 3128, unit: "TCP port", sentence: "Its port." },
  proxyUser: {
    schema: v.pipe(v.string(), v.maxLength(256)),
    default: "",
    unit: "",
    sentence: "User at the proxy; empty for one that asks nobody.",
  },
  proxyPasswordFile: {
    schema: path,
    default: "",
    unit: "path",
    sentence: "File with the user's password at the proxy.",
  },
  connected: {
    schema: v.boolean(),
    default: true,
    unit: "",
    sentence: "False: the manager is not available over the network, and bundles are carried by hand.",
  },
  answerWithinSeconds: {
    schema: whole(0, 60),
    default: 8,
    unit: "seconds",
    sentence:
      "How long a device is kept waiting for the manager's own answer before it is told to poll; the field's devices give up after about twenty.",
  },
  pollIntervalSeconds: {
    schema: whole(1, 86_400),
    default: 300,
    unit: "seconds",
    sentence: "What a device is told to wait before it polls.",
  },
  collectEveryHours: {
    schema: whole(0, 8760),
    default: 24,
    unit: "hours",
    sentence: "How often usage is collected from the devices of the list; 0 only on demand.",
  },
  keepDays: {
    schema: whole(7, 3650),
    default: 30,
    unit: "days",
    sentence: "How long a result is kept for the device that may ask for it.",
  },
  storeMebibytesMax: {
    schema: whole(1, 1_048_576),
    default: 1024,
    unit: "MiB",
    sentence: "Messages that wait at one time; what comes beyond is put off, and stays on its device.",
  },
  requestMebibytesReceivedMax: {
    schema: whole(4, 1_048_576),
    default: 64,
    unit: "MiB",
    sentence:
      "Requests of devices that have arrived, whole or in part, and were not answered yet, over all connections; a body that brings more is answered 503 and its connection closed.",
  },
  connectionsMax: {
    schema: whole(1, 1_000_000),
    default: 4096,
    unit: "connections",
    sentence: "Connections of devices that are open at one time; further ones are closed at once.",
  },
  logLevel: {
    schema: v.picklist(["error", "warn", "info", "debug", "silent"]),
    default: "info",
    unit: "",
    sentence: "Which lines are logged.",
  },
} as const;

const entries = Object.fromEntries(Object.entries(relaySettings).map(([name, { schema }]) => [name, schema]));
const settingsSchema = v.strictObject(
  entries as { [Name in keyof typeof relaySettings]: (typeof relaySettings)[Name]["schema"] },
);
export type RelaySettings = v.InferOutput<typeof settingsSchema>;
export type SettingName = keyof RelaySettings;

const fileName = "settings.json";

/** Throws `relay_setting_invalid` with every wrong one. */
export function checkSettings(given: Readonly<Record<string, unknown>>): RelaySettings {
  const defaults = Object.entries(relaySettings).flatMap(([name, setting]) =>
    setting.default === undefined ? [] : [[name, setting.default]],
  );
  const result = v.safeParse(settingsSchema, { ...Object.fromEntries(defaults), ...given });
  if (!result.success) {
    const problems = result.issues.map((issue) => `${v.getDotPath(issue) ?? "settings"}: ${issue.message}`);
    throw new RelayError("relay_setting_invalid", problems.join("; "));
  }
  const settings = result.output;
  const hasTls = settings.tlsCertificateFile !== "" && settings.tlsKeyFile !== "";
  if (hasTls === settings.plainHttp)
    throw new RelayError(
      "relay_setting_invalid",
      "Either a certificate and key for HTTPS are named, or plainHttp is true: one of the two, and not both.",
    );
  return settings;
}

export function readSettings(directory: string): RelaySettings {
  let text: string;
  try {
    text = readFileSync(join(directory, fileName), "utf8");
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    throw new RelayError("relay_not_initialised", directory, { cause });
  }
  try {
    return checkSettings(JSON.parse(text) as Record<string, unknown>);
  } catch (cause) {
    if (cause instanceof RelayError) throw cause;
    throw new RelayError("relay_state_damaged", fileName, { cause });
  }
}

export function writeSettings(directory: string, settings: RelaySettings): Promise<void> {
  return writeFileAtomically(join(directory, fileName), `${JSON.stringify(settings, null, 2)}\n`);
}
