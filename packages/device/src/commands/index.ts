// countersign device ...

import type { Command } from "@countersign/terminal";
import { explain, optional, required, stateOption } from "./command-input.ts";
import { console } from "./console-command.ts";
import { platforms } from "./platforms-command.ts";
import { user } from "./user-command.ts";

const exitCodeOf = { done: 0, mistake: 2, refused: 3, failed: 1 } as const;

const exec: Command = {
  name: "exec",
  summary: "Run one console command on a device, running or stopped",
  usage: "--state <folder> '<console command>' [--json]",
  options: stateOption,
  run: async (input) => {
    const state = required(input, "state");
    if (state === null || input.positionals.length === 0) return 2;
    const { executeOnDevice } = await import("../program/execute-on-device.ts");
    try {
      const { outcome, output, json } = await executeOnDevice(state, input.positionals.join(" "));
      if (input.json) input.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
      else if (output !== "") (outcome === "done" ? input.stdout : input.stderr).write(`${output}\n`);
      return exitCodeOf[outcome];
    } catch (error) {
      return explain(error, input);
    }
  },
};

const run: Command = {
  name: "run",
  summary: "Run a device until it is interrupted; its log lines go to standard output",
  usage:
    "--state <folder> [--platform <name>] [--url <address>] [--trust-anchors <file>] [--ssh-port <port>] [--https-port <port>]",
  options: {
    ...stateOption,
    platform: { type: "string", description: "Platform of a new device (see `device platforms`)" },
    hostname: { type: "string", description: "Host name of a new device" },
    "software-version": { type: "string", description: "Software of the device, such as 17.9.4" },
    transport: { type: "string", description: "smart, cslu, callhome, automatic or off" },
    url: { type: "string", description: "Address of the manager or relay" },
    "trust-anchors": { type: "string", description: "PEM file with the licensing roots" },
    "ssh-port": { type: "string", description: "Open an SSH server on this port; 0 for a free one" },
    "https-port": { type: "string", description: "Open the HTTPS server on this port from now on; 0 for a free one" },
    "https-host": { type: "string", description: "Address of the HTTPS server (127.0.0.1 when left out)" },
    "ssh-host": { type: "string", description: "Address of the SSH server (127.0.0.1 when left out)" },
  },
  isDaemon: true,
  run: async (input) => {
    const state = required(input, "state");
    if (state === null) return 2;
    const { runDevice } = await import("../program/run-device.ts");
    try {
      await runDevice({
        state,
        platform: optional(input, "platform"),
        hostname: optional(input, "hostname"),
        softwareVersion: optional(input, "software-version"),
        transport: optional(input, "transport"),
        url: optional(input, "url"),
        trustAnchorsFile: optional(input, "trust-anchors"),
        sshPort: optional(input, "ssh-port"),
        sshHost: optional(input, "ssh-host"),
        httpsPort: optional(input, "https-port"),
        httpsHost: optional(input, "https-host"),
        stdout: input.stdout,
        json: input.json,
        signal: input.signal,
      });
      return 0;
    } catch (error) {
      return explain(error, input);
    }
  },
};

export const commands: readonly Command[] = [console, exec, platforms, run, user];
