// The architecture as data: which package may import which, how a program is layered, which folders are pure. Whoever
// adds a package, an adapter or a pure folder adds it here; the rules beside this file read nothing else.

/** Packages a package's own code may import; its tests may import `simulation` as well. Nobody imports lab or cli. */
export const packageDirections: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  terminal: [],
  simulation: ["protocol"],
  agent: ["protocol"],
  device: ["protocol", "terminal", "agent"],
  relay: ["protocol", "terminal", "agent"],
  manager: ["protocol", "terminal"],
  doctor: ["protocol", "terminal"],
  portal: [],
  lab: ["protocol", "terminal", "agent", "device", "relay", "manager", "simulation", "example-embedded-product"],
  cli: ["protocol", "terminal", "agent", "device", "relay", "manager", "doctor", "lab"],
};

/** Packages that tests everywhere may import although the code they test may not. */
export const packagesForTests: readonly string[] = ["simulation"];

/** Workspaces outside packages/ and what they may import. */
export const otherDirections: Readonly<Record<string, readonly string[]>> = {
  examples: ["protocol", "agent"],
  spec: ["protocol"],
  scripts: [],
  bench: ["protocol", "terminal", "agent", "device", "relay", "manager", "simulation", "lab", "cli"],
  test: Object.keys(packageDirections),
};

/**
 * Code that is not shipped: tests, what only tests use, and generators of reference pages. It may import what shipped
 * code may not, and shipped code must not import it.
 */
export const unshippedPattern = /(\.test|\.test-support|\.docs)\.ts$|\/(test-support|testing)\//;

/**
 * The floors of a program. A part is a folder or file of the package's src, without `.ts`; one that is not named here is
 * an adapter. Lowest first: domain, use cases, adapters, program (program.ts and what is named here), then index.ts and
 * commands, then main.ts. A file may import its own part and parts of lower floors; adapters are strangers to each other.
 */
export interface Floors {
  readonly domain: readonly string[];
  readonly useCases: readonly string[];
  readonly program: readonly string[];
}

export const floorsOfPrograms: Readonly<Record<string, Floors>> = {
  agent: {
    domain: ["agent-error", "agent-version", "lifecycle", "trace", "transport-failure"],
    useCases: [
      "ports",
      "as-held-now",
      "clock-watch",
      "exchange",
      "import-file",
      "report-draft",
      "runtime",
      "save-authorization-request",
      "save-trust-request",
      "save-usage",
      "serial-queue",
      "start-state",
    ],
    program: ["agent", "agent-options", "create-agent", "queries", "stored-agent"],
  },
  device: {
    domain: [
      "call-home-configuration",
      "capture",
      "clock-configuration",
      "clock-view",
      "debug",
      "device-configuration",
      "device-control",
      "device-description",
      "device-error",
      "file-view",
      "http-configuration",
      "license-view",
      "network-change",
      "network-settings",
      "network-view",
      "pki",
      "log-buffer",
      "logging-configuration",
      "outward-view",
      "platform",
      "render",
      "snmp-configuration",
      "syslog-line",
      "wrong-attempts",
    ],
    useCases: [],
    program: [],
  },
  doctor: {
    domain: ["certificate", "diagnosis", "reading", "capturing"],
    useCases: [],
    program: [],
  },
  manager: {
    domain: [
      "errors",
      "backup-error",
      "accounts",
      "alerts",
      "audit",
      "authorizations",
      "conversions",
      "licenses",
      "trust",
      "usage",
      "ledger",
      "policies",
      "premises",
      "events",
    ],
    useCases: ["ports", "manager-options", "storage-ports", "use-cases", "group-commit", "logging", "metrics"],
    program: [],
  },
  relay: {
    domain: ["relay-error", "holding", "devices", "renewal"],
    useCases: ["ports", "use-cases", "logging", "metrics"],
    program: [],
  },
};

/** Folders without clock, randomness, input or output, timers and process. */
export const pureFolders: readonly string[] = [
  "packages/protocol/src",
  "packages/agent/src/lifecycle",
  "packages/device/src/console/session",
  "packages/device/src/platform",
  "packages/device/src/render",
  "packages/doctor/src/diagnosis",
  "packages/doctor/src/reading",
  "packages/doctor/src/capturing",
  "packages/doctor/src/certificate",
  "packages/manager/src/accounts",
  "packages/manager/src/alerts",
  "packages/manager/src/audit",
  "packages/manager/src/trust",
  "packages/manager/src/usage",
  "packages/manager/src/ledger",
  "packages/manager/src/authorizations",
  "packages/manager/src/conversions",
  "packages/manager/src/licenses",
  "packages/manager/src/policies",
  "packages/relay/src/devices",
  "packages/relay/src/holding",
  "packages/relay/src/renewal",
  "packages/manager/src/premises",
];
