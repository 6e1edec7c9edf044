// Tokens: what lets devices in. A new one is shown this once, as the lines to type on the device, until the first device has used it.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import type { CreatedToken, Token } from "../api/answers.ts";
import { ask } from "../api/client.ts";
import { accountsQuery, sessionQuery, tokensQuery } from "../api/queries.ts";
import { useSearchState } from "../frame/navigation.ts";
import { placeOf } from "../frame/place.ts";
import { Copyable } from "../parts/copy.tsx";
import { DataTable, type ShownColumn } from "../parts/data-table.tsx";
import { Moment, useNow } from "../parts/moment.tsx";
import { Failure, Loading, Nothing, Progress } from "../parts/notes.tsx";
import { OpenRow } from "../parts/open-row.tsx";
import { enrolmentLines, promiseOf } from "../text/enrolment.ts";

const stateWords = { valid: "valid", expired: "expired", used_up: "used up", revoked: "revoked" } as const;

const columnsAt = (now: number): readonly ShownColumn<Token>[] => [
  { id: "description", title: "Description", value: (row) => row.description || row.tokenId },
  { id: "va", title: "Virtual account", value: (row) => row.virtualAccount },
  { id: "state", title: "State", value: (row) => stateWords[row.state] },
  {
    id: "uses",
    title: "Used",
    isNumber: true,
    value: (row) => row.uses,
    cell: (row) => `${row.uses} of ${row.usesMax}`,
  },
  {
    id: "expires",
    title: "Ends",
    isNumber: true,
    value: (row) => row.expiresAtMs,
    cell: (row) => <Moment atMs={row.expiresAtMs} nowMs={now} />,
  },
  { id: "by", title: "Made by", value: (row) => row.createdBy },
];

export function TokensPage() {
  const [search] = useSearchState();
  const [created, setCreated] = useState<CreatedToken | null>(null);
  const { data: session } = useQuery(sessionQuery);
  const tokens = useQuery(tokensQuery(placeOf(search), created !== null));
  const now = useNow();
  const open = tokens.data?.find(({ tokenId }) => tokenId === search.open);
  return (
    <>
      <Progress isShown={tokens.isFetching && created === null} />
      <h1>Tokens</h1>
      <p className="prose">A device comes in with a token, once. Afterwards it has a certificate and needs none.</p>
      {created === null ? null : (
        <NewToken
          token={created}
          now={tokens.data?.find(({ tokenId }) => tokenId === created.tokenId) ?? created}
          onClose={() => setCreated(null)}
        />
      )}
      {session?.mayAdminister === true && created === null ? <TokenForm onCreated={setCreated} /> : null}
      {tokens.error === null ? null : <Failure error={tokens.error} retry={() => void tokens.refetch()} />}
      {open === undefined ? null : (
        <TokenRow key={open.tokenId} token={open} mayRevoke={session?.mayAdminister === true} />
      )}
      {tokens.data === undefined ? (
        tokens.error === null ? (
          <Loading what="tokens" />
        ) : null
      ) : tokens.data.length === 0 ? (
        <Nothing line="countersign manager token create --uses 10">No token was made here yet. By command:</Nothing>
      ) : (
        <DataTable caption="Tokens" rows={tokens.data} columns={columnsAt(now)} keyOf={({ tokenId }) => tokenId} />
      )}
    </>
  );
}

