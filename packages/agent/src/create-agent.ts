// Puts an agent together from its options: the only place that sees all adapters.

import { hostname } from "node:os";
import { parseCertificate, type TrustAnchors } from "@countersign/protocol";
import { Agent } from "./agent.ts";
import { type AgentOptions, type TransportOptions, tellCallbacks } from "./agent-options.ts";
import { DiskKeyStore } from "./keys/key-store.ts";
import { keysInUse } from "./lifecycle/cryptography.ts";
import type { AgentEvent } from "./lifecycle/event.ts";
import { createInitialState, defaultConfiguration } from "./lifecycle/initial-state.ts";
import type { AgentConfiguration, AgentState } from "./lifecycle/state.ts";
import { requireMembers, requireTag, requireText, requireValid } from "./option-checks.ts";
import type { Disk, StorageDamage } from "./ports.ts";
import { Runtime, type RuntimePorts } from "./runtime.ts";
import { loadStart } from "./start-state.ts";
import { lockDirectory } from "./storage/directory-lock.ts";
import { DiskEventLog } from "./storage/event-log.ts";
import { FileDisk } from "./storage/file-disk.ts";
import { DiskMessageHistory } from "./storage/message-history.ts";
import { DiskReportStore } from "./storage/report-store.ts";
import { DiskStateStore } from "./storage/state-store.ts";
import { systemClock, systemRandomness, systemTimers } from "./system-ports.ts";
import { harmless } from "./trace.ts";
import { SmartTransport, systemConnection } from "./transport/smart-transport.ts";

/**
 * Starts an agent on its state directory, or takes up again what another process left there. It talks to the manager by
 * itself from then on. Throws `AgentError`: `directory_in_use`, `directory_unusable`, `storage_failed`, `option_invalid`.
 *
 * @example
 * const agent = await createAgent({
 *   stateDirectory: "/var/lib/my-product/licensing",
 *   product: {
 *     softwareTag: "regid.2031-01.org.example.MyProduct,v1_00000000-0000-4000-8000-000000000001",
 *     softwareVersion: "1.0.0",
 *     members: [{ udi: { pid: "MY-PRODUCT", serialNumber: "A1B2C3" }, role: "Active" }],
 *   },
 *   transport: { type: "smart", url: "https://manager.example.org:8443/licservice/license" },
 *   trustAnchors: rootCertificatePem,
 *   on: { acknowledged: ({ reportIds }) => console.log("acknowledged", reportIds) },
 * });
 * await agent.request("regid.2031-01.org.example.Feature,1.0_00000000-0000-4000-8000-0000000000f1", 2);
 * await agent.trust(token);
 */
export async function createAgent(options: AgentOptions): Promise<Agent> {
  const anchors = requireOptions(options);
  const { disk, release } = await openDisk(options.stateDirectory);
  try {
    return await startAgent(options, anchors, disk, release);
  } catch (error) {
    await release();
    throw error;
  }
}

async function startAgent(
  options: AgentOptions,
  anchors: TrustAnchors,
  disk: Disk,
  release: () => Promise<void>,
): Promise<Agent> {
  const transport = createTransport(options);
  const ports = createPorts(options, disk, transport);
  const start = await loadStart(ports, () => firstState(options, ports.clock.now()));
  const on = options.on ?? {};
  const identity = { anchors, keyType: options.keyType ?? "rsa-2048" };
  const runtime = new Runtime(
    {
      ports,
      ...identity,
      notice: (notice) => tellCallbacks(on, notice),
      log: (line, atMs) => on.log?.(line, atMs),
      trace: options.trace ? harmless(options.trace) : null,
    },
    start.stored,
  );
  await noteDamage(start.damage, ports);
  const cryptographyRefusal = await ports.keys.examine(keysInUse(start.stored.state));
  await runtime.dispatch({
    type: "booted",
    reason: start.isFirst ? "first" : (options.startReason ?? "restart"),
    greatestReportId: start.greatestReportId,
    ...(cryptographyRefusal === null ? {} : { cryptographyRefusal }),
  });
  for (const event of changesSince(runtime.state, options)) await runtime.dispatch(event);
  return new Agent(runtime, ports, identity, async () => {
    transport.close();
    await release();
  });
}

function createPorts(options: AgentOptions, disk: Disk, transport: SmartTransport): RuntimePorts {
  return {
    clock: options.clock ?? systemClock,
    timers: options.timers ?? systemTimers,
    randomness: options.randomness ?? systemRandomness,
    states: new DiskStateStore(disk),
    reports: new DiskReportStore(disk, options.reportStoreBytes),
    keys: new DiskKeyStore(disk),
    events: new DiskEventLog(disk),
    history: new DiskMessageHistory(disk),
    exchange: options.exchange ?? transport.exchange,
  };
}

