// A manager in its own process and a fleet of devices in this one, over real TLS on loopback.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Device, type DeviceOptions, type DeviceUser, startDevice } from "@countersign/device";
import { type CreatedToken, connectToRunningManager, type Manager, openManager } from "@countersign/manager";
import { SeededRandomness } from "@countersign/simulation";
import { firstAccessPoints, nextAccessPointChange } from "./access-point-life.ts";
import { embeddedOptions } from "./embedded-instance.ts";
import { type FleetInstance, fleet, labPurchases, labSmartAccount, labVirtualAccount } from "./fleet.ts";
import { type InstanceStatus, readStatus } from "./instance-status.ts";
import { createLabDirectory, type LabDirectory, readPort, writeFleet, writePort } from "./lab-directory.ts";
import { ManagerProcess } from "./manager-process.ts";

export type LabOptions = {
  readonly directory: LabDirectory;
  readonly instances?: readonly FleetInstance[];
  /** Told what happens, a line each. */
  readonly say: (line: string) => void;
  /** Told each time an instance has verified an ACK. */
  readonly onAcknowledged?: (name: string) => void;
  /** Who may log in to the devices; without one they have no SSH server. */
  readonly user?: DeviceUser;
};

export type LabInstance = {
  readonly instance: FleetInstance;
  readonly device: Device;
  /** Report ids of this run whose ACK the device has verified. */
  readonly acknowledged: Set<number>;
};

export class RunningLab {
  readonly manager: ManagerProcess;
  readonly instances: readonly LabInstance[];
  readonly #directory: LabDirectory;

  private constructor(manager: ManagerProcess, instances: readonly LabInstance[], directory: LabDirectory) {
    this.manager = manager;
    this.instances = instances;
    this.#directory = directory;
  }

  /** Takes up the lab of the directory, or makes a new one. What was begun is stopped again when something fails. */
  static async start(options: LabOptions): Promise<RunningLab> {
    const { directory, say } = options;
    createLabDirectory(directory);
    const fleetOfLab = options.instances ?? fleet;
    await createManagerData(directory, fleetOfLab);
    writeFleet(directory, fleetOfLab);
    const manager = await ManagerProcess.start({
      dataDirectory: directory.manager,
      port: readPort(directory),
      onExit: ({ code, signal }) => say(`the manager ended (${signal ?? `exit code ${code}`}); it is started again`),
    });
    const instances: LabInstance[] = [];
    try {
      writePort(directory, manager.port);
      for (const instance of fleetOfLab) {
        instances.push(await startInstance(instance, options, manager.url));
      }
      return new RunningLab(manager, instances, directory);
    } catch (error) {
      await stopAll(instances, manager);
      throw error;
    }
  }

  statuses(): readonly InstanceStatus[] {
    return this.instances.map(statusOf);
  }

