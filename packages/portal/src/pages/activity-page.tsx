// Activity: what administrators did, as the ledger keeps it, and everything that changed.

import { useInfiniteQuery } from "@tanstack/react-query";
import type { Act, EventEntry } from "../api/answers.ts";
import { actsQuery, eventsQuery } from "../api/queries.ts";
import { useSearchState } from "../frame/navigation.ts";
import { placeOf } from "../frame/place.ts";
import { DataTable, type ShownColumn } from "../parts/data-table.tsx";
import { Moment, useNow } from "../parts/moment.tsx";
import { More } from "../parts/more.tsx";
import { Failure, Loading, Nothing, Progress } from "../parts/notes.tsx";
import { OpenRow } from "../parts/open-row.tsx";

export function ActivityPage() {
  const [search, change] = useSearchState();
  const isEvents = search.show === "events";
  const show = (show: string | undefined) => change({ show, open: undefined, filter: undefined, sort: undefined });
  return (
    <>
      <h1>Activity</h1>
      <fieldset className="choice">
        <legend className="unseen">Which activity</legend>
        <button type="button" aria-pressed={!isEvents} onClick={() => show(undefined)}>
          Acts of administrators
        </button>
        <button type="button" aria-pressed={isEvents} onClick={() => show("events")}>
          Everything that changed
        </button>
      </fieldset>
      {isEvents ? <Events /> : <Acts />}
    </>
  );
}

const wordsOf = (name: string) => name.replaceAll("_", " ");

const textOfChange = ({ event, before, after }: Act["changes"][number]) =>
  `${wordsOf(event)}\n  before ${JSON.stringify(before)}\n  after  ${JSON.stringify(after)}`;

const actColumns = (now: number): readonly ShownColumn<Act>[] => [
  { id: "act", title: "Act", value: ({ act }) => wordsOf(act) },
  { id: "who", title: "Who", value: ({ operator }) => operator ?? "(local)" },
  { id: "why", title: "Why", value: ({ reason }) => reason ?? "" },
  { id: "leaf", title: "Leaf", isNumber: true, value: ({ leafIndex }) => leafIndex },
  {
    id: "time",
    title: "When",
    isNumber: true,
    value: ({ atMs }) => atMs,
    cell: ({ atMs }) => <Moment atMs={atMs} nowMs={now} />,
  },
];

/** An act is that of the whole account, also while one virtual account is looked at. */
function Acts() {
  const [search] = useSearchState();
  const list = useInfiniteQuery(actsQuery(placeOf(search)));
  const now = useNow();
  const rows = list.data?.pages.flat();
  const open = rows?.find(({ leafIndex }) => `${leafIndex}` === search.open);
  return (
    <>
      <Progress isShown={list.isFetching} />
      {list.error === null ? null : <Failure error={list.error} retry={() => void list.refetch()} />}
      {open === undefined ? null : (
        <OpenRow title={`${wordsOf(open.act)}, leaf ${open.leafIndex}`}>
          <pre>{open.changes.map(textOfChange).join("\n\n")}</pre>
          <p>A file that proves this act to anybody, offline:</p>
          <pre>{`countersign prove act ${open.leafIndex}`}</pre>
        </OpenRow>
      )}
      {rows === undefined ? (
        list.error === null ? (
          <Loading what="acts" />
        ) : null
      ) : rows.length === 0 ? (
        <Nothing>No administrator did anything that you may see.</Nothing>
      ) : (
        <DataTable
          caption="Acts of administrators"
          rows={rows}
          columns={actColumns(now)}
          keyOf={({ leafIndex }) => `${leafIndex}`}
          footer={<More list={list} what="acts" />}
        />
      )}
    </>
  );
}

const eventColumns = (now: number): readonly ShownColumn<EventEntry>[] => [
  {
    id: "what",
    title: "What",
    value: ({ message }) => message,
    cell: ({ message, isAlert }) => (isAlert ? <strong>Alert: {message}</strong> : message),
  },
  { id: "va", title: "Virtual account", value: ({ virtualAccount }) => virtualAccount ?? "" },
  { id: "cause", title: "Cause", value: ({ cause }) => cause.name ?? cause.requestType ?? cause.reason ?? cause.kind },
  {
    id: "time",
    title: "When",
    isNumber: true,
    value: ({ atMs }) => atMs,
    cell: ({ atMs }) => <Moment atMs={atMs} nowMs={now} />,
  },
];

function Events() {
  const [search] = useSearchState();
  const list = useInfiniteQuery(eventsQuery(placeOf(search)));
  const now = useNow();
  const rows = list.data?.pages.flat();
  const open = rows?.find(({ eventId }) => `${eventId}` === search.open);
  return (
    <>
      <Progress isShown={list.isFetching} />
      {list.error === null ? null : <Failure error={list.error} retry={() => void list.refetch()} />}
      {open === undefined ? null : (
        <OpenRow title={open.message}>
          <dl className="facts">
            <dt>Event</dt>
            <dd>
              {open.eventId}, {wordsOf(open.kind)}
              {open.leafIndex === null ? "" : `, leaf ${open.leafIndex} of the ledger`}
            </dd>
            <dt>Cause</dt>
            <dd>
              <code>{JSON.stringify(open.cause)}</code>
            </dd>
          </dl>
        </OpenRow>
      )}
      {rows === undefined ? (
        list.error === null ? (
          <Loading what="events" />
        ) : null
      ) : rows.length === 0 ? (
        <Nothing>Nothing changed here yet.</Nothing>
      ) : (
        <DataTable
          caption="Everything that changed"
          rows={rows}
          columns={eventColumns(now)}
          keyOf={({ eventId }) => `${eventId}`}
          footer={<More list={list} what="events" />}
        />
      )}
    </>
  );
}
