// The one sentence that Home begins with: am I fine, and if not, what do I do.

import type { Alert } from "../api/answers.ts";

export type Standing = { readonly headline: string; readonly detail: string; readonly mustAct: boolean };

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

export function standingOf(alerts: readonly Alert[], instances: number, isComplete: boolean): Standing {
  const critical = alerts.filter(({ severity }) => severity === "critical").length;
  const soon = alerts.length - critical;
  const more = isComplete ? "" : " There are more events than are looked at here, so this may not be all.";
  const watched = `${plural(instances, "product instance")} ${instances === 1 ? "is" : "are"} registered here.${more}`;
  if (critical > 0)
    return {
      headline: `${plural(critical, "thing needs", "things need")} you now${soon > 0 ? `, ${plural(soon, "thing")} soon` : ""}.`,
      detail: watched,
      mustAct: true,
    };
  if (soon > 0)
    return { headline: `${plural(soon, "thing needs", "things need")} you soon.`, detail: watched, mustAct: false };
  if (!isComplete) return { headline: "No open alert was found.", detail: watched, mustAct: false };
  return { headline: "Nothing needs you.", detail: watched, mustAct: false };
}
