// A running device: its description, its agent, and everything that changes either. One change at a time.

import {
  type Agent,
  type AgentCallbacks,
  type AgentNotice,
  type AgentOptions,
  createAgent,
  type Disk,
  systemTimers,
} from "@countersign/agent";
import { callHomeUrl } from "../call-home-configuration.ts";
import { type ControlOutcome, done } from "../device-control.ts";
import type { DescriptionStore, DeviceDescription } from "../device-description.ts";
import { DeviceError } from "../device-error.ts";
import type { HttpServerSettings } from "../http-configuration.ts";
import type { LicenseView } from "../license-view.ts";
import { LogBuffer } from "../log-buffer.ts";
import { DeviceConnection, licensingWay, sourceOf } from "../network/device-connection.ts";
import { localAddressesOf } from "../network/host-addresses.ts";
import { nameServerPort } from "../network/resolver.ts";
import type { LoggingView } from "../outward-view.ts";
import type { OwnIdentity } from "../pki/own-identities.ts";
import { featuresAtBoot } from "../platform/license-level.ts";
import type { PlatformProfile } from "../platform/platform-profile.ts";
import { isAckMandatory, licensingModelOf } from "../platform/software-version.ts";
import { formatSyslogLine, type LogLine } from "../syslog-line.ts";
import { buildLicenseView } from "./agent-view.ts";
import { unsavedPki } from "./change-network.ts";
import { DeviceClock } from "./device-clock.ts";
import type { DeviceOptions } from "./device-options.ts";
import { DeviceWatch } from "./device-watch.ts";
import {
  type AccessPointChange,
  airReportOf,
  endpointEvents,
  licenseRequestEvents,
  membersOf,
  type UsageWish,
  usageOf,
} from "./installation-plan.ts";
import { Outward } from "./outward.ts";
import { hasUnsavedConfiguration } from "./saved-configuration.ts";

export type DeviceParts = {
  readonly options: DeviceOptions;
  readonly profile: PlatformProfile;
  readonly store: DescriptionStore;
  /** Where the agent keeps its state; it outlives a reload. */
  readonly agentState: string | Disk;
  readonly identities: readonly OwnIdentity[];
};

/** Answers the settings in force: a port of 0 has become a real one. */
export type HttpServerHost = {
  apply(
    settings: HttpServerSettings,
  ): Promise<
    | { readonly outcome: "done"; readonly settings: HttpServerSettings }
    | Extract<ControlOutcome, { readonly outcome: "refused" }>
  >;
};
const nothingChanged: AccessPointChange = { added: [], removed: [] };

export class DeviceCore {
  readonly profile: PlatformProfile;
  readonly options: DeviceOptions;
  readonly connection: DeviceConnection;
  readonly watch: DeviceWatch;
  readonly clock: DeviceClock;
  readonly outward: Outward;
  readonly #parts: DeviceParts;
  #description: DeviceDescription;
  #agent: Agent | null = null;
  #changes: Promise<unknown> = Promise.resolve();
  readonly #buffer: LogBuffer;
  #logLineCount = 0;
  #startedAtMs = 0;
  #stopEndpointCycle: () => void = () => undefined;
  #httpServer: HttpServerHost = { apply: async (settings) => ({ outcome: "done", settings }) };
  readonly #logListeners = new Set<(text: string) => void>();
  readonly #noticeListeners = new Set<(notice: AgentNotice) => void>();
  readonly #reloadListeners = new Set<() => void>();