function TokenForm({ onCreated }: { readonly onCreated: (token: CreatedToken) => void }) {
  const [search] = useSearchState();
  const { data: accounts = [] } = useQuery(accountsQuery);
  const queries = useQueryClient();
  const id = useId();
  const inside = (accounts.find(({ name }) => name === search.account) ?? accounts[0])?.virtualAccounts ?? [];
  const [wish, setWish] = useState({ description: "", usesMax: 1, expiresAfterDays: 30, exportControlAllowed: false });
  const [chosen, setChosen] = useState<string>();
  const virtualAccount = search.va ?? chosen ?? inside.find(({ isDefault }) => isDefault)?.name ?? "";
  const create = useMutation({
    mutationFn: () =>
      ask<CreatedToken>("POST", "tokens", { query: { ...placeOf(search), virtualAccount }, body: wish }),
    onSuccess: async (token) => {
      onCreated(token);
      await queries.invalidateQueries({ queryKey: ["tokens"] });
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <details className="form">
      <summary>Make a token</summary>
      <form onSubmit={submit}>
        <div className="fields">
          <label htmlFor={`${id}description`}>
            What it is for
            <input
              id={`${id}description`}
              value={wish.description}
              maxLength={200}
              onChange={({ target }) => setWish({ ...wish, description: target.value })}
            />
          </label>
          {search.va === undefined ? (
            <label htmlFor={`${id}va`}>
              Virtual account
              <select id={`${id}va`} value={virtualAccount} onChange={({ target }) => setChosen(target.value)}>
                {inside.map(({ name }) => (
                  <option key={name}>{name}</option>
                ))}
              </select>
            </label>
          ) : null}
          <label htmlFor={`${id}uses`}>
            Devices
            <input
              id={`${id}uses`}
              type="number"
              required
              min={1}
              value={wish.usesMax || ""}
              onChange={({ target }) => setWish({ ...wish, usesMax: target.valueAsNumber })}
            />
          </label>
          <label htmlFor={`${id}days`}>
            Days
            <input
              id={`${id}days`}
              type="number"
              required
              min={1}
              value={wish.expiresAfterDays || ""}
              onChange={({ target }) => setWish({ ...wish, expiresAfterDays: target.valueAsNumber })}
            />
          </label>
          <label className="check">
            <input
              type="checkbox"
              checked={wish.exportControlAllowed}
              onChange={({ target }) => setWish({ ...wish, exportControlAllowed: target.checked })}
            />
            Export-controlled functions allowed
          </label>
        </div>
        {wish.usesMax > 0 && wish.expiresAfterDays > 0 ? (
          <p className="prose">{promiseOf({ ...wish, virtualAccount })}</p>
        ) : null}
        {create.error === null ? null : <Failure error={create.error} retry={() => create.mutate()} />}
        <button type="submit" className="primary" disabled={create.isPending}>
          Make the token
        </button>
      </form>
    </details>
  );
}

type NewTokenProps = { readonly token: CreatedToken; readonly now: Token; readonly onClose: () => void };

/** The text is not kept anywhere: closed too early, another token has to be made. */
function NewToken({ token, now, onClose }: NewTokenProps) {
  const titleId = useId();
  return (
    <section className="open-row" aria-labelledby={titleId}>
      <h2 id={titleId}>The new token{token.description === "" ? "" : ` for ${token.description}`}</h2>
      <p className="prose">
        It is shown now and never again. On the device, which knows this manager's licensing root from its image or its
        trustpoint:
      </p>
      <Copyable text={enrolmentLines(location.origin, token.text)} what="the lines for the device" />
      <p role="status">
        {now.uses === 0
          ? "No device has used it yet; this line says when one has."
          : `${now.uses} of ${now.usesMax} ${now.usesMax === 1 ? "device has" : "devices have"} come in.`}
      </p>
      <button type="button" onClick={onClose}>
        {now.uses === 0 ? "Close, it is noted" : "Close"}
      </button>
    </section>
  );
}

function TokenRow({ token, mayRevoke }: { readonly token: Token; readonly mayRevoke: boolean }) {
  const [search, change] = useSearchState();
  const queries = useQueryClient();
  const now = useNow();
  const { virtualAccount: _, ...account } = placeOf(search);
  const revoke = useMutation({
    mutationFn: () => ask("POST", `tokens/${encodeURIComponent(token.tokenId)}/revoke`, { query: account, body: {} }),
    onSuccess: async () => {
      change({ open: undefined });
      await queries.invalidateQueries({ queryKey: ["tokens"] });
    },
  });
  return (
    <OpenRow title={token.description || token.tokenId}>
      <dl className="facts">
        <dt>State</dt>
        <dd>
          {stateWords[token.state]}: {token.uses} of {token.usesMax} devices came in, ends{" "}
          <Moment atMs={token.expiresAtMs} nowMs={now} />
        </dd>
        <dt>Made</dt>
        <dd>
          <Moment atMs={token.createdAtMs} nowMs={now} /> by {token.createdBy}
        </dd>
        <dt>Export control</dt>
        <dd>{token.exportControlAllowed ? "allowed" : "not allowed"}</dd>
        <dt>Identifier</dt>
        <dd>
          <code>{token.tokenId}</code>
        </dd>
      </dl>
      {mayRevoke && token.state === "valid" ? (
        <>
          <p className="prose">Revoked, it lets nobody in any more. Devices that came in with it keep their trust.</p>
          {revoke.error === null ? null : <Failure error={revoke.error} retry={() => revoke.mutate()} />}
          <button type="button" disabled={revoke.isPending} onClick={() => revoke.mutate()}>
            Revoke
          </button>{" "}
        </>
      ) : null}
    </OpenRow>
  );
}
