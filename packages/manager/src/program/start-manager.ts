// A manager that listens: HTTPS for devices and administrators, and a socket in the data directory for its own commands.

import { chmod, rm } from "node:fs/promises";
import type { Server as TlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { type Repeated, repeatWhileRunning } from "@countersign/terminal";
import type { FastifyInstance } from "fastify";
import { administrationSocketPath, requireOwnSocketFolder } from "../data-directory/administration-socket.ts";
import { buildApplication } from "../http/application.ts";
import { clientCertificateOptions } from "../http/client-certificates.ts";
import { type Manager, type ManagerProgramOptions, openManager } from "../program.ts";
import { purgeOldBodies } from "./purge-old-bodies.ts";
import { syncWhileRunning } from "./sync-when-due.ts";

const renewalIntervalMs = 86_400_000;
const purgeIntervalMs = 86_400_000;
const upkeepIntervalMs = 60_000;

export interface RunningManager {
  readonly manager: Manager;
  /** `https://<host>:<port>`, without a path. */
  readonly url: string;
  readonly port: number;
  readonly rootCertificatePem: string;
  /** Finishes requests in progress, refuses new ones, closes the storage. Calling it again waits for the same end. */
  stop(): Promise<void>;
}

/** Opens the data directory and listens. Throws what `openManager` throws, and the error of a port that is taken. */
export async function startManager(options: ManagerProgramOptions): Promise<RunningManager> {
  const manager = await openManager(options, "several");
  const started: FastifyInstance[] = [];
  try {
    const https = await listenHttps(manager);
    started.push(https);
    started.push(await listenLocally(manager));
    return running(manager, https, started);
  } catch (cause) {
    await Promise.all(started.map((application) => application.close()));
    await manager.close();
    throw cause;
  }
}

async function listenHttps(manager: Manager): Promise<FastifyInstance> {
  const { configuration, applicationPorts, authority, logger } = manager;
  const { rootCertificatePem } = manager;
  const tls = { identity: authority.tlsIdentity(), rootCertificatePem };
  const application = await buildApplication(applicationPorts, configuration, "https", tls);
  authority.onChange(() => useNewCertificates(manager, application));
  application.server.maxConnections = configuration.connectionsMax;
  application.server.on("drop", () => logger.warn("connection_failed", { reason: "too many connections" }));
  application.server.on("tlsClientError", (error: Error & { code?: string }) => {
    logger.debug("connection_failed", { code: error.code ?? error.name });
  });
  await application.listen({ host: configuration.host, port: configuration.port });
  return application;
}

async function listenLocally(manager: Manager): Promise<FastifyInstance> {
  const { configuration, applicationPorts } = manager;
  const path = administrationSocketPath(configuration.dataDirectory);
  requireOwnSocketFolder(path);
  // Whoever left it is gone: the data directory is locked by this process.
  await rm(path, { force: true });
  const application = await buildApplication(applicationPorts, configuration, "local", null);
  await application.listen({ path });
  await chmod(path, 0o600);
  return application;
}

function running(manager: Manager, https: FastifyInstance, applications: readonly FastifyInstance[]): RunningManager {
  const { configuration, logger } = manager;
  const { port } = https.server.address() as AddressInfo;
  const shownHost = configuration.host.includes(":") ? `[${configuration.host}]` : configuration.host;
  const url = `https://${shownHost}:${port}`;
  const renewal = setInterval(() => void renewWhileRunning(manager), renewalIntervalMs);
  renewal.unref();
  const repeated = repeatAll(manager);
  const synchronisation = syncWhileRunning({ ...manager, clock: manager.applicationPorts.clock });
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    logger.info("manager_stopping", { requestsInFlight: manager.admission.requests });
    clearInterval(renewal);
    const ended = Promise.all([...repeated, synchronisation].map((each) => each.stop()));
    await closeAll(applications, configuration.stopTimeoutSeconds * 1000);
    await ended;
    await manager.close();
    logger.info("manager_stopped");
  };
  logger.info("manager_started", { url, host: configuration.host, port });
  return {
    ...{ manager, url, port, rootCertificatePem: manager.rootCertificatePem },
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

/** Waits for requests in progress; after the time limit their connections are cut. */
async function closeAll(applications: readonly FastifyInstance[], timeoutMs: number): Promise<void> {
  const cut = setTimeout(() => {
    for (const { server } of applications) server.closeAllConnections();
  }, timeoutMs);
  try {
    await Promise.all(applications.map((application) => application.close()));
  } finally {
    clearTimeout(cut);
  }
}

/** The purge daily, if the configuration asks for it, and every minute what is due by itself. */
function repeatAll({ configuration, administration, upkeep, logger }: Manager): readonly Repeated[] {
  const days = configuration.purgeReportBodiesAfterDays;
  const purge = (signal: AbortSignal) => purgeOldBodies(days, { administration, logger }, signal);
  const purgeFailed = (cause: unknown) => logger.error("purge_failed", {}, cause);
  const upkeepFailed = (cause: unknown) => logger.error("upkeep_failed", {}, cause);
  return [
    ...(days === 0 ? [] : [repeatWhileRunning(purge, purgeIntervalMs, purgeFailed)]),
    repeatWhileRunning(
      async (signal) => {
        await upkeep.keepClassic(signal);
        await upkeep.noteStandings(signal);
      },
      upkeepIntervalMs,
      upkeepFailed,
    ),
  ];
}

/** A failure is logged and tried again the next day; the certificates in use are valid for weeks yet. */
async function renewWhileRunning(manager: Manager): Promise<void> {
  try {
    await manager.renewCertificates();
  } catch (cause) {
    manager.logger.error("certificate_renewal_failed", {}, cause);
  }
}

/** Of the next handshakes; connections that are open go on. */
function useNewCertificates({ configuration, authority }: Manager, https: FastifyInstance): void {
  const { ca } = clientCertificateOptions(configuration.clientCertificates, authority.certificates().root.toString());
  const identity = authority.tlsIdentity();
  (https.server as unknown as TlsServer).setSecureContext(ca === undefined ? identity : { ...identity, ca });
}
