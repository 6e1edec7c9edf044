// Licences: what was bought, what is in use, and the difference, for each virtual account and tag.

import { useQuery } from "@tanstack/react-query";
import type { License, Loan } from "../api/answers.ts";
import { licensesQuery } from "../api/queries.ts";
import { useSearchState } from "../frame/navigation.ts";
import { placeOf } from "../frame/place.ts";
import { DataTable, type ShownColumn } from "../parts/data-table.tsx";
import { LicenseChart } from "../parts/license-chart.tsx";
import { Moment, useNow } from "../parts/moment.tsx";
import { Failure, Loading, Nothing, Progress } from "../parts/notes.tsx";
import { OpenRow } from "../parts/open-row.tsx";
import { plural } from "../text/sentence.ts";

const keyOf = ({ virtualAccount, tag }: License) => `${virtualAccount} ${tag}`;

const columns: readonly ShownColumn<License>[] = [
  { id: "name", title: "Licence", value: ({ name }) => name },
  { id: "va", title: "Virtual account", value: ({ virtualAccount }) => virtualAccount },
  { id: "purchased", title: "Purchased", isNumber: true, value: ({ purchased }) => purchased },
  { id: "verified", title: "In use, verified", isNumber: true, value: ({ inUseVerified }) => inUseVerified },
  { id: "unverified", title: "Unverified", isNumber: true, value: ({ inUseUnverified }) => inUseUnverified },
  {
    id: "balance",
    title: "Balance",
    isNumber: true,
    value: ({ balance }) => balance,
    cell: ({ balance }) =>
      balance < 0 ? (
        <strong className="warning">
          {-balance} short <span aria-hidden="true">▲</span>
        </strong>
      ) : (
        balance
      ),
  },
  { id: "devices", title: "Devices", isNumber: true, value: ({ installations }) => installations },
];

export function LicensesPage() {
  const [search] = useSearchState();
  const licenses = useQuery(licensesQuery(placeOf(search)));
  const open = licenses.data?.find((row) => keyOf(row) === search.open);
  return (
    <>
      <Progress isShown={licenses.isFetching} />
      <h1>Licenses</h1>
      {licenses.error === null ? null : <Failure error={licenses.error} retry={() => void licenses.refetch()} />}
      {open === undefined ? null : <LicenseRow license={open} />}
      {licenses.data === undefined ? (
        licenses.error === null ? (
          <Loading what="licences" />
        ) : null
      ) : licenses.data.length === 0 ? (
        <Nothing line="countersign manager license add TAG 10">
          Nothing was bought and nothing is in use here. A purchase is added with:
        </Nothing>
      ) : (
        <DataTable caption="Licences" rows={licenses.data} columns={columns} keyOf={keyOf} />
      )}
    </>
  );
}

/** Who lends how many to whom; nothing where nobody does. */
function Loans({ title, loans }: { readonly title: string; readonly loans: readonly Loan[] }) {
  if (loans.length === 0) return null;
  return (
    <>
      <dt>{title}</dt>
      {loans.map(({ tag, covered }) => (
        <dd key={tag}>
          {covered} of <code>{tag}</code>
        </dd>
      ))}
    </>
  );
}

function LicenseRow({ license }: { readonly license: License }) {
  const nowMs = useNow();
  const { purchased, inUse, inUseVerified, inUseUnverified, balance } = license;
  return (
    <OpenRow title={`${license.name} in ${license.virtualAccount}`}>
      <dl className="facts">
        <dt>State</dt>
        <dd>
          {balance < 0
            ? `${-balance} short. Nothing stops: use is counted and never blocked.`
            : `Enough: ${balance} of ${purchased} are free.`}
        </dd>
        <dt>In use</dt>
        <dd>
          {inUse}: {inUseVerified} verified, {inUseUnverified} unverified, by{" "}
          {plural(license.installations, "installation")}
        </dd>
        {license.shortSinceMs === null ? null : (
          <>
            <dt>Short since</dt>
            <dd>
              <Moment atMs={license.shortSinceMs} nowMs={nowMs} />
            </dd>
          </>
        )}
        <Loans title="Covered by" loans={license.borrowedFrom} />
        <Loans title="Covers use of" loans={license.lentTo} />
        <dt>Tag</dt>
        <dd>
          <code>{license.tag}</code>
        </dd>
      </dl>
      <LicenseChart license={license} />
    </OpenRow>
  );
}
