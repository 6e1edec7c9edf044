// The one command: every program's commands below one name.

import type { Command } from "@countersign/terminal";

export const root: Command = {
  name: "countersign",
  summary: "Open, self-hosted licensing: product instances sign what they use, a manager countersigns it.",
  subcommands: [
    {
      name: "manager",
      summary: "Run and administer a licence manager",
      load: async () => (await import("@countersign/manager/commands")).commands,
    },
    {
      name: "relay",
      summary: "Run a relay between devices and a manager, and carry bundles",
      load: async () => (await import("@countersign/relay/commands")).commands,
    },
    {
      name: "device",
      summary: "Run a product instance and talk to its console",
      load: async () => (await import("@countersign/device/commands")).commands,
    },
    {
      name: "doctor",
      summary: "Say why licensing does not work and what to do: show output, live probes, packet captures",
      load: async () => (await import("@countersign/doctor/commands")).commands,
    },
    {
      name: "prove",
      summary: "Write one file that proves an accepted usage report to anybody",
      loadSelf: async () => (await import("@countersign/manager/commands")).prove,
    },
    {
      name: "inspect",
      summary: "Say what a file is, whose it is, and what of it is proved",
      loadSelf: async () => (await import("./commands/inspect.ts")).inspect,
    },
    {
      name: "lab",
      summary: "Run a manager and a small fleet on this machine",
      load: async () => (await import("@countersign/lab/commands")).commands,
    },
    {
      name: "version",
      summary: "Say which version this is, and what it runs on",
      loadSelf: async () => (await import("./commands/version.ts")).version,
    },
  ],
};
