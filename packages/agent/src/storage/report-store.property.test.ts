// The store against a naive model: any sequence of effects, restarts and torn ends, and both hold the same reports.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ReportEffect, UnwrittenStep } from "../ports.ts";
import { close, measure, signBuiltin } from "../test-support/report-effects.ts";
import { MemoryDisk } from "./memory-disk.ts";
import { DiskReportStore } from "./report-store.ts";

type Model = Map<number, { status: string; measurements: number }>;
type Action = {
  readonly kind:
    | "measure"
    | "close"
    | "hand-out"
    | "hand-out-uncounted"
    | "delete"
    | "refuse"
    | "requeue"
    | "restart"
    | "repeat"
    | "tear";
  readonly id: number;
};

const action = fc.record({
  kind: fc.constantFrom<Action["kind"]>(
    "measure",
    "measure",
    "close",
    "close",
    "hand-out",
    "hand-out-uncounted",
    "delete",
    "refuse",
    "requeue",
    "restart",
    "repeat",
    "tear",
  ),
  id: fc.integer({ min: 1, max: 6 }),
});

function effectOf({ kind, id }: Action, model: Model): ReportEffect | null {
  const known = model.get(id);
  switch (kind) {
    case "measure":
      return known === undefined || known.status === "open" ? measure(id, known?.measurements ?? 0, 1) : null;
    case "close":
      return known?.status === "open" ? close(id) : null;
    case "delete":
      return { type: "delete-reports", reportIds: [id] };
    case "refuse":
      return known?.status === "pending" ? { type: "mark-reports", reportIds: [id], status: "refused" } : null;
    case "requeue":
      return { type: "requeue-refused" };
    default:
      return null;
  }
}

function follow(model: Model, { kind, id }: Action): void {
  const known = model.get(id);
  if (kind === "measure") model.set(id, { status: "open", measurements: (known?.measurements ?? 0) + 1 });
  if (kind === "close" && known !== undefined) known.status = "closed";
  if (kind === "delete") model.delete(id);
  if (kind === "refuse" && known !== undefined) known.status = "refused";
  if (kind === "requeue")
    for (const report of model.values()) if (report.status === "refused") report.status = "pending";
}

async function contentOf(store: DiskReportStore): Promise<[number, string, number][]> {
  const content: [number, string, number][] = [];
  for (const entry of store.entries()) {
    const body = await store.read(entry.reportId);
    const measurements =
      body?.kind === "measurements"
        ? body.measurements.length
        : body?.kind === "draft"
          ? body.report.measurements.length
          : (JSON.parse(body?.report.payload ?? "") as { measurements: unknown[] }).measurements.length;
    content.push([entry.reportId, entry.status, measurements]);
  }
  return content.sort((one, other) => one[0] - other[0]);
}

test("after any sequence of effects, restarts, repetitions and torn ends the store holds what a naive model holds", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
      const disk = new MemoryDisk();
      // So small that segments are rewritten all the time, and large enough that nothing has to be merged.
      const create = () => new DiskReportStore(disk, 60_000);
      let store = create();
      await store.open();
      const model: Model = new Map();
      /** Signed, and nobody said that they were counted so: they are shown as closed until the next start. */
      const uncounted = new Set<number>();
      let step = 0;
      let last: readonly ReportEffect[] = [];
      /** What the stored state carries beside the last step's effects: what was unwritten when that step was stored. */
      let carried: readonly UnwrittenStep[] = [];
      for (const each of actions) {
        if (each.kind === "restart" || each.kind === "tear") {
          const newest = (await disk.list("reports")).at(-1);
          if (each.kind === "tear" && newest !== undefined)
            await disk.append(`reports/${newest}`, Buffer.from([1, 2, 3]));
          store = create();
          await store.open(carried);
          await store.apply(step, last);
          uncounted.clear();
        }
        if (each.kind === "repeat") await store.apply(step, last);
        const handsOut = each.kind === "hand-out" || each.kind === "hand-out-uncounted";
        const report = model.get(each.id);
        if (handsOut && report !== undefined && report.status !== "open") {
          const { newIds } = await store.handOut([each.id], signBuiltin);
          if (report.status === "closed") uncounted.add(each.id);
          assert.deepEqual(newIds, uncounted.has(each.id) ? [each.id] : []);
          if (report.status === "closed") report.status = "pending";
          if (each.kind === "hand-out") {
            store.told(newIds);
            uncounted.delete(each.id);
          }
        }
        const effect = effectOf(each, model);
        if (effect === null) continue;
        step += 1;
        last = [effect];
        carried = store.unwritten;
        await store.apply(step, last);
        follow(model, each);
      }
      const expected = [...model].map(([id, { status, measurements }]) => {
        const shown = status === "pending" && uncounted.has(id) ? "closed" : status;
        return [id, shown, measurements];
      });
      assert.deepEqual(
        await contentOf(store),
        expected.sort((one, other) => Number(one[0]) - Number(other[0])),
      );
    }),
    { numRuns: 300 },
  );
});