function createTransport({ transport, trustAnchors, connection }: AgentOptions): SmartTransport {
  const certificateAuthorities = listOf(transport?.certificateAuthorities ?? trustAnchors);
  const system = systemConnection(certificateAuthorities);
  const timeouts = transport?.timeouts;
  return new SmartTransport({
    connection: connection ?? (() => system),
    ...(timeouts === undefined ? {} : { timeouts }),
  });
}

async function openDisk(where: string | Disk): Promise<{ readonly disk: Disk; readonly release: () => Promise<void> }> {
  if (typeof where !== "string") return { disk: where, release: async () => undefined };
  const disk = await FileDisk.open(where);
  const lock = await lockDirectory(where);
  return { disk, release: () => lock.release() };
}

function firstState(options: AgentOptions, now: number): AgentState {
  const { softwareTag, softwareVersion, members } = options.product;
  const configuration = {
    ...defaultConfiguration,
    ...options.configuration,
    ...transportChange(options.transport, defaultConfiguration),
  };
  return createInitialState(
    {
      productTag: softwareTag,
      softwareVersion,
      hostname: options.product.hostname ?? hostname(),
      members,
      configuration,
      licensingModel: options.product.licensingModel ?? "policy",
    },
    now,
  );
}

/** What the product says now and the state, written by an earlier start, says differently. */
function changesSince(state: AgentState, options: AgentOptions): readonly AgentEvent[] {
  const { product } = options;
  const { installation, configuration } = state;
  const events: AgentEvent[] = [];
  const change = transportChange(options.transport, configuration);
  if (Object.entries(change).some(([key, value]) => !isSame(value, configuration[key as keyof AgentConfiguration]))) {
    events.push({ type: "configured", change });
  }
  const licensingModel = product.licensingModel ?? "policy";
  if (
    product.softwareVersion !== installation.softwareVersion ||
    licensingModel !== (state.licensingModel ?? "policy")
  ) {
    events.push({ type: "software-upgraded", softwareVersion: product.softwareVersion, licensingModel });
  }
  const acknowledgementIsMandatory = product.acknowledgementIsMandatory ?? false;
  if (acknowledgementIsMandatory !== (configuration.acknowledgementIsMandatory ?? false)) {
    events.push({ type: "configured", change: { acknowledgementIsMandatory } });
  }
  const name = product.hostname ?? hostname();
  if (name !== installation.hostname) events.push({ type: "hostname-changed", hostname: name });
  // An unchanged list changes nothing, and the machine knows how to compare.
  events.push({ type: "members-changed", members: product.members });
  return events;
}

function transportChange(
  transport: TransportOptions | undefined,
  current: AgentConfiguration,
): Partial<AgentConfiguration> {
  if (transport === undefined) return {};
  const { type, url, proxy } = transport;
  return {
    transport: type,
    ...(url === undefined ? {} : { urls: { ...current.urls, [type === "cslu" ? "cslu" : "smart"]: url } }),
    ...(proxy === undefined ? {} : { proxy }),
  };
}

async function noteDamage(damage: readonly StorageDamage[], ports: RuntimePorts): Promise<void> {
  const events = damage.map(({ file, problem, answer }) => ({
    name: "SAEVT_STORAGE_DAMAGE",
    details: { file, problem, answer },
  }));
  if (events.length > 0) await ports.events.append(ports.clock.now(), events);
}

/** Checks what would otherwise fail later and far from its cause. */
function requireOptions(options: AgentOptions): TrustAnchors {
  const { product } = options;
  requireTag("product.softwareTag", product.softwareTag);
  requireText("product.softwareVersion", product.softwareVersion);
  requireText("product.hostname", product.hostname ?? hostname());
  requireMembers("product.members", product.members);
  return listOf(options.trustAnchors).map((pem, at) => requireValid(`trustAnchors[${at}]`, () => parseAnchor(pem)));
}

/** Parsed roots are shared: thousands of agents of one process trust the same few. */
const anchorsByText = new Map<string, TrustAnchors[number]>();

function parseAnchor(pem: string): TrustAnchors[number] {
  const known = anchorsByText.get(pem);
  if (known !== undefined) return known;
  const anchor = parseCertificate(pem.trimStart());
  anchorsByText.set(pem, anchor);
  return anchor;
}

/** One text may hold several certificates. */
function listOf(pems: string | readonly string[]): readonly string[] {
  const texts = typeof pems === "string" ? [pems] : pems;
  return texts.flatMap((text) => text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [text]);
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
