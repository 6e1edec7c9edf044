// The parts of prom-client that are used, each by its own file: the library's index loads a hundred files more, tracing and
// quantiles among them, and every start of a manager would wait for them (docs/decisions/0106-what-neither-a-start-nor-a-sync-need-load.md).

import { createRequire } from "node:module";
import type {
  Counter as CounterType,
  Gauge as GaugeType,
  Histogram as HistogramType,
  Registry as RegistryType,
} from "prom-client";

const load = createRequire(import.meta.url);

export const Counter = load("prom-client/lib/counter.js") as typeof CounterType;
export const Gauge = load("prom-client/lib/gauge.js") as typeof GaugeType;
export const Histogram = load("prom-client/lib/histogram.js") as typeof HistogramType;
export const Registry = load("prom-client/lib/registry.js") as typeof RegistryType;

type ProcessMetric = (
  registry: RegistryType,
  options: { readonly prefix: string; readonly eventLoopMonitoringPrecision: number },
) => void;

/** What the library measures of a process, without its processor time: that alone loads the tracing. */
const processMetrics = [
  ...["processStartTime", "osMemoryHeap", "processOpenFileDescriptors", "processMaxFileDescriptors", "eventLoopLag"],
  ...[
    "processResources",
    "processHandles",
    "processRequests",
    "heapSizeAndUsed",
    "heapSpacesSizeAndUsed",
    "version",
    "gc",
  ],
] as const;

/** The same figures under the same names as the library's `collectDefaultMetrics`. */
export function collectProcessMetrics(registry: RegistryType, prefix: string): void {
  collectProcessorTime(registry, prefix);
  for (const name of processMetrics) {
    const collect = load(`prom-client/lib/metrics/${name}.js`) as ProcessMetric;
    collect(registry, { prefix, eventLoopMonitoringPrecision: 10 });
  }
}

function collectProcessorTime(registry: RegistryType, prefix: string): void {
  const registers = [registry];
  const startedAt = process.cpuUsage();
  const counter = (name: string, help: string, microseconds: (used: NodeJS.CpuUsage) => number) =>
    new Counter({
      name: `${prefix}${name}`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(microseconds(process.cpuUsage(startedAt)) / 1e6);
      },
    });
  counter("process_cpu_user_seconds_total", "Total user CPU time spent in seconds.", ({ user }) => user);
  counter("process_cpu_system_seconds_total", "Total system CPU time spent in seconds.", ({ system }) => system);
  counter(
    "process_cpu_seconds_total",
    "Total user and system CPU time spent in seconds.",
    ({ user, system }) => user + system,
  );
}