  /** Establishes what trust is missing and synchronises until each instance has a new verified ACK, or the signal aborts. */
  async acknowledgeAll(signal: AbortSignal): Promise<void> {
    await Promise.all(this.instances.map((instance) => this.#acknowledge(instance, signal)));
  }

  async #acknowledge({ instance, device, acknowledged }: LabInstance, signal: AbortSignal): Promise<void> {
    while (acknowledged.size === 0 && !signal.aborted) {
      const status = statusOf({ instance, device });
      if (status.trustedMembers < status.members && device.agent.state().trust.attempt === null) {
        await this.#establishTrust(device, status);
      }
      await device.agent.idle();
      if (statusOf({ instance, device }).trustedMembers > 0) {
        await device.execute("license smart sync all");
        await device.agent.idle();
      }
      if (acknowledged.size === 0) await pause(retryPauseMs, signal);
    }
  }

  /** As an engineer does it: a token with one use a device, and the documented command. */
  async #establishTrust(device: Device, { members, trustedMembers }: InstanceStatus): Promise<void> {
    const client = await connectToRunningManager(this.#directory.manager);
    // It is being started again; the next round asks anew.
    if (client === null) return;
    const body = { usesMax: members, description: `lab: ${device.hostname}` };
    const query = { virtualAccount: labVirtualAccount };
    const token = await client.call<CreatedToken>("POST", "/api/v1/tokens", { query, body });
    const force = trustedMembers > 0 ? " force" : "";
    await device.execute(`license smart trust idtoken ${token.text} all${force}`);
  }

  /** `license smart sync all` on every device; resolves when what it began has ended, well or not. */
  async syncAll(): Promise<void> {
    await Promise.all(
      this.instances.map(async ({ device }) => {
        await device.execute("license smart sync all");
        await device.agent.idle();
      }),
    );
  }

  /** Access points come and go until the signal aborts. A device that cannot take a change, say on a full disk, is told of, and asked again. */
  async live(signal: AbortSignal, everyMs: number, seed: number, told: (line: string) => void): Promise<void> {
    const failures = new Map<string, string>();
    const randomness = new SeededRandomness(seed);
    const usual = new Map(this.instances.map(({ instance }) => [instance.name, instance.accessPoints]));
    const left = new Map(this.instances.map(({ instance, device }) => [instance.name, device.accessPoints.length]));
    while (!signal.aborted) {
      await pause(everyMs, signal);
      for (const { instance, device } of this.instances) {
        const { name } = instance;
        // Somebody let access points join or leave: their number is the usual one from now on.
        if (device.accessPoints.length !== left.get(name)) usual.set(name, device.accessPoints.length);
        const around = usual.get(name) ?? 0;
        if (around > 0 && !signal.aborted) {
          const change = nextAccessPointChange(device.accessPoints, around, randomness);
          const failure = await device.changeAccessPoints(change).then(() => "", messageOf);
          if (failure !== "" && failure !== failures.get(name))
            told(`${name} cannot change its access points: ${failure}`);
          failures.set(name, failure);
        }
        left.set(name, device.accessPoints.length);
      }
    }
  }

  /** Everything is ended; then throws what a device could not do in its end. */
  async stop(): Promise<void> {
    await stopAll(this.instances, this.manager);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function statusOf({ instance, device }: Pick<LabInstance, "instance" | "device">): InstanceStatus {
  return readStatus(instance.name, device.agent.state(), device.profile);
}

const retryPauseMs = 500;

/** Accounts and purchases of a new lab. Also tells early, by the data directory's lock, that this lab runs already. */
async function createManagerData(directory: LabDirectory, instances: readonly FleetInstance[]): Promise<void> {
  const manager = await openManager({ dataDirectory: directory.manager, logLevel: "silent", isProcessMeasured: false });
  try {
    const { administration } = manager;
    const cause = { kind: "operator", name: "lab" } as const;
    const [account] = await administration.listAccounts();
    if (account === undefined) await administration.createSmartAccount({ name: labSmartAccount, cause });
    if (!account?.virtualAccounts.some(({ name }) => name === labVirtualAccount)) {
      await administration.createVirtualAccount({ name: labVirtualAccount, cause });
    }
    await buyWhatIsMissing(administration, instances);
  } finally {
    await manager.close();
  }
}

/** For each tag that nothing was bought of yet; what was bought before is not bought again. */
async function buyWhatIsMissing(
  administration: Manager["administration"],
  instances: readonly FleetInstance[],
): Promise<void> {
  const bought = new Set((await administration.listPurchases({})).map(({ tag }) => tag));
  const [header = "", ...rows] = labPurchases(instances).trimEnd().split("\n");
  const missing = rows.filter((row) => !bought.has(/^"([^"]*)"/.exec(row)?.[1] ?? ""));
  if (missing.length === 0) return;
  const bytes = Buffer.from(`${[header, ...missing].join("\n")}\n`);
  await administration.importLicenses({ bytes, cause: { kind: "operator", name: "lab" } });
}

async function startInstance(instance: FleetInstance, options: LabOptions, url: string): Promise<LabInstance> {
  const { directory } = options;
  const stateDirectory = directory.device(instance.name);
  const acknowledged = new Set<number>();
  const address = `${url}/licservice/license`;
  const device = await startDevice({
    stateDirectory,
    platform: instance.platform,
    hostname: instance.name,
    transport: { type: "smart", url: address },
    defaultSmartUrl: address,
    ...ownOptions(instance),
    ...embeddedOptions(instance),
    trustAnchors: readFileSync(join(directory.manager, "certificates", "licensing-root.pem"), "utf8"),
    clockIsAuthoritative: true,
    ...(options.user === undefined
      ? {}
      : { ssh: { port: 0, users: [options.user] }, https: { port: 0, users: [options.user] } }),
    on: {
      acknowledged: ({ reportIds }) => {
        for (const id of reportIds) acknowledged.add(id);
        options.onAcknowledged?.(instance.name);
      },
    },
  });
  if (instance.accessPoints > 0 && device.accessPoints.length === 0) {
    await device.changeAccessPoints({ join: firstAccessPoints(instance.accessPoints) });
  }
  return { instance, device, acknowledged };
}

/** What the fleet says of an instance that differs from its platform. */
export function ownOptions({
  members,
  softwareVersion,
}: FleetInstance): Pick<DeviceOptions, "slots" | "softwareVersion"> {
  const slots = members?.map((udi, index) => ({
    number: index + 1,
    udi,
    role: index === 0 ? ("Active" as const) : index === 1 ? ("Standby" as const) : ("Member" as const),
  }));
  return {
    ...(slots === undefined ? {} : { slots }),
    ...(softwareVersion === undefined ? {} : { softwareVersion }),
  };
}

async function stopAll(instances: readonly LabInstance[], manager: ManagerProcess): Promise<void> {
  const ended = await Promise.allSettled(instances.map(({ device }) => device.stop()));
  await manager.stop();
  for (const end of ended) if (end.status === "rejected") throw end.reason;
}

function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, durationMs);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}
