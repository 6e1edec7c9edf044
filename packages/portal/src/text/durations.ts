// Times for people: how long ago in the two largest units, and the exact time in the reader's own zone.

const units: readonly (readonly [string, number])[] = [
  ["y", 31_536_000],
  ["d", 86_400],
  ["h", 3600],
  ["min", 60],
  ["s", 1],
];

/** `3 d 4 h`, `12 min 5 s`, `0 s`; never more than two units, and never one that rounds up. */
export function durationText(milliseconds: number): string {
  let rest = Math.max(0, Math.floor(milliseconds / 1000));
  const parts: string[] = [];
  const first = units.findIndex(([, seconds]) => rest >= seconds);
  if (first < 0) return "0 s";
  for (const [unit, seconds] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.join(" ");
}

export function agoText(atMs: number, nowMs: number): string {
  if (nowMs - atMs < -1000) return `in ${durationText(atMs - nowMs)}`;
  return `${durationText(nowMs - atMs)} ago`;
}

/** `2031-05-21 14:00:05`, in the reader's zone. */
export function exactText(atMs: number): string {
  const at = new Date(atMs);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
