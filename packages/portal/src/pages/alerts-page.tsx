// Alerts: what needs somebody, with its consequence and the next step; and what was handled, by whom and why.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useRef, useState } from "react";
import type { Alert } from "../api/answers.ts";
import { ask } from "../api/client.ts";
import { alertsQuery, sessionQuery } from "../api/queries.ts";
import { useSearchState } from "../frame/navigation.ts";
import { placeOf } from "../frame/place.ts";
import { Moment, useNow } from "../parts/moment.tsx";
import { Failure, Loading, Nothing, Progress } from "../parts/notes.tsx";
import { Severity } from "../parts/severity.tsx";
import { ToldBy } from "../parts/told-by.tsx";
import { Words } from "../parts/words.tsx";

const keyOf = ({ alertId, handled }: Alert) => (handled === null ? alertId : `${alertId} ${handled.atMs}`);

export function AlertsPage() {
  const [search, change] = useSearchState();
  const isHandled = search.show === "handled";
  const alerts = useQuery(alertsQuery(placeOf(search), isHandled));
  const [said, setSaid] = useState("");
  const show = (show: string | undefined) => change({ show, open: undefined });
  return (
    <>
      <Progress isShown={alerts.isFetching} />
      <h1>Alerts</h1>
      <fieldset className="choice">
        <legend className="unseen">Which alerts</legend>
        <button type="button" aria-pressed={!isHandled} onClick={() => show(undefined)}>
          Open
        </button>
        <button type="button" aria-pressed={isHandled} onClick={() => show("handled")}>
          Handled
        </button>
      </fieldset>
      <p role="status">{said}</p>
      {alerts.error === null ? null : <Failure error={alerts.error} retry={() => void alerts.refetch()} />}
      {alerts.data === undefined ? (
        alerts.error === null ? (
          <Loading what="alerts" />
        ) : null
      ) : alerts.data.alerts.length === 0 ? (
        <Nothing>{isHandled ? "No alert was marked as handled." : "Nothing needs you."}</Nothing>
      ) : (
        <ul className="alerts">
          {alerts.data.alerts.map((alert) => (
            <AlertItem key={keyOf(alert)} alert={alert} onHandled={setSaid} />
          ))}
        </ul>
      )}
      {alerts.data?.isComplete === false ? (
        <p className="note">There are more events than are looked at; the oldest alerts may be missing.</p>
      ) : null}
    </>
  );
}

function AlertItem({ alert, onHandled }: { readonly alert: Alert; readonly onHandled: (said: string) => void }) {
  const [search, change] = useSearchState();
  const bodyId = useId();
  const isOpen = search.open === keyOf(alert);
  return (
    <li>
      <h2>
        <button
          type="button"
          className="opens"
          aria-expanded={isOpen}
          aria-controls={bodyId}
          onClick={() => change({ open: isOpen ? undefined : keyOf(alert) })}
        >
          {alert.handled === null ? <Severity severity={alert.severity} /> : <span className="severity">Handled</span>}
          <span>{alert.title}</span>
        </button>
      </h2>
      <ToldBy alert={alert} className="quiet about" />
      <div id={bodyId} className="about" hidden={!isOpen}>
        {isOpen ? <AlertBody alert={alert} onHandled={onHandled} /> : null}
      </div>
    </li>
  );
}

function AlertBody({ alert, onHandled }: { readonly alert: Alert; readonly onHandled: (said: string) => void }) {
  const now = useNow();
  const { data: session } = useQuery(sessionQuery);
  const left = alert.installations - alert.devices.length;
  const isMarkable = alert.handled === null && alert.throughEventId !== null && session?.mayAdminister === true;
  return (
    <>
      <dl className="facts">
        <dt>Consequence</dt>
        <dd>
          <Words text={alert.consequence} />
        </dd>
        <dt>Next step</dt>
        <dd>
          <Words text={alert.nextStep} />
        </dd>
        {alert.newestAtMs === null ? null : (
          <>
            <dt>Last told</dt>
            <dd>
              <Moment atMs={alert.newestAtMs} nowMs={now} />
            </dd>
          </>
        )}
        {alert.devices.length === 0 ? null : (
          <>
            <dt>Devices</dt>
            <dd>
              <ul className="plain">
                {alert.devices.map((device) => (
                  <li key={device}>
                    <code>{device}</code>
                  </li>
                ))}
              </ul>
              {left > 0 ? `and ${left} more` : ""}
            </dd>
          </>
        )}
        {alert.handled === null ? null : (
          <>
            <dt>Handled</dt>
            <dd>
              <Moment atMs={alert.handled.atMs} nowMs={now} /> by{" "}
              {alert.handled.by ?? "the owner of the data directory"}, leaf {alert.handled.leafIndex} of the ledger:{" "}
              {alert.handled.note}
            </dd>
          </>
        )}
      </dl>
      {isMarkable ? <HandleForm alert={alert} onHandled={onHandled} /> : null}
      {alert.throughEventId === null ? <p className="quiet">This alert ends by itself when that is done.</p> : null}
    </>
  );
}

/** The note stands in the ledger for ever, so it is asked for and not made up. */
function HandleForm({ alert, onHandled }: { readonly alert: Alert; readonly onHandled: (said: string) => void }) {
  const [search, change] = useSearchState();
  const queries = useQueryClient();
  const noteId = useId();
  const note = useRef<HTMLTextAreaElement>(null);
  const handle = useMutation({
    mutationFn: (reason: string) =>
      ask<Alert>("POST", `alerts/${encodeURIComponent(alert.alertId)}/handle`, {
        query: placeOf(search),
        body: { throughEventId: alert.throughEventId, reason },
      }),
    onSuccess: async (handled) => {
      onHandled(`Marked as handled; it stands as leaf ${handled.handled?.leafIndex} in the ledger.`);
      change({ open: undefined });
      await queries.invalidateQueries({ queryKey: ["alerts"] });
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    handle.mutate(note.current?.value ?? "");
  };
  return (
    <form className="handle" onSubmit={submit}>
      <label htmlFor={noteId}>What was found and done; the note stands in the ledger</label>
      <textarea id={noteId} ref={note} required maxLength={500} rows={3} />
      {handle.error === null ? null : (
        <Failure error={handle.error} retry={() => note.current?.form?.requestSubmit()} />
      )}
      <button type="submit" className="primary" disabled={handle.isPending}>
        Mark as handled
      </button>
    </form>
  );
}
