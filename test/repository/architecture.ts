// The architecture as data: which package may import which, how a program is layered, which folders are pure. Whoever
// adds a package, an adapter or a pure folder adds it here; the rules beside this file read nothing else.

/** Packages a package's own code may import; its tests may import `simulation` as well. Nobody imports lab or cli. */
export const packageDirections: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  terminal: [],
  simulation: ["protocol"],
  agent: ["protocol"],
  device: ["protocol", "terminal", "agent"],
  relay: ["protocol", "terminal"],
  manager: ["protocol", "terminal"],
  doctor: ["protocol", "terminal"],
  portal: [],
  lab: ["protocol", "terminal", "agent", "device", "relay", "manager", "simulation"],
  cli: ["protocol", "terminal", "agent", "device", "relay", "manager", "doctor", "lab"],
};

/** Packages that tests everywhere may import although the code they test may not. */
export const packagesForTests: readonly string[] = ["simulation"];

/** Workspaces outside packages/ and what they may import. */
export const otherDirections: Readonly<Record<string, readonly string[]>> = {
  examples: ["protocol", "agent"],
  spec: ["protocol"],
  scripts: [],
  bench: ["protocol", "terminal", "agent", "device", "relay", "manager", "simulation", "lab"],
  test: Object.keys(packageDirections),
};

/**
 * Code that is not shipped: tests, what only tests use, and generators of reference pages. It may import what shipped
 * code may not, and shipped code must not import it.
 */
export const unshippedPattern = /(\.test|\.test-support|\.docs)\.ts$|\/test-support\//;

/**
 * The two lower floors of a program. A part is a folder or file of the package's src, without `.ts`. Every part that is
 * not named here is an adapter; above the adapters stand, in every program, program.ts, then index.ts and commands/,
 * then main.ts. A file may import its own part and parts of lower floors; adapters are strangers to each other.
 */
export interface LowerFloors {
  readonly domain: readonly string[];
  readonly useCases: readonly string[];
}

export const lowerFloors: Readonly<Record<string, LowerFloors>> = {
  agent: {
    domain: ["agent-error", "lifecycle"],
    useCases: ["ports", "serial-queue"],
  },
  device: {
    domain: ["license-view", "platform", "render"],
    useCases: [],
  },
  manager: {
    domain: ["errors", "accounts", "trust", "usage", "ledger", "policies", "events"],
    useCases: ["ports", "storage-ports", "use-cases", "logging", "metrics"],
  },
};

/** Folders without clock, randomness, input or output, timers and process. */
export const pureFolders: readonly string[] = [
  "packages/protocol/src",
  "packages/agent/src/lifecycle",
  "packages/device/src/platform",
  "packages/device/src/render",
  "packages/manager/src/accounts",
  "packages/manager/src/trust",
  "packages/manager/src/usage",
  "packages/manager/src/ledger",
  "packages/manager/src/policies",
];
