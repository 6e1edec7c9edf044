// A running device as the lab, the command line and the control socket see it.

import type { Udi } from "@countersign/protocol";
import { type ControlOutcome, done } from "../console/command-context.ts";
import { consoleTree } from "../console/console-tree.ts";
import { executeLine } from "../console/execute-line.ts";
import { type ControlSocket, openControlSocket } from "../control/control-socket.ts";
import { joinSlot, leaveSlot, type SlotChange, slotRefusals, switchOver } from "../platform/installation.ts";
import { createLicenseReader } from "./agent-reader.ts";
import { createConsoleControl, refusal } from "./console-control.ts";
import type { DeviceCore } from "./device-core.ts";
import type { Device, ExecutedLine } from "./device-options.ts";
import { accessPointChange } from "./installation-plan.ts";

export class RunningDevice implements Device {
  readonly #core: DeviceCore;
  readonly #flashDirectory: string | null;
  #control: ControlSocket | null = null;

  constructor(core: DeviceCore, flashDirectory: string | null) {
    this.#core = core;
    this.#flashDirectory = flashDirectory;
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

  async openControl(stateDirectory: string): Promise<void> {
    this.#control = await openControlSocket(stateDirectory, async (line) => {
      const { outcome, output, json } = await this.execute(line);
      return { outcome, text: output, json };
    });
  }

  async execute(line: string): Promise<ExecutedLine> {
    const core = this.#core;
    await core.settled();
    const reader = createLicenseReader({
      agent: core.agent,
      description: core.description,
      profile: core.profile,
      clockIsAuthoritative: core.options.clockIsAuthoritative ?? false,
      logLines: core.logLines,
    });
    const control = createConsoleControl(core, this.#flashDirectory);
    const options = { nowMs: core.now(), zone: core.description.zone };
    const tree = consoleTree(core.profile);
    const { outcome, text, json } = await executeLine(
      line,
      { reader, control, options },
      { tree, modes: ["exec", "config"], repeatsLine: true, promptWidth: 0 },
    );
    return { outcome, output: text, json };
  }

  configureFeatures(features: readonly string[]): Promise<void> {
    return this.#core.inOrder(async () => {
      await this.#core.describe({ features: [...features] });
      await this.#core.applyUsage({ added: [], removed: [] });
    });
  }

  changeAccessPoints({
    join: joining = [],
    leave = [],
  }: {
    join?: readonly Udi[];
    leave?: readonly Udi[];
  }): Promise<void> {
    return this.#core.inOrder(async () => {
      const { present, ...change } = accessPointChange(this.accessPoints, { join: joining, leave });
      if (change.added.length + change.removed.length === 0) return;
      await this.#core.describe({ accessPoints: present.map((udi) => ({ ...udi })) });
      await this.#core.applyUsage(change);
    });
  }

  addMember(udi: Udi): Promise<ControlOutcome> {
    return this.#changeSlots(() => joinSlot(this.profile, this.slots, udi));
  }

  removeMember(slotNumber: number): Promise<ControlOutcome> {
    return this.#changeSlots(() => leaveSlot(this.slots, slotNumber));
  }

  switchover(): Promise<ControlOutcome> {
    return this.#changeSlots(() => switchOver(this.slots));
  }

  #changeSlots(decide: () => SlotChange): Promise<ControlOutcome> {
    return this.#core.inOrder(async () => {
      const change = decide();
      if (change.outcome === "refused") {
        const { meaning, remedy } = slotRefusals[change.code];
        return refusal(change.code, meaning, remedy);
      }
      await this.#core.describe({ slots: change.slots.map((slot) => ({ ...slot })) });
      await this.#core.applyMembers();
      return done;
    });
  }

  reload(): Promise<void> {
    return this.#core.inOrder(() => this.#core.reload());
  }

  async stop(): Promise<void> {
    await this.#control?.close();
    this.#control = null;
    await this.#core.inOrder(() => this.#core.stop());
  }
}
