// A time as how long ago it was, with the exact time on hover and focus.

import { useEffect, useState } from "react";
import { agoText, exactText } from "../text/durations.ts";

const tickMs = 10_000;

export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), tickMs);
    return () => clearInterval(timer);
  }, []);
  return now;
}

export function Moment({ atMs, nowMs }: { readonly atMs: number | null; readonly nowMs: number }) {
  if (atMs === null) return <span className="quiet">not known</span>;
  return (
    <time dateTime={new Date(atMs).toISOString()} title={exactText(atMs)}>
      {agoText(atMs, nowMs)}
    </time>
  );
}
