// A word and a shape, so that colour is never the only sign.

import type { Alert } from "../api/answers.ts";

export function Severity({ severity }: { readonly severity: Alert["severity"] }) {
  return severity === "critical" ? (
    <span className="severity critical">
      <span aria-hidden="true">■</span> Act now
    </span>
  ) : (
    <span className="severity warning">
      <span aria-hidden="true">▲</span> Soon
    </span>
  );
}
