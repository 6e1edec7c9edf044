// The agent as a product sees it. Every method that changes something resolves when the change is durable; none waits for
// the manager, because a product goes on working without an answer.

import { writeFile } from "node:fs/promises";
import {
  type AuthorizedClass,
  formatUdi,
  type HaRole,
  type LegacyLicense,
  type LicenseClass,
  type TrustAnchors,
  type Udi,
  udiOf,
} from "@countersign/protocol";
import { AgentError } from "./agent-error.ts";
import { type ImportedObject, importFile } from "./import-file.ts";
import { returnWishes } from "./lifecycle/authorization.ts";
import { isClassic } from "./lifecycle/classic/classic-state.ts";
import type { AgentNotice } from "./lifecycle/effect.ts";
import type { AgentEvent } from "./lifecycle/event.ts";
import type { Schedule } from "./lifecycle/schedule.ts";
import type { AgentConfiguration, AgentState, MessageKind } from "./lifecycle/state.ts";
import { requireCount, requireMembers, requireTag, requireText } from "./option-checks.ts";
import type { HistoryEntry, KeyType, ReportBody, ReportEntry } from "./ports.ts";
import { type AgentQueries, createQueries, type ReportQuery } from "./queries.ts";
import type { Runtime, RuntimePorts } from "./runtime.ts";
import { authorizationFile, authorizationRequestFile } from "./save-authorization-request.ts";
import { trustRequestFile } from "./save-trust-request.ts";
import {
  closeReports,
  collectUsage,
  noteUsageFile,
  type PulledReport,
  pullReports,
  type UsageSelection,
} from "./save-usage.ts";

export type RequestOptions = {
  /** Decides which part of the policy governs; default `perpetual`. */
  readonly licenseClass?: LicenseClass;
  /** Devices behind the count that came or went, such as access points. */
  readonly added?: readonly Udi[];
  readonly removed?: readonly Udi[];
};

export type TrustOptions = {
  /** `all`: every device of the installation, each of which uses the token once. Default `all`. */
  readonly scope?: "local" | "all";
  /** Seeks new trust although there is one. */
  readonly force?: boolean;
};

export type AuthorizationOptions = {
  /** `add` (default): beside what the device has. `replace`: in its place. */
  readonly mode?: "add" | "replace";
  /** `local` (default): the active device, the only one whose code counts. `all`: every device, for a switchover. */
  readonly scope?: "local" | "all";
};

/** Whom the agent believes, and what keys it makes. */
export type AgentIdentity = { readonly anchors: TrustAnchors; readonly keyType: KeyType };

/** An event of the platform; the agent's own have other names. */
export type PlatformEvent = {
  readonly name: "PLATFORM" | "ENDPOINT_USAGE";
  readonly details: Readonly<Record<string, string>>;
};

export class Agent {
  readonly #runtime: Runtime;
  readonly #ports: RuntimePorts;
  readonly #queries: AgentQueries;
  readonly #close: () => Promise<void>;
  readonly #identity: AgentIdentity;

  /** Use `createAgent`. */
  constructor(runtime: Runtime, ports: RuntimePorts, identity: AgentIdentity, close: () => Promise<void>) {
    this.#runtime = runtime;
    this.#ports = ports;
    this.#identity = identity;
    this.#queries = createQueries({ ...ports, state: () => runtime.state });
    this.#close = close;
  }

