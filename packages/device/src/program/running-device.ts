// A running device as the lab, the command line and the control socket see it.

import type { Udi } from "@countersign/protocol";
import { privilegeOfEnable } from "../console/command-node.ts";
import { consoleTree } from "../console/console-tree.ts";
import { executeInSession, executeOneLine } from "../console/one-line.ts";
import { type ControlSocket, openControlSocket } from "../control/control-socket.ts";
import type { ControlOutcome, InstallationChange } from "../device-control.ts";
import { levelOfFeatures } from "../platform/license-level.ts";
import type { SshDevice, SshOptions, SshServer } from "../ssh/ssh-server.ts";
import { applyAccessPoints, changeInstallation } from "./change-installation.ts";
import { createConsoleControl } from "./console-control.ts";
import type { DeviceCore } from "./device-core.ts";
import type { Device, ExecutedLine } from "./device-options.ts";
import { HttpHost } from "./http-host.ts";
import { loginLine } from "./login-line.ts";
import { readerNow } from "./reader-now.ts";
import { reloadDevice } from "./reload-device.ts";
import { type HostedSession, hostSession, type SessionTerminal } from "./session-host.ts";
import { type SessionLine, SessionLines } from "./session-lines.ts";

/** Of a command that was sent without a terminal. */
const exitCodeOf = { done: 0, mistake: 2, refused: 3, failed: 1 } as const;

export class RunningDevice implements Device {
  readonly #core: DeviceCore;
  readonly #flashDirectory: string | null;
  readonly #lines = new SessionLines(() => performance.now());
  #control: ControlSocket | null = null;
  #ssh: SshServer | null = null;
  readonly #http: HttpHost;

  constructor(core: DeviceCore, stateDirectory: string | null, flashDirectory: string | null) {
    this.#core = core;
    this.#flashDirectory = flashDirectory;
    this.#http = new HttpHost(core, stateDirectory, createConsoleControl(core, flashDirectory));
    core.attachHttpServer(this.#http);
  }

  get profile() {
    return this.#core.profile;
  }

  get agent() {
    return this.#core.agent;
  }

  get hostname() {
    return this.#core.description.hostname;
  }

  get slots() {
    return this.#core.description.slots;
  }

  get accessPoints() {
    return this.#core.description.accessPoints;
  }

  get controlSocketPath() {
    return this.#control?.path ?? null;
  }

  get ssh() {
    return this.#ssh === null ? null : { host: this.#ssh.host, port: this.#ssh.port };
  }

  get https() {
    return this.#http.listening;
  }

  /** The library is loaded only by devices that have a server. */
  async openSsh(stateDirectory: string, options: SshOptions): Promise<void> {
    const [{ openSshServer }, { hostKey }] = await Promise.all([
      import("../ssh/ssh-server.ts"),
      import("../ssh/host-key.ts"),
    ]);
    const parts = { stateDirectory, hostKey: await hostKey(stateDirectory), device: this.#sshDevice() };
    this.#ssh = await openSshServer(options, parts);
  }

  #sshDevice(): SshDevice {
    return {
      openSession: ({ name, ...terminal }) => this.openSession({ ...terminal, user: name }),
      execute: async (login, line) => {
        const { outcome, output } = await this.executeFor(login, line);
        return { output, exitCode: exitCodeOf[outcome] };
      },
      note: (event, name, address) => this.#core.note(loginLine(event, name, address)),
    };
  }

  async openControl(stateDirectory: string): Promise<void> {
    this.#control = await openControlSocket(stateDirectory, {
      execute: async (line) => {
        const { outcome, output, json } = await this.execute(line);
        return { outcome, text: output, json };
      },
      openSession: (terminal) => this.openSession({ ...terminal, user: "console", privilege: privilegeOfEnable }),
    });
  }

  async execute(line: string): Promise<ExecutedLine> {
    const asked = await this.#asked();
    const { outcome, text, json } = await executeOneLine(line, { ...asked, user: "console" });
    return { outcome, output: text, json };
  }

  /** A session of a person; it lives until its terminal goes, it is closed, or the device reloads. */
  openSession(terminal: SessionTerminal): HostedSession {
    const core = this.#core;
    const line = this.#lines.take(terminal);
    return hostSession(terminal, {
      line,
      tree: consoleTree(core.profile, core.description.softwareVersion),
      hostname: () => core.description.hostname,
      run: async (run) => executeInSession(run, { ...(await this.#asked(line)), user: terminal.user }),
      noteConfigured: () => {
        const text = `Configured from console by ${terminal.user} on ${line.name}`;
        core.note({ facility: "SYS", severity: 5, mnemonic: "CONFIG_I", text });
      },
      onLogLine: (listener) => core.onLogLine(listener),
      onReload: (listener) => core.onReload(listener),
    });
  }

  /** One line of a user who has no terminal. */
  async executeFor(user: { readonly name: string; readonly privilege: number }, line: string): Promise<ExecutedLine> {
    const modes = user.privilege >= privilegeOfEnable ? (["exec"] as const) : (["user"] as const);
    const asked = await this.#asked();
    const { outcome, text, json } = await executeOneLine(line, { ...asked, user: user.name, modes });
    return { outcome, output: text, json };
  }

  /** What a command is answered from, when the changes before it have ended. */
  async #asked(line: SessionLine | null = null) {
    const core = this.#core;
    return {
      reader: await readerNow(core),
      control: createConsoleControl(core, this.#flashDirectory),
      loggedIn: this.#lines.users(line),
      options: { nowMs: core.now(), zone: core.description.zone },
      tree: consoleTree(core.profile, core.description.softwareVersion),
    };
  }

  /** As if it had been configured, saved and booted. */
  configureFeatures(features: readonly string[]): Promise<void> {
    return this.#core.inOrder(async () => {
      const licenseLevel = levelOfFeatures(this.profile, features);
      const { startupConfiguration: startup } = this.#core.description;
      const startupConfiguration = startup && { ...startup, licenseLevel };
      await this.#core.describe({ features: [...features], licenseLevel, startupConfiguration });
      await this.#core.applyUsage({ added: [], removed: [] });
    });
  }

  changeAccessPoints(change: { join?: readonly Udi[]; leave?: readonly Udi[] }): Promise<void> {
    return this.#core.inOrder(async () => {
      await applyAccessPoints(this.#core, change);
    });
  }

  addMember(udi: Udi): Promise<ControlOutcome> {
    return this.#change({ change: "add member", udi });
  }

  removeMember(slot: number): Promise<ControlOutcome> {
    return this.#change({ change: "remove slot", slot });
  }

  switchover(): Promise<ControlOutcome> {
    return this.#change({ change: "switchover" });
  }

  #change(change: InstallationChange): Promise<ControlOutcome> {
    return this.#core.inOrder(() => changeInstallation(this.#core, change));
  }

  reload(): Promise<void> {
    return this.#core.inOrder(() => reloadDevice(this.#core));
  }

  async stop(): Promise<void> {
    await Promise.all([this.#control?.close(), this.#ssh?.close(), this.#http.close()]);
    this.#control = null;
    this.#ssh = null;
    await this.#core.clock.close();
    await this.#core.inOrder(() => this.#core.stop());
    await this.#core.outward.close();
  }
}