  constructor(parts: DeviceParts, description: DeviceDescription) {
    this.#parts = parts;
    this.profile = parts.profile;
    this.options = parts.options;
    this.#description = description;
    const { clock, timers, timeServerPort: port, clockIsAuthoritative: isAuthoritative } = parts.options;
    this.clock = new DeviceClock({
      ...{ clock, timers, port, isAuthoritative },
      configuration: () => ({ ...this.#description.clock, zone: this.#description.zone }),
      offset: () => this.#description.clockOffset,
      // By hand it is one of the changes that are carried out in their order anyway.
      move: (byMs, isByHand) =>
        isByHand ? this.#moveClock(byMs, true) : this.inOrder(() => this.#moveClock(byMs, false)),
      log: (line) => this.note(line),
      wayTo: (host) => this.#wayTo(host),
    });
    this.watch = new DeviceWatch({
      now: () => this.now(),
      log: (line) => this.note(line),
      addressesOf: (name) => localAddressesOf(this.#description.network, name),
      transport: () => this.#agent?.state().configuration.transport ?? "smart",
    });
    this.connection = new DeviceConnection({
      facts: () => this.#description,
      identities: parts.identities,
      nameServerPort: parts.options.nameServerPort ?? nameServerPort,
      now: () => this.now(),
      log: (line) => this.note(line),
      told: this.watch.revocation,
      observer: () => this.watch.observer(),
    });
    this.#buffer = new LogBuffer(description.logging.buffer);
    this.outward = new Outward({
      timers: parts.options.timers,
      connection: this.connection,
      description: () => this.#description,
      describe: (change) => this.#store(change),
      note: (line) => this.note(line),
      licenseView: () => this.#licenseView(),
      now: () => this.now(),
    });
  }

  get description(): DeviceDescription {
    return this.#description;
  }

  get agent(): Agent {
    if (this.#agent === null) throw new DeviceError("device_stopped");
    return this.#agent;
  }

  /** What it can show of itself. */
  get identities(): readonly OwnIdentity[] {
    return this.#parts.identities;
  }

  get logging(): LoggingView {
    const { lines, total } = this.#buffer;
    const receivers = this.outward.receivers;
    return { configuration: this.#description.logging, lines, total: this.#logLineCount, buffered: total, receivers };
  }

  async clearLogging(): Promise<void> {
    this.#buffer.clear();
  }

  #licenseView(): LicenseView | null {
    const { profile } = this;
    const agent = this.#agent;
    if (agent === null) return null;
    const clockIsAuthoritative = this.clock.isAuthoritative;
    const description = this.#description;
    const [state, schedule] = [agent.state(), agent.schedule()];
    return buildLicenseView({ state, schedule, description, profile, clockIsAuthoritative, now: this.now() });
  }

  get startedAtMs(): number {
    return this.#startedAtMs;
  }

  /** Told each log line as printed; answers how to end that. */
  onLogLine(listener: (text: string) => void): () => void {
    this.#logListeners.add(listener);
    return () => this.#logListeners.delete(listener);
  }

  /** Told each notice of the agent; answers how to end that. */
  onNotice(listener: (notice: AgentNotice) => void): () => void {
    this.#noticeListeners.add(listener);
    return () => this.#noticeListeners.delete(listener);
  }

  /** Told before a reload, which ends every session. */
  onReload(listener: () => void): () => void {
    this.#reloadListeners.add(listener);
    return () => this.#reloadListeners.delete(listener);
  }

  /** The agent looks at its clock with the next event, so it gets one at once. */
  async #moveClock(byMs: number, isByHand: boolean): Promise<void> {
    const { offsetMs, isSetByHand } = this.#description.clockOffset;
    await this.#store({
      clockOffset: { offsetMs: Math.round(offsetMs + byMs), isSetByHand: isSetByHand || isByHand },
    });
    await this.#agent?.configure({});
  }

  async #wayTo(host: string) {
    const source = sourceOf({ network: this.#description.network, sourceInterface: null }, null);
    const [address = host] = await this.connection.resolve(host, source);
    return { address, localAddress: source.localAddress };
  }

  /** A log line of the device itself. */
  note(line: LogLine): void {
    this.#log(line, this.now());
  }

  now(): number {
    return this.clock.now();
  }

  /** Runs a change when the ones before it have ended, however they ended. */
  inOrder<T>(change: () => Promise<T>): Promise<T> {
    const running = this.#changes.then(change, change);
    this.#changes = running.catch(() => undefined);
    return running;
  }

  /** Resolves when every change that was asked for so far has ended. */
  async settled(): Promise<void> {
    await this.#changes;
  }

  async start(reason: "restart" | "reload"): Promise<void> {
    const { transport } = this.options;
    this.#startedAtMs = this.now();
    const create = this.options.createAgent ?? createAgent;
    this.#agent = await create({
      ...this.#agentOptions(),
      startReason: reason,
      // What the console configured since the start stands after a reload.
      ...(transport === undefined || reason === "reload" ? {} : { transport }),
    });
    await this.#bootLicenseLevel();
    await this.#askForLicenses(nothingChanged);
    // A platform that starts asks for everything that it uses.
    await this.#tellOfRequests(usageOf(this.profile, this.#description));
    this.#startEndpointCycle();
  }

