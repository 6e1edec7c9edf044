// The composition root: the one place that knows every adapter of the manager. Wiring only.

import { randomUUID, randomBytes as systemRandomBytes } from "node:crypto";
import { availableParallelism, hostname } from "node:os";
import { dayMs } from "@countersign/protocol";
import { type LogLines, ReceivedBytes } from "@countersign/terminal";
import { type InstallationAuthority, openInstallationAuthority } from "./certificates/installation-authority.ts";
import { databaseUrlOf } from "./configuration/database-url.ts";
import { resolveConfiguration } from "./configuration/resolve-configuration.ts";
import type { Configuration } from "./configuration/settings.ts";
import { lockDataDirectory } from "./data-directory/data-directory-lock.ts";
import { ManagerError } from "./errors.ts";
import { Admission } from "./http/admission.ts";
import type { ApplicationPorts } from "./http/application.ts";
import { createDeviceEndpoint, type DeviceEndpoint } from "./http/device-endpoints.ts";
import { checkHealth, type Health } from "./http/health.ts";
import { builtPortal } from "./http/portal-files.ts";
import type { IncidentReporter } from "./http/refusal.ts";
import { createLogger, type Logger } from "./logging/logger.ts";
import { defaultManagerOptions } from "./manager-options.ts";
import { createMetrics } from "./metrics/metrics.ts";
import { putOperatorFileAside, readOperatorFile } from "./operators/operator-file.ts";
import type { Clock, FloorAuthority, ManagerOptions, Randomness } from "./ports.ts";
import { openStorage, sqlitePathOf } from "./storage/open-storage.ts";
import { createSharedTurns } from "./storage/sqlite/write-turns.ts";
import type { Storage } from "./storage-ports.ts";
import { createUpstreamLink } from "./upstream/upstream-link.ts";
import { openUsageThread } from "./usage-thread/usage-thread.ts";
import { createUseCases } from "./use-cases/create-use-cases.ts";
import { type UpstreamState, upstreamStates } from "./use-cases/upstream-states.ts";
import type { AdministrationUseCases, UpkeepUseCases } from "./use-cases/use-cases.ts";

/** Settings as in configuration/settings.ts, and the ports that default to the real ones. */
export type ManagerProgramOptions = Partial<Configuration> & {
  readonly dataDirectory: string;
  readonly clock?: Clock;
  readonly randomBytes?: (size: number) => Uint8Array;
  /** Where log lines go; standard output when left out. */
  readonly logDestination?: LogLines;
  /** Where the portal was built; beside this package when left out. */
  readonly portalDirectory?: string;
  /** False where several managers share a process: process metrics would be the sum of all. */
  readonly isProcessMeasured?: boolean;
};

/** A balancer's check waits about that long. */
const healthAnswerMsMax = 5000;

const mebibyte = 1024 * 1024;
const hourMs = 3_600_000;

/** Whether usage reports may be served on a thread of their own; the configuration then decides. */
export type Threads = "one" | "several";

/** A manager on its data directory, without any socket. */
export interface Manager {
  readonly configuration: Configuration;
  readonly administration: AdministrationUseCases;
  readonly upkeep: UpkeepUseCases;
  readonly endpoint: DeviceEndpoint;
  /** What of device requests is being worked on now. */
  readonly admission: Pick<Admission, "requests" | "bytes">;
  readonly authority: InstallationAuthority;
  readonly logger: Logger;
  /** The licensing root, PEM: what devices need to trust this manager. */
  readonly rootCertificatePem: string;
  readonly applicationPorts: ApplicationPorts;
  health(): Promise<Health>;
  /** Renews certificates that are near their end. */
  renewCertificates(): Promise<void>;
  /** Ends the storage and gives the data directory back. */
  close(): Promise<void>;
}

/** Opens a data directory, making what is missing. Throws `DataDirectoryInUseError`, `AuthorityDamagedError` or `ManagerError`. */
export async function openManager(options: ManagerProgramOptions, threads: Threads = "one"): Promise<Manager> {
  const configuration = configurationOf(options);
  const lock = lockDataDirectory(configuration.dataDirectory);
  try {
    return await assemble(configuration, options, lock.release, threads);
  } catch (cause) {
    lock.release();
    throw cause;
  }
}

