// Product instances: who they are, where, and when they were last heard of. A row opens what is known of one.

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { Instance } from "../api/answers.ts";
import { instanceQuery, instancesQuery, newestReports, reportsQuery } from "../api/queries.ts";
import { useSearchState } from "../frame/navigation.ts";
import { placeOf } from "../frame/place.ts";
import { DataTable, type ShownColumn } from "../parts/data-table.tsx";
import { Moment, useNow } from "../parts/moment.tsx";
import { More } from "../parts/more.tsx";
import { Failure, Loading, Nothing, Progress } from "../parts/notes.tsx";
import { OpenRow } from "../parts/open-row.tsx";
import { tagName } from "../text/tag-name.ts";

const udiOf = ({ udi }: Instance) => `PID:${udi.pid},SN:${udi.serialNumber}`;

const columnsAt = (now: number): readonly ShownColumn<Instance>[] => [
  { id: "name", title: "Name", value: (row) => row.hostname || udiOf(row) },
  { id: "udi", title: "UDI", value: udiOf, cell: (row) => <code>{udiOf(row)}</code> },
  { id: "va", title: "Virtual account", value: (row) => row.virtualAccount },
  { id: "role", title: "Role", value: (row) => row.role },
  { id: "version", title: "Software", value: (row) => row.softwareVersion },
  {
    id: "contact",
    title: "Last contact",
    isNumber: true,
    value: (row) => row.lastContactAtMs ?? 0,
    cell: (row) => <Moment atMs={row.lastContactAtMs} nowMs={now} />,
  },
];

export function InstancesPage() {
  const [search] = useSearchState();
  const list = useInfiniteQuery(instancesQuery(placeOf(search)));
  const now = useNow();
  const rows = list.data?.pages.flat();
  return (
    <>
      <Progress isShown={list.isFetching} />
      <h1>Product instances</h1>
      {list.error === null ? null : <Failure error={list.error} retry={() => void list.refetch()} />}
      {search.open === undefined ? null : <InstanceRow key={search.open} instance={search.open} />}
      {rows === undefined ? (
        list.error === null ? (
          <Loading what="product instances" />
        ) : null
      ) : rows.length === 0 ? (
        <Nothing line="license smart trust idtoken TOKEN local">
          No device has trust here yet. Make a token with <code>countersign manager token create</code>, and on the
          device:
        </Nothing>
      ) : (
        <DataTable
          caption="Product instances"
          rows={rows}
          columns={columnsAt(now)}
          keyOf={(row) => row.productInstanceIdentifier}
          footer={<More list={list} what="product instances" />}
        />
      )}
    </>
  );
}

function InstanceRow({ instance }: { readonly instance: string }) {
  const [search] = useSearchState();
  const detail = useQuery(instanceQuery(placeOf(search), instance));
  const now = useNow();
  const { data } = detail;
  return (
    <OpenRow title={data === undefined ? instance : data.instance.hostname || udiOf(data.instance)}>
      {detail.error === null ? null : <Failure error={detail.error} retry={() => void detail.refetch()} />}
      {data === undefined ? (
        detail.error === null ? (
          <Loading what="the product instance" />
        ) : null
      ) : (
        <dl className="facts">
          <dt>Last contact</dt>
          <dd>
            <Moment atMs={data.instance.lastContactAtMs} nowMs={now} />
          </dd>
          <dt>Trusted since</dt>
          <dd>
            <Moment atMs={data.instance.trustedSinceMs} nowMs={now} />
          </dd>
          <dt>Identifier</dt>
          <dd>
            <code>{data.instance.productInstanceIdentifier}</code>
          </dd>
          <dt>Installation</dt>
          <dd>
            <ul className="plain">
              {data.members.map(({ udi, role }) => (
                <li key={udi}>
                  <code>{udi}</code> {role}
                </li>
              ))}
            </ul>
          </dd>
          <dt>In use</dt>
          <dd>
            {data.usage.length === 0 ? "nothing" : null}
            <ul className="plain">
              {data.usage.map(({ tag, count, isVerified }) => (
                <li key={tag}>
                  {count} × {tagName(tag)} {isVerified ? "" : "(unverified) "}
                  <code className="quiet">{tag}</code>
                </li>
              ))}
            </ul>
          </dd>
          <dt>Reports missing</dt>
          <dd>
            {data.missingReports.length === 0
              ? "none"
              : data.missingReports.map(({ from, to }) => (from === to ? from : `${from}–${to}`)).join(", ")}
          </dd>
          <dt>Newest reports</dt>
          <dd>
            <Reports instance={instance} />
          </dd>
          <dt>Certificates</dt>
          <dd>
            <ul className="plain">
              {data.certificates.map(({ serialNumber, state, validUntilMs }) => (
                <li key={serialNumber}>
                  {state}, ends <Moment atMs={validUntilMs} nowMs={now} />
                </li>
              ))}
            </ul>
          </dd>
        </dl>
      )}
    </OpenRow>
  );
}

function Reports({ instance }: { readonly instance: string }) {
  const [search] = useSearchState();
  const { data, error, refetch } = useQuery(reportsQuery(placeOf(search), instance));
  const now = useNow();
  if (data === undefined)
    return error === null ? <Loading what="reports" /> : <Failure error={error} retry={() => void refetch()} />;
  return (
    <>
      {data.length === 0 ? "none yet" : null}
      <ul className="plain">
        {data.map(({ reportId, tag, count, receivedAtMs, isVerified, acknowledgementId }) => (
          <li key={reportId}>
            {reportId}: {count} × <span title={tag}>{tagName(tag)}</span>
            {isVerified ? "" : " (unverified)"}, came <Moment atMs={receivedAtMs} nowMs={now} />, acknowledgement{" "}
            {acknowledgementId}
          </li>
        ))}
      </ul>
      {data.length < newestReports ? null : (
        <p className="quiet">
          Older ones: <code>countersign manager report list {instance}</code>
        </p>
      )}
    </>
  );
}