  /** A boot puts the saved level in force, and with it its features. */
  async #bootLicenseLevel(): Promise<void> {
    const { startupConfiguration, licenseLevel, features } = this.#description;
    const level = startupConfiguration?.licenseLevel ?? licenseLevel;
    const booted = featuresAtBoot(this.profile, features, level);
    if (booted.join() !== features.join()) await this.describe({ features: [...booted] });
  }

  async stop(): Promise<void> {
    this.#stopEndpointCycle();
    const agent = this.#agent;
    this.#agent = null;
    await agent?.stop();
  }

  async reload(): Promise<void> {
    for (const listener of [...this.#reloadListeners]) listener();
    await this.stop();
    this.watch.forget();
    await this.start("reload");
  }

  /** Stores the new description, then tells the agent what follows from it. */
  async describe(change: Partial<DeviceDescription>): Promise<void> {
    await this.#store(change);
    this.#buffer.limit(this.#description.logging.buffer);
    await this.outward.apply();
    void this.clock.apply();
  }

  async #store(change: Partial<DeviceDescription>): Promise<void> {
    const next = { ...this.#description, ...change };
    await this.#parts.store.write(next);
    this.#description = next;
  }

  /** How the HTTPS server is opened and closed; given when the device is complete. */
  attachHttpServer(host: HttpServerHost): void {
    this.#httpServer = host;
  }

  /** Stored when the server is as wished; a port that cannot be had changes nothing. */
  async changeHttpServer(change: Partial<HttpServerSettings>): Promise<ControlOutcome> {
    const outcome = await this.#httpServer.apply({ ...this.#description.httpServer, ...change });
    if (outcome.outcome === "refused") return outcome;
    await this.describe({ httpServer: outcome.settings });
    return done;
  }

  /** Brings the server to what is configured. A device whose port is taken runs all the same, and says so. */
  async applyHttpServer(): Promise<void> {
    const outcome = await this.#httpServer.apply(this.#description.httpServer);
    if (outcome.outcome === "done") return;
    this.note({ facility: "HTTPS", severity: 3, mnemonic: "SERVER_NOT_STARTED", text: outcome.message });
  }

  async applyMembers(): Promise<void> {
    await this.agent.changeMembers(membersOf(this.#description));
    await this.applyUsage(nothingChanged);
  }

  /** Wireless controllers count their access points in a rhythm of their own, report or not (REP-6). */
  #startEndpointCycle(): void {
    const { reportEverySeconds, hasAccessPoints } = this.profile;
    if (reportEverySeconds === null || !hasAccessPoints) return;
    const timers = this.options.timers ?? systemTimers;
    this.#stopEndpointCycle = timers.start(reportEverySeconds * 1000, () => {
      this.#startEndpointCycle();
      this.agent.recordEvents(endpointEvents(this.profile, this.#description)).catch(() => undefined);
    });
  }

  async applyUsage(change: AccessPointChange): Promise<void> {
    await this.#tellOfRequests(await this.#askForLicenses(change));
  }

  /** Only what differs is asked for, and answered: asking again for the same would measure nothing new. */
  async #askForLicenses({ added, removed }: AccessPointChange): Promise<readonly UsageWish[]> {
    const known = this.agent.state().metering.usages;
    const asked: UsageWish[] = [];
    for (const wish of usageOf(this.profile, this.#description)) {
      const { tag, count, licenseClass, namesAccessPoints } = wish;
      const hasNews = namesAccessPoints && count > 0 && added.length + removed.length > 0;
      if ((known[tag]?.count ?? 0) === count && !hasNews) continue;
      await this.agent.request(tag, count, { licenseClass, ...(hasNews ? { added, removed } : {}) });
      asked.push(wish);
    }
    return asked;
  }

  async #tellOfRequests(asked: readonly UsageWish[]): Promise<void> {
    const events = licenseRequestEvents(asked);
    if (events.length > 0) await this.agent.recordEvents(events);
  }

  #agentOptions(): AgentOptions {
    const { options, profile } = this;
    const { hostname, softwareVersion, trustAnchors, defaultSmartUrl } = this.#description;
    const { keyType, exchange, timers, randomness } = options;
    const isClassic = licensingModelOf(profile, softwareVersion) === "classic";
    return {
      stateDirectory: this.#parts.agentState,
      product: {
        softwareTag: profile.productTag,
        softwareVersion,
        hostname,
        members: membersOf(this.#description),
        acknowledgementIsMandatory: isAckMandatory(profile, softwareVersion),
        licensingModel: isClassic ? "classic" : "policy",
      },
      trustAnchors,
      connection: (vrf, transport) => this.connection.settings(licensingWay(this.#description, vrf, transport)),
      trace: (trace) => {
        this.watch.agentTrace(trace);
        if (trace.type === "no answer") this.#noteCallHomeFailure(trace.stage, trace.reason);
      },
      configuration: {
        urls: { smart: defaultSmartUrl, cslu: null, utility: null, callHome: callHomeUrl(this.#description.callHome) },
        platformReportEverySeconds: profile.reportEverySeconds,
        // Classic software is delivered with Call Home (TRN-23).
        ...(isClassic ? { transport: "callhome" as const } : {}),
      },
      on: this.#callbacks(),
      ...(keyType === undefined ? {} : { keyType }),
      ...(exchange === undefined ? {} : { exchange }),
      clock: this.clock,
      ...(timers === undefined ? {} : { timers }),
      ...(randomness === undefined ? {} : { randomness }),
    };
  }

  /** Beside what licensing itself logs, as with the field's devices (LOG-17). */
  #noteCallHomeFailure(stage: string, reason: string): void {
    const url = callHomeUrl(this.#description.callHome);
    if (url === null || this.#agent?.state().configuration.transport !== "callhome") return;
    const text = `Fail to send out Smart Licensing message to: ${url} (ERR ${stage} : ${reason})`;
    this.note({ facility: "CALL_HOME", severity: 5, mnemonic: "SL_MESSAGE_FAILED", text });
  }

  #callbacks(): AgentCallbacks {
    const { on } = this.options;
    const told =
      <Notice extends AgentNotice>(callback: ((notice: Notice) => void) | undefined) =>
      (notice: Notice) => {
        this.#noticed(notice);
        callback?.(notice);
      };
    return {
      trust: told(on?.trust),
      authorization: told(on?.authorization),
      policy: told(on?.policy),
      usage: told(on?.usage),
      deadline: told(on?.deadline),
      overdue: told(on?.overdue),
      communication: told(on?.communication),
      ledger: told(on?.ledger),
      classic: told(on?.classic),
      log: (line, atMs) => this.#log(this.#withUnsaved(line), atMs),
      acknowledged: (notice) => {
        this.#noticed(notice);
        // A summary for people: when it cannot be stored, the next acknowledgement brings the next.
        if (this.profile.hasAccessPoints) this.inOrder(() => this.#noteAirReport()).catch(() => undefined);
        on?.acknowledged?.(notice);
      },
    };
  }

  #noticed(notice: AgentNotice): void {
    this.outward.noticed(notice);
    for (const listener of this.#noticeListeners) listener(notice);
  }

  #log(line: LogLine, atMs: number): void {
    const { onLog, on } = this.options;
    const clockIsAuthoritative = this.clock.isAuthoritative;
    const { zone, hostname, softwareVersion } = this.#description;
    const text = formatSyslogLine(line, atMs, zone, clockIsAuthoritative);
    this.#buffer.add({ text, severity: line.severity });
    this.#logLineCount += 1;
    const sequence = this.#logLineCount;
    this.outward.logged({ line, atMs, sequence, hostname, zone, clockIsAuthoritative, softwareVersion });
    for (const listener of this.#logListeners) listener(text);
    onLog?.(text, line, atMs);
    on?.log?.(line, atMs);
  }

  /** Keys are always stored (BET-35); the configuration that they belong to is only while nothing else waits to be saved. */
  #withUnsaved(line: LogLine): LogLine {
    const isAutosave = line.facility === "PKI" && line.mnemonic === "CONFIGAUTOSAVE";
    return isAutosave && this.#agent !== null && hasUnsavedConfiguration(this) ? unsavedPki : line;
  }

  async #noteAirReport(): Promise<void> {
    const atMs = this.#agent?.state().reporting.lastPushAtMs ?? null;
    if (atMs === null || atMs === this.#description.airReport?.atMs) return;
    await this.describe({ airReport: airReportOf(this.#description, atMs) });
  }
}