async function assemble(
  configuration: Configuration,
  options: ManagerProgramOptions,
  releaseLock: () => void,
  threads: Threads,
): Promise<Manager> {
  const { dataDirectory } = configuration;
  const clock: Clock = options.clock ?? { now: () => Date.now() };
  const randomness: Randomness = { bytes: options.randomBytes ?? systemRandomBytes };
  const logger = createLogger({
    level: configuration.logLevel,
    destination: options.logDestination ?? process.stdout,
    clock,
  });
  const authority = await openInstallationAuthority({
    dataDirectory,
    serverNames: serverNamesOf(configuration),
    revocationListUrl: configuration.revocationListUrl === "" ? null : configuration.revocationListUrl,
    clock,
    randomness,
  });
  await renew(authority, logger);
  const turns = createSharedTurns();
  const storage = await openStorage({
    dataDirectory,
    databaseUrl: databaseUrlOf(configuration),
    connectionsMax: configuration.databaseConnectionsMax,
    retryForMs: configuration.databaseWaitSeconds * 1000,
    isStandbyRequired: configuration.databaseStandby === "required",
    rootFingerprint: authority.certificates().root.fingerprint256,
    now: clock.now(),
    turns,
  });
  const managerOptions = managerOptionsOf(configuration);
  const reportIncident = incidentReporter(logger);
  const { requestsInFlightMax, requestMebibytesInFlightMax, requestMebibytesReceivedMax } = configuration;
  const requestBytesInFlightMax = requestMebibytesInFlightMax * mebibyte;
  const admission = new Admission({ requestsInFlightMax, requestBytesInFlightMax });
  const received = new ReceivedBytes(requestMebibytesReceivedMax * mebibyte);
  const sources = {
    requestsInFlight: () => admission.requests,
    requestBytesInFlight: () => admission.bytes,
    requestBytesReceived: () => received.total,
    reportsWaiting: () => useCases.reportsWaiting(),
    upstreams: () => knownUpstreams(storage, clock.now()),
    now: () => clock.now(),
  };
  const metrics = createMetrics(sources, options.isProcessMeasured ?? true);
  const { issuer, signing } = authority;
  const usageThread =
    threads === "several" && usesUsageThread(configuration, options)
      ? await openUsageThread({
          databaseFile: sqlitePathOf(dataDirectory),
          turns,
          options: managerOptions,
          observer: metrics,
          onFailure: (cause) => endProcess(cause, logger),
        })
      : undefined;
  const useCases = createUseCases({
    clock,
    randomness,
    issuer,
    signing,
    storage,
    options: managerOptions,
    observer: metrics,
    floors: databaseUrlOf(configuration) === null ? authority.floors : withoutUpstream(authority.floors),
    upstream: createUpstreamLink(),
    ...(usageThread === undefined ? {} : { usageThread }),
  });
  await takeOverOperators(dataDirectory, useCases, logger);
  const endpoint = createDeviceEndpoint({
    ...{ useCases, signing, connectInfo: managerOptions.connectInfo, clock, randomness },
    ...{ logger, metrics, reportIncident, admission, retryWhenBusySeconds: configuration.retryWhenBusySeconds },
  });
  const health = () =>
    checkHealth(
      {
        clock,
        storage,
        storageAnswerMsMax: healthAnswerMsMax,
        certificates: () => authority.certificates(),
        upstream: async () => describeUpstreams(await knownUpstreams(storage, clock.now()), clock.now()),
        dataDirectory,
        diskFreeMebibytesMin: configuration.diskFreeMebibytesMin,
      },
      (dependency, cause) => logger.error("dependency_failing", { reason: dependency }, cause),
    );
  return {
    ...{ configuration, administration: useCases, upkeep: useCases, endpoint, admission, authority, logger, health },
    rootCertificatePem: authority.certificates().root.toString(),
    applicationPorts: {
      useCases,
      endpoint,
      received,
      health,
      metrics,
      logger,
      clock,
      reportIncident,
      portalDirectory: options.portalDirectory ?? builtPortal,
      revocationList: () => authority.revocationList(),
    },
    renewCertificates: () => renew(authority, logger),
    async close() {
      await usageThread?.close();
      await storage.close();
      releaseLock();
    },
  };
}

