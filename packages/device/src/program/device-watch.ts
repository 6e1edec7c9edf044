// Looks at what licensing does on a running device: debugs for whoever switched them on, a trace that is always kept, and
// captures. Nothing of it is configuration: it is gone after a reload.

import type { AgentTrace, ConnectionEvent, ConnectionObserver } from "@countersign/agent";
import { CapturePoints, type CapturePorts } from "../capture/capture-points.ts";
import {
  agentLines,
  connectionLines,
  type DebugLine,
  type RevocationEvent,
  revocationLines,
} from "../debug/debug-lines.ts";
import { type DebugWords, topicsOf } from "../debug/debug-topics.ts";
import { TlsRecords } from "../debug/tls-records.ts";
import { TraceRing } from "../debug/trace-ring.ts";
import type { WatchView } from "../debug/watch-view.ts";
import type { TransportType } from "../device-configuration.ts";
import { debugFacility, type LogLine } from "../syslog-line.ts";

export type WatchPorts = {
  readonly now: () => number;
  readonly log: (line: LogLine) => void;
  readonly addressesOf: CapturePorts["addressesOf"];
  readonly transport: () => TransportType;
};

export class DeviceWatch {
  readonly captures: CapturePoints;
  readonly #ports: WatchPorts;
  readonly #debugs = new Set<DebugWords>();
  readonly #ring = new TraceRing();
  #records = new TlsRecords();
  #observer: { readonly key: string; readonly made: ConnectionObserver } | null = null;

  constructor(ports: WatchPorts) {
    this.#ports = ports;
    this.captures = new CapturePoints({
      now: ports.now,
      addressesOf: ports.addressesOf,
      ended: (name, why) => this.#captureEnded(name, why),
    });
  }

  view(): WatchView {
    return { debugs: [...this.#debugs].sort(), trace: [...this.#ring.lines], captures: this.captures.views() };
  }

  debug(topics: readonly DebugWords[], isOn: boolean): void {
    for (const topic of topics) {
      if (isOn) this.#debugs.add(topic);
      else this.#debugs.delete(topic);
    }
  }

  /** What a reload does. */
  forget(): void {
    this.#debugs.clear();
    this.captures.forget();
    this.#ring.clear();
  }

  /** Another one when bytes begin or end to be wanted, so that the next message takes a connection that is seen whole. */
  observer(): ConnectionObserver {
    const { seesBytes, generation } = this.captures.demand;
    const readsMessages = [...this.#debugs].some((topic) => topicsOf[topic].seesBytes === true);
    const key = `${generation} ${seesBytes || readsMessages}`;
    if (this.#observer?.key !== key) {
      this.#records = new TlsRecords();
      const made = { seesBytes: seesBytes || readsMessages, tell: (event: ConnectionEvent) => this.#connection(event) };
      this.#observer = { key, made };
    }
    return this.#observer.made;
  }

  readonly agentTrace = (trace: AgentTrace): void => {
    this.#tell(() => agentLines(trace, this.#ports.transport()));
  };

  readonly revocation = (event: RevocationEvent): void => {
    this.#tell(() => revocationLines(event));
  };

  #connection(event: ConnectionEvent): void {
    this.captures.seen(event);
    this.#tell(() => connectionLines(event));
    if (!this.#debugs.has("ssl openssl msg")) return;
    for (const text of this.#records.read(event)) {
      this.#say({ area: "ssl", topics: ["ssl openssl msg"], text, isTraced: false });
    }
  }

  #tell(lines: () => readonly DebugLine[]): void {
    for (const line of lines()) {
      if (line.isTraced) this.#ring.add({ atMs: this.#ports.now(), area: line.area, text: line.text });
      this.#say(line);
    }
  }

  #say({ area, topics, text }: DebugLine): void {
    if (!topics.some((topic) => this.#debugs.has(topic))) return;
    this.#ports.log({ facility: debugFacility, severity: 7, mnemonic: area, text: `${area}: ${text}` });
  }

  #captureEnded(name: string, why: string | null): void {
    const text = `Capture Point ${name} disabled.${why === null ? "" : ` Reason : ${why}`}`;
    this.#ports.log({ facility: "BUFCAP", severity: 6, mnemonic: "DISABLE", text });
  }
}
