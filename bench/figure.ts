// What one measurement says, and what a figure needs to be measured. The members of `Figure` are the published JSON.

import type { Fleet } from "./fill/fleet.ts";

/** All names, in the order in which they are measured. Names are interface: scripts compare runs by them. */
export const figureNames = [
  "ingest-single-64",
  "ingest-single-64-p256",
  "ingest-batch-1000",
  "ingest-batch-1000-p256",
  "enrol",
  "agent-append-365d",
  "ingest-flat-1k-1m",
  "manager-rss-1m",
  "device-rss",
  "console-prompt",
  "show-license-all-365d",
  "lab-10000-agents",
] as const;
export type FigureName = (typeof figureNames)[number];

export type Figure = {
  readonly name: FigureName;
  readonly value: number;
  readonly unit: string;
  /** The same unit, measured in the same run by a program that does nothing but the unavoidable. */
  readonly ceiling: number;
  /** `value / ceiling`. Below 1 is the share of the ceiling reached; where less is better, above 1 is how many times the floor. */
  readonly ratio: number;
  /** Latency of one request in milliseconds; null where nothing is asked. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** What was prepared before the timed part, and what else a reader must know. */
  readonly note: string;
};

/** Where a figure may write, how it says what it does, and how it learns that it must stop. */
export type BenchContext = {
  /** An empty directory of this figure's own. */
  readonly directory: string;
  /** Where the manager's CPU profile goes; null for none. */
  readonly profileDirectory: string | null;
  readonly signal: AbortSignal;
  /** A manager's data directory with that many product instances, made when the first figure asks for it. */
  fleet(count: number): Promise<Fleet>;
  progress(text: string): void;
};

export type Measure = (context: BenchContext) => Promise<Figure>;

/** Figures are compared by people: four significant digits say all that a shared machine can tell. */
export function round(value: number): number {
  return Number(value.toPrecision(4));
}

export function figureOf({ name, value, unit, ceiling, p50Ms, p99Ms, note }: Omit<Figure, "ratio">): Figure {
  return {
    name,
    value: round(value),
    unit,
    ceiling: round(ceiling),
    ratio: round(value / ceiling),
    p50Ms: p50Ms === null ? null : round(p50Ms),
    p99Ms: p99Ms === null ? null : round(p99Ms),
    note,
  };
}