/** A clock or random bytes given by a program are functions, which cannot go to another thread. */
function usesUsageThread(configuration: Configuration, options: ManagerProgramOptions): boolean {
  const { usageThread } = configuration;
  // Over the network writing blocks nobody, and the connections belong to this thread.
  if (databaseUrlOf(configuration) !== null || options.clock !== undefined || options.randomBytes !== undefined)
    return false;
  return usageThread === "on" || (usageThread === "auto" && availableParallelism() > 1);
}

/** Nobody can say what was durable when the usage thread ended; devices repeat what was not answered after a restart. */
function endProcess(cause: unknown, logger: Logger): void {
  logger.error("usage_thread_failed", {}, cause);
  setImmediate(() => {
    throw cause;
  });
}

/** Options given by a program pass the same checks as those from a file. */
function configurationOf(options: ManagerProgramOptions): Configuration {
  const { clock, randomBytes, logDestination, isProcessMeasured, portalDirectory, ...given } = options;
  return resolveConfiguration({ fileText: JSON.stringify(given), environment: {}, flags: {} }).values;
}

function managerOptionsOf(configuration: Configuration): ManagerOptions {
  return {
    ...defaultManagerOptions,
    acknowledgeMode: configuration.acknowledgeMode,
    pollIntervalSeconds: configuration.pollIntervalSeconds,
    overloadRetrySeconds: configuration.retryWhenBusySeconds,
    waitingReportsMax: configuration.waitingReportsMax,
    reportsPerCommitMax: configuration.reportsPerCommitMax,
    renewBeforeMs: configuration.renewCertificateBeforeDays * dayMs,
    relaysVouch: configuration.relaysVouch === "on",
  };
}

function serverNamesOf({ host, serverNames }: Configuration): readonly string[] {
  const machine = hostname();
  const own = /^[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*$/.test(machine) ? [machine] : [];
  const listening = host === "0.0.0.0" || host === "::" ? [] : [host];
  return [...new Set(["localhost", "127.0.0.1", "::1", ...own, ...listening, ...serverNames])];
}

/** Several managers share a database and each has the keys in its own directory: they would have to change roots at one moment. */
function withoutUpstream(floors: FloorAuthority): FloorAuthority {
  const refuse = async (): Promise<never> => {
    throw new ManagerError("upstream_unsupported");
  };
  return { ...floors, requestFromAbove: refuse, adopt: refuse };
}

/** A storage that fails is told of elsewhere. */
async function knownUpstreams(storage: Storage, now: number): Promise<readonly UpstreamState[]> {
  try {
    return await upstreamStates(now, storage.read);
  } catch {
    return [];
  }
}

/** Public, so it says nothing of where the manager above is. */
function describeUpstreams(states: readonly UpstreamState[], now: number): string | null {
  if (states.length === 0) return null;
  return states
    .map(({ lastSyncAtMs, waitingReports, failures, isOverdue }) => {
      const hours = Math.floor((now - (lastSyncAtMs ?? now)) / hourMs);
      const last = lastSyncAtMs === null ? "never synchronised" : `synchronised ${hours} hours ago`;
      const failing = failures === 0 ? "" : `, ${failures} attempts failed since`;
      return `${last}, ${waitingReports} reports wait${failing}${isOverdue ? ", overdue" : ""}`;
    })
    .join("; ");
}

/** Version 1 kept operators in a file of each data directory, where a removal on one manager was none on the others. */
async function takeOverOperators(
  dataDirectory: string,
  administration: AdministrationUseCases,
  logger: Logger,
): Promise<void> {
  const operators = await readOperatorFile(dataDirectory);
  if (operators.length === 0) return;
  const cause = { kind: "system", reason: "operators of a data directory" } as const;
  const taken = await administration.takeOverOperators({ operators, cause });
  await putOperatorFileAside(dataDirectory);
  logger.info("operators_taken_over", { count: taken });
}

async function renew(authority: InstallationAuthority, logger: Logger): Promise<void> {
  for (const role of await authority.renew()) {
    logger.info("certificate_renewed", { certificate: role, validUntil: authority.certificates()[role].validTo });
  }
}

function incidentReporter(logger: Logger): IncidentReporter {
  return (cause) => {
    const incidentId = randomUUID();
    logger.error("request_failed", { incidentId }, cause);
    return incidentId;
  };
}