  /** Says that the product uses `count` of an entitlement from now on. It may use it at once, whatever the manager says. */
  async request(tag: string, count: number, options: RequestOptions = {}): Promise<void> {
    requireTag("tag", tag);
    requireCount(count);
    await this.#dispatch({
      type: "usage-set",
      tag,
      count,
      licenseClass: options.licenseClass ?? this.#classOf(tag),
      ...(options.added === undefined ? {} : { added: options.added }),
      ...(options.removed === undefined ? {} : { removed: options.removed }),
    });
  }

  /** The product no longer uses this entitlement. */
  async release(tag: string): Promise<void> {
    await this.request(tag, 0);
  }

  /**
   * Seeks trust with an ID token and keeps trying until it is installed, refused or the token has expired; `on.trust`
   * tells. Throws `request_refused` when there is trust already and `force` is not given.
   */
  async trust(token: string, options: TrustOptions = {}): Promise<void> {
    const { scope = "all", force = false } = options;
    await this.#dispatch({ type: "trust-requested", token, scope, force });
  }

  /**
   * Classic model: registers the devices of the installation with an ID token and keeps trying until they are, are refused, or the token
   * has expired; `on.classic` tells. Throws `request_refused` when they are registered and `force` is not given.
   */
  async register(token: string, options: { readonly force?: boolean } = {}): Promise<void> {
    await this.#dispatch({ type: "registration-requested", token, force: options.force ?? false });
  }

  /** Classic model: ends the registration, here at once and with the manager if it can be told. */
  async deregister(): Promise<void> {
    await this.#dispatch({ type: "deregistration-requested" });
  }

  /** Classic model: renews the ID certificate, or the authorization, now. */
  async renew(what: "id" | "authorization"): Promise<void> {
    await this.#dispatch({ type: "renewal-requested", what });
  }

  /**
   * Classic model: tells the manager once which licences of the time before Smart Licensing these devices have, and repeats it until it is
   * answered. Throws `request_refused` when the device is not registered, has none, or has converted them.
   */
  async convert(
    converting: readonly { readonly udi: Udi; readonly licenses: readonly LegacyLicense[] }[],
  ): Promise<void> {
    await this.#dispatch({ type: "conversion-requested", converting });
  }

  /** Classic model: asks for no conversion any more; what the manager has deposited stays so. */
  async stopConversion(): Promise<void> {
    await this.#dispatch({ type: "conversion-stopped" });
  }

  /** Trust sync and usage push now, whatever the daily limit says. Throws `request_refused` when nothing can be sent. */
  async sync(scope: "local" | "all" = "all"): Promise<void> {
    await this.#dispatch({ type: "sync-requested", scope });
  }

  /**
   * Asks for authorization codes and keeps asking until there is an answer; `on.authorization` tells. Without trust it waits
   * for trust, or for `saveAuthorizationRequest`. Throws `option_invalid` for no licence, or a count that is none.
   */
  async requestAuthorization(
    licenses: readonly { readonly tag: string; readonly licenseClass: AuthorizedClass; readonly count?: number }[],
    options: AuthorizationOptions = {},
  ): Promise<void> {
    const { mode = "add", scope = "local" } = options;
    const wanted = licenses.map(({ tag, licenseClass, count = 1 }) => ({ tag, licenseClass, count }));
    if (wanted.length === 0 || wanted.some(({ count }) => count < 1))
      throw new AgentError("option_invalid", "licenses: names none, or a count that is none");
    for (const { tag, count } of wanted) {
      requireTag("licenses", tag);
      requireCount(count);
    }
    await this.#dispatch({ type: "authorization-requested", mode, licenses: wanted, scope });
  }

  /** Writes a file that asks for what `requestAuthorization` was told; throws `request_refused` when there is nothing, or no trust. */
  async saveAuthorizationRequest(path: string): Promise<void> {
    const content = authorizationRequestFile(this.#runtime.state);
    await writeFile(path, content, { mode: 0o600, flush: true });
  }

  /**
   * Gives authorization codes back. Online the manager is told until it has heard; offline a person carries the return codes
   * that are answered, or the file at `path`. Throws `request_refused` when no code is installed.
   */
  async returnAuthorization(
    options: { readonly scope?: "local" | "all"; readonly way?: "online" | "offline"; readonly path?: string } = {},
  ): Promise<readonly { readonly udi: string; readonly returnCode: string }[]> {
    const { scope = "local", way = "online", path } = options;
    const wishes = returnWishes(this.#runtime.state, scope);
    // Written before anything is removed: a full disk costs nothing.
    if (path !== undefined && wishes.length > 0)
      await writeFile(path, authorizationFile(wishes, this.#runtime.state), { mode: 0o600, flush: true });
    await this.#dispatch({ type: "authorization-return-requested", scope, way });
    return wishes.map(({ sudi, remove_code }) => ({ udi: formatUdi(udiOf(sudi)), returnCode: remove_code }));
  }

  async configure(change: Partial<AgentConfiguration>): Promise<void> {
    await this.#dispatch({ type: "configured", change });
  }

  async changeHostname(hostname: string): Promise<void> {
    requireText("hostname", hostname);
    await this.#dispatch({ type: "hostname-changed", hostname });
  }

  /** The devices of the installation as they are now; exactly one is Active. */
  async changeMembers(members: readonly { readonly udi: Udi; readonly role: HaRole }[]): Promise<void> {
    requireMembers("members", members);
    await this.#dispatch({ type: "members-changed", members });
  }

  /** `all` removes trust, policy, reports, history and event log; the product has to be reloaded afterwards. */
  async factoryReset(what: "all" | "trust" | "policy" = "all"): Promise<void> {
    await this.#dispatch({ type: "factory-reset-requested", what });
    if (what !== "all") return;
    await this.#runtime.betweenSteps(async () => {
      await this.#ports.history.clear();
      await this.#ports.events.clear();
    });
  }

  /** Everything the agent knows, without its secrets: token and proxy password are replaced by a mark. */
  state(): AgentState {
    return this.#queries.state();
  }

  /** What is due when, and by which rule. */
  schedule(): Schedule {
    return this.#queries.schedule();
  }

  /** Reports that are being measured or still kept, oldest first. */
  reports(query: ReportQuery = {}): readonly ReportEntry[] {
    return this.#queries.reports(query);
  }

  /** One report's content; throws `report_not_found`. */
  report(reportId: number): Promise<ReportEntry & { readonly body: ReportBody }> {
    return this.#queries.report(reportId);
  }

  /** Lines of the event log, oldest first; of the last days when a number is given. */
  eventLog(days?: number): Promise<readonly string[]> {
    return this.#queries.eventLog(days);
  }

  /** What the platform around the agent has to say in the same log, such as a module that came (LOG-23). */
  async recordEvents(events: readonly PlatformEvent[]): Promise<void> {
    const logged = events.map(({ name, details }) => ({ name: `SAEVT_${name}`, details }));
    await this.#runtime.betweenSteps(() => this.#ports.events.append(this.#ports.clock.now(), logged));
  }

  clearEventLog(): Promise<void> {
    return this.#runtime.betweenSteps(() => this.#ports.events.clear());
  }

  /** The last messages of each kind, oldest first, without secrets. */
  history(): Promise<Readonly<Record<MessageKind, readonly HistoryEntry[]>>> {
    return this.#queries.history();
  }

  /** Writes a licence file with signed reports, to be carried to a manager by hand; throws `report_not_found`. */
  async saveUsage(selection: UsageSelection, path: string): Promise<{ readonly reportIds: readonly number[] }> {
    const { content, reportIds } = await collectUsage(selection, this.#runtime, this.#ports);
    await writeFile(path, content, { mode: 0o600, flush: true });
    await noteUsageFile(reportIds, this.#runtime, this.#ports);
    return { reportIds };
  }

  /** Ends every open report, so that what is taken next carries usage up to now. */
  closeReports(): Promise<void> {
    return closeReports(this.#runtime);
  }

  /**
   * Closed reports for somebody who asks for them, a few at a time, signed as they would be for a push. Each waits for its
   * acknowledgement from the moment it is given, and is given again as often as it is asked for.
   */
  pullReports(selection: UsageSelection): AsyncIterable<readonly PulledReport[]> {
    return pullReports(selection, this.#runtime, this.#ports);
  }

  /**
   * Writes a licence file that asks for trust, to be carried to a manager by hand; what comes back is imported. Throws
   * `request_refused` when every device has trust already.
   */
  async saveTrustRequest(path: string, scope: "local" | "all" = "all"): Promise<void> {
    await this.#dispatch({ type: "trust-file-requested", scope });
    const content = await trustRequestFile(this.#runtime.state, { ...this.#ports, ...this.#identity });
    await writeFile(path, content, { mode: 0o600, flush: true });
  }

  /**
   * Installs what a manager gave by file: acknowledgements, policy, trust and authorization codes, account names, told by content. Answers what
   * became of each object; throws `import_refused`, and nothing was changed then.
   */
  async importFile(bytes: Uint8Array): Promise<readonly ImportedObject[]> {
    if (isClassic(this.#runtime.state))
      throw new AgentError("import_refused", "This software has classic Smart Licensing, which takes nothing by file.");
    return importFile(bytes, this.#runtime, { ...this.#ports, anchors: this.#identity.anchors });
  }

  /** Resolves when everything that was begun has ended; for tests, simulations and an orderly end. */
  idle(): Promise<void> {
    return this.#runtime.idle();
  }

  /** Measures usage up to now, stores it, and lets go of the directory, also when it throws `storage_failed`. */
  async stop(): Promise<void> {
    try {
      await this.#runtime.stop();
    } finally {
      await this.#close();
    }
  }

  /** A known entitlement keeps its class. */
  #classOf(tag: string): LicenseClass {
    return this.#runtime.state.metering.usages[tag]?.licenseClass ?? "perpetual";
  }

  async #dispatch(event: AgentEvent): Promise<void> {
    const notices = await this.#runtime.dispatch(event);
    const refused = notices.find(isRefusedRequest);
    if (refused !== undefined) throw new AgentError("request_refused", refused.message);
  }
}

function isRefusedRequest(notice: AgentNotice): notice is Extract<AgentNotice, { type: "request-refused" }> {
  return notice.type === "request-refused";
}
