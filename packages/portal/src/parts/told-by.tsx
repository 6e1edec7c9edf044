// Where an alert is, how many devices told it, and since when: one line below its title.

import type { Alert } from "../api/answers.ts";
import { plural } from "../text/sentence.ts";
import { Moment, useNow } from "./moment.tsx";

export function ToldBy({ alert, className }: { readonly alert: Alert; readonly className: string }) {
  const now = useNow();
  return (
    <p className={className}>
      {alert.virtualAccounts.join(", ")} · {plural(alert.installations, "device")}
      {alert.sinceMs === null ? null : (
        <>
          {" · since "}
          <Moment atMs={alert.sinceMs} nowMs={now} />
        </>
      )}
    </p>
  );
}
