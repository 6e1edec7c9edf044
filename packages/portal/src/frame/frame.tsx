// The frame around every page: the rail, the account that is looked at, who is signed in. Nothing that does not exist stands here.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { useEffect } from "react";
import type { Account, Session } from "../api/answers.ts";
import { ask } from "../api/client.ts";
import { accountsQuery, alertsQuery, forgetOperator, sessionQuery } from "../api/queries.ts";
import { Failure, Loading } from "../parts/notes.tsx";
import { useSearchState } from "./navigation.ts";
import { pages } from "./pages.ts";
import { onOtherPage, placeOf } from "./place.ts";
import { SearchField } from "./search-field.tsx";
import { SignIn } from "./sign-in.tsx";

/** Nothing of an account is asked for before somebody is signed in. */
export function Frame() {
  const session = useQuery(sessionQuery);
  if (session.data === null) return <SignIn />;
  if (session.data === undefined)
    return session.error === null ? (
      <Loading what="the portal" />
    ) : (
      <Failure error={session.error} retry={() => void session.refetch()} />
    );
  return <SignedIn session={session.data} />;
}

function SignedIn({ session }: { readonly session: Session }) {
  const accounts = useQuery(accountsQuery);
  const [search] = useSearchState();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const title = pages.find(({ to }) => to === path)?.title ?? "Countersign";
  useEffect(() => {
    document.title = `${title} – Countersign`;
  }, [title]);
  const { data = [] } = accounts;
  const isChosen = chosenOf(data, search.account) !== undefined;
  return (
    <div className="frame">
      <a className="skip" href="#page">
        Skip to the page
      </a>
      <header>
        <span className="brand">Countersign</span>
        <Switcher accounts={data} />
        {isChosen ? <SearchField /> : null}
        <SignedInAs session={session} />
      </header>
      <Rail />
      <main id="page" tabIndex={-1}>
        {accounts.data === undefined ? (
          accounts.error === null ? (
            <Loading what="the accounts" />
          ) : (
            <Failure error={accounts.error} retry={() => void accounts.refetch()} />
          )
        ) : isChosen ? (
          <Outlet />
        ) : (
          <p className="note">
            {data.length === 0 ? "There is no smart account that you may see." : "Choose a smart account above."}
          </p>
        )}
      </main>
      <footer>
        <p>
          Your network keeps working: nothing here stops a device. Times are in{" "}
          {Intl.DateTimeFormat().resolvedOptions().timeZone}.
        </p>
      </footer>
    </div>
  );
}

/** The named account, or the only one while none is named; a name that is not there chooses nothing. */
function chosenOf(accounts: readonly Account[], named: string | undefined): Account | undefined {
  if (named === undefined) return accounts.length === 1 ? accounts[0] : undefined;
  return accounts.find(({ name }) => name === named);
}

function Switcher({ accounts }: { readonly accounts: readonly Account[] }) {
  const [search, change] = useSearchState();
  const chosen = chosenOf(accounts, search.account);
  return (
    <div className="switcher">
      <label>
        <span>Smart account</span>
        <select
          value={chosen?.name ?? ""}
          onChange={({ target }) => change({ account: target.value, va: undefined, open: undefined })}
        >
          {chosen === undefined ? <option value="">choose …</option> : null}
          {accounts.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        <span>Virtual account</span>
        <select value={search.va ?? ""} onChange={({ target }) => change({ va: target.value, open: undefined })}>
          <option value="">all</option>
          {chosen?.virtualAccounts.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
    </div>
  );
}

function SignedInAs({ session }: { readonly session: Session }) {
  const queries = useQueryClient();
  const signOut = useMutation({
    mutationFn: () => ask("DELETE", "session"),
    onSuccess: () => forgetOperator(queries),
  });
  return (
    <div className="who">
      <span>
        {session.name}
        {session.mayAdminister ? "" : " (viewer)"}
      </span>
      <button type="button" disabled={signOut.isPending} onClick={() => signOut.mutate()}>
        Sign out
      </button>
    </div>
  );
}

function Rail() {
  const [search] = useSearchState();
  const { data } = useQuery(alertsQuery(placeOf(search), false));
  const mustAct = data?.alerts.filter(({ severity }) => severity === "critical").length ?? 0;
  return (
    <nav aria-label="Pages">
      <ul>
        {pages.map(({ to, title, isBelow }) => (
          <li key={to} className={isBelow ? "below" : ""}>
            <Link to={to} search={onOtherPage(search)} activeOptions={{ exact: true, includeSearch: false }}>
              {title}
              {to === "/alerts" && mustAct > 0 ? (
                <span className="count">
                  {mustAct}
                  <span className="unseen"> that somebody must act on</span>
                </span>
              ) : null}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
