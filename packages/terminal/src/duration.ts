// Durations for people, in the largest two units: "3 d 4 h", "2 min 5 s".

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
] as const;

/** A duration in milliseconds; below a second "0 s". A negative one is given its sign. */
export function formatDuration(durationMs: number, unitsShown = 2): string {
  if (durationMs < 0) return `-${formatDuration(-durationMs, unitsShown)}`;
  const first = units.findIndex(([, unitMs]) => durationMs >= unitMs);
  if (first === -1) return "0 s";
  let restMs = durationMs;
  const parts: string[] = [];
  for (const [name, unitMs] of units.slice(first, first + unitsShown)) {
    const count = Math.floor(restMs / unitMs);
    restMs -= count * unitMs;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.join(" ");
}

/** "in 2 min", "5 s ago", "now", or "–" for what is not set: in one unit, because tables have little room. */
export function formatRelative(atMs: number | null, now: number): string {
  if (atMs === null) return "–";
  const distanceMs = atMs - now;
  if (Math.abs(distanceMs) < 1000) return "now";
  return distanceMs > 0 ? `in ${formatDuration(distanceMs, 1)}` : `${formatDuration(-distanceMs, 1)} ago`;
}
