// What a program measures, as its reference page lists it. Of the library's metrics only what is looked at here is known.

export type MetricDescription = {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labels: readonly string[];
};

/** Of every metric of a registry of prom-client. */
export function describeMetrics(metrics: readonly object[]): readonly MetricDescription[] {
  return metrics.map((metric) => {
    // The library keeps the names of labels, and does not declare them.
    const { name, type, help, labelNames } = metric as MetricDescription & { readonly labelNames?: readonly string[] };
    return { name, type, help, labels: labelNames ?? [] };
  });
}
