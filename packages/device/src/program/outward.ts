// What leaves a running device beside licensing: log lines to receivers, and SNMP. Each is loaded only when it is configured,
// and follows the configuration while the device runs.

import {
  type AgentNotice,
  type ConnectionSettings,
  systemTimers,
  type Timers,
  TransportFailure,
} from "@countersign/agent";
import type { DeviceDescription } from "../device-description.ts";
import type { LicenseView } from "../license-view.ts";
import type { DeviceConnection } from "../network/device-connection.ts";
import type { SnmpView } from "../outward-view.ts";
import type { SnmpService } from "../snmp/snmp-service.ts";
import { answersSomebody } from "../snmp-configuration.ts";
import type { MessageFacts } from "../syslog/format-message.ts";
import type { SyslogSender } from "../syslog/syslog-sender.ts";
import type { LogLine } from "../syslog-line.ts";

export type OutwardDevice = {
  readonly timers: Timers | undefined;
  readonly connection: Pick<DeviceConnection, "settingsFrom" | "sourceFor">;
  description(): DeviceDescription;
  describe(change: Partial<DeviceDescription>): Promise<void>;
  note(line: LogLine): void;
  /** Null while it reloads. */
  licenseView(): LicenseView | null;
  now(): number;
};

/** Lines that wait until it is known who gets them. */
const pendingMax = 200;

const noCounters = { requests: 0, answers: 0, refusedRequests: 0, notificationsSent: 0, notificationsFailed: 0 };

export class Outward {
  readonly #device: OutwardDevice;
  #isOpen = false;
  #pending: MessageFacts[] = [];
  #sender: SyslogSender | null = null;
  #snmp: SnmpService | null = null;

  constructor(device: OutwardDevice) {
    this.#device = device;
  }

  get receivers() {
    return this.#sender?.views ?? [];
  }

  get snmp(): SnmpView {
    const atRest = snmpAtRest(this.#device.description());
    if (this.#snmp === null) return atRest;
    const { listening, failure, counters } = this.#snmp;
    return { ...atRest, listening, failure, counters };
  }

  /** From here on the configuration is that of the device; what was logged before is sent now. */
  async open(): Promise<void> {
    this.#isOpen = true;
    await this.apply();
  }

  async apply(): Promise<void> {
    if (!this.#isOpen) return;
    await this.#applyLogging();
    await this.#applySnmp();
  }

  logged(facts: MessageFacts): void {
    if (this.#sender !== null) this.#sender.send(facts);
    else if (!this.#isOpen && this.#pending.length < pendingMax) this.#pending.push(facts);
  }

  noticed(notice: AgentNotice): void {
    this.#snmp?.notify(notice);
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    await Promise.all([this.#sender?.close(), this.#snmp?.close()]);
    this.#sender = null;
    this.#snmp = null;
  }

  async #applyLogging(): Promise<void> {
    const { logging } = this.#device.description();
    if (this.#sender === null && logging.receivers.length > 0) {
      const { SyslogSender } = await import("../syslog/syslog-sender.ts");
      this.#sender = new SyslogSender(logging, {
        timers: this.#timers,
        note: (line) => this.#device.note(line),
        way: (trustpoint) => this.#way(this.#device.description().logging.sourceInterface, trustpoint),
      });
    }
    this.#sender?.apply(logging);
    for (const facts of this.#pending) this.#sender?.send(facts);
    this.#pending = [];
  }

  async #applySnmp(): Promise<void> {
    const { snmp, snmpUsers } = this.#device.description();
    const isWanted = answersSomebody(snmp, snmpUsers) || (snmp.notifies && snmp.hosts.length > 0);
    if (!isWanted) {
      await this.#snmp?.close();
      this.#snmp = null;
      return;
    }
    if (this.#snmp === null) {
      const { SnmpService, nextEngine } = await import("../snmp/snmp-service.ts");
      const engine = nextEngine(this.#device.description().snmpEngine);
      this.#snmp = new SnmpService({
        engine,
        timers: this.#timers,
        note: (line) => this.#device.note(line),
        view: () => this.#device.licenseView(),
        now: () => this.#device.now(),
        way: () => this.#way(this.#device.description().snmp.sourceInterface, null),
      });
      await this.#device.describe({ snmpEngine: engine });
    }
    await this.#snmp.apply(snmp, snmpUsers);
  }

  /** From an interface, with null from whichever is up; a text says why there is no way. */
  #way(interfaceName: string | null, trustpoint: string | null): ConnectionSettings | string {
    const { connection } = this.#device;
    try {
      const source = connection.sourceFor({ interface: interfaceName, vrf: null });
      const settings = connection.settingsFrom(source, trustpoint);
      const isBelieved = trustpoint === null || settings.certificateAuthorities.length > 0;
      return isBelieved ? settings : `trustpoint ${trustpoint} has no certificate`;
    } catch (error) {
      if (error instanceof TransportFailure) return error.detail;
      throw error;
    }
  }

  get #timers(): Timers {
    return this.#device.timers ?? systemTimers;
  }
}

/** What is known of SNMP where the device does not run. */
export function snmpAtRest({ snmp, snmpUsers, snmpEngine }: DeviceDescription): SnmpView {
  return {
    configuration: snmp,
    users: snmpUsers.map(({ name, group, authProtocol }) => ({ name, group, authProtocol })),
    engineIdHex: snmpEngine?.idHex ?? null,
    listening: null,
    failure: null,
    counters: noCounters,
  };
}
