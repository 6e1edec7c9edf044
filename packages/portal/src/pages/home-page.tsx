// Home: the sentence, and the list of things to do.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Alert } from "../api/answers.ts";
import { accountsQuery, alertsQuery } from "../api/queries.ts";
import { useSearchState } from "../frame/navigation.ts";
import { onOtherPage, placeOf, type Search } from "../frame/place.ts";
import { Failure, Loading, Nothing, Progress } from "../parts/notes.tsx";
import { Severity } from "../parts/severity.tsx";
import { ToldBy } from "../parts/told-by.tsx";
import { standingOf } from "../text/sentence.ts";

export function HomePage() {
  const [search] = useSearchState();
  const alerts = useQuery(alertsQuery(placeOf(search), false));
  const { data: accounts = [] } = useQuery(accountsQuery);
  if (alerts.data === undefined)
    return alerts.error === null ? (
      <Loading what="alerts" />
    ) : (
      <Failure error={alerts.error} retry={() => void alerts.refetch()} />
    );
  const inside = (accounts.find(({ name }) => name === search.account) ?? accounts[0])?.virtualAccounts ?? [];
  const instances = inside
    .filter(({ name }) => search.va === undefined || name === search.va)
    .reduce((sum, virtualAccount) => sum + virtualAccount.instances, 0);
  const standing = standingOf(alerts.data.alerts, instances, alerts.data.isComplete);
  return (
    <>
      <Progress isShown={alerts.isFetching} />
      <h1 className={standing.mustAct ? "must-act" : ""}>{standing.headline}</h1>
      <p className="prose">{standing.detail}</p>
      {alerts.error === null ? null : <Failure error={alerts.error} retry={() => void alerts.refetch()} />}
      {instances === 0 ? (
        <Nothing line="countersign manager token create --uses 10">
          No device has trust here yet. Make a token, and give it to the devices that may come in:
        </Nothing>
      ) : null}
      {alerts.data.alerts.length === 0 ? null : (
        <section aria-labelledby="to-do">
          <h2 id="to-do">To do</h2>
          <ol className="to-do">
            {alerts.data.alerts.map((alert) => (
              <ToDo key={alert.alertId} alert={alert} search={search} />
            ))}
          </ol>
        </section>
      )}
    </>
  );
}

function ToDo({ alert, search }: { readonly alert: Alert; readonly search: Search }) {
  return (
    <li>
      <Severity severity={alert.severity} />
      <div className="prose">
        <p>
          <strong>{alert.title}</strong>
        </p>
        <ToldBy alert={alert} className="quiet" />
      </div>
      <Link className="button" to="/alerts" search={onOtherPage(search, { open: alert.alertId })}>
        What to do
        <span className="unseen"> about: {alert.title}</span>
      </Link>
    </li>
  );
}
