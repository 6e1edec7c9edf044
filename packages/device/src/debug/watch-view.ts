// What a device knows about its own doings, as show commands print it: debugs that are on, the trace, captures.

import type { CaptureView } from "../capture/capture-view.ts";
import type { DebugWords } from "./debug-topics.ts";
import type { TraceLine } from "./trace-ring.ts";

export type WatchView = {
  readonly debugs: readonly DebugWords[];
  readonly trace: readonly TraceLine[];
  readonly captures: readonly CaptureView[];
};

/** Of a device that does not run. */
export const nothingWatched: WatchView = { debugs: [], trace: [], captures: [] };
