// What stands where data would be: while it comes, when it cannot come, and when there is none.

import type { ReactNode } from "react";
import { Refusal } from "../api/client.ts";
import { Words } from "./words.tsx";

/** Only on first load; afterwards the old rows stay. */
export function Loading({ what }: { readonly what: string }) {
  return (
    <p className="note" role="status">
      Loading {what} …
    </p>
  );
}

export function Failure({ error, retry }: { readonly error: Error; readonly retry: () => void }) {
  const refusal = error instanceof Refusal ? error : null;
  return (
    <div className="note failure" role="alert">
      <p>
        <strong>{error.message}</strong> <Words text={refusal?.remedy ?? ""} />
      </p>
      <p className="quiet">
        {refusal === null ? "" : `Code ${refusal.code}`}
        {refusal?.incidentId == null ? "" : `, incident ${refusal.incidentId}`}
      </p>
      <button type="button" onClick={retry}>
        Try again
      </button>
    </div>
  );
}

/** Teaches the next step, with a line to paste. */
export function Nothing({ children, line }: { readonly children: ReactNode; readonly line?: string }) {
  return (
    <div className="note">
      <p>{children}</p>
      {line === undefined ? null : <pre>{line}</pre>}
    </div>
  );
}

/** A thin line at the top while what is shown is asked for again. */
export function Progress({ isShown }: { readonly isShown: boolean }) {
  return <div className="progress" data-shown={isShown} aria-hidden="true" />;
}
