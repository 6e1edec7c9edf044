// Policies: what is demanded of devices here, each value with where it comes from; and a form that sets the layer of this place.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import type { PolicyInForce, PolicyLayer } from "../api/answers.ts";
import { ask } from "../api/client.ts";
import { policyQuery, sessionQuery } from "../api/queries.ts";
import { useSearchState } from "../frame/navigation.ts";
import { placeOf } from "../frame/place.ts";
import { Failure, Loading, Progress } from "../parts/notes.tsx";
import { type Draft, daysText, draftOf, layerOf, licenseClasses, policyDemands } from "../text/policy.ts";

export function PoliciesPage() {
  const [search] = useSearchState();
  const place = placeOf(search);
  const policy = useQuery(policyQuery(place));
  const { data: session } = useQuery(sessionQuery);
  const own = policy.data?.settings.find(({ virtualAccount }) => virtualAccount === (search.va ?? null));
  return (
    <>
      <Progress isShown={policy.isFetching} />
      <h1>Policies</h1>
      <p className="prose">
        How often devices {search.va === undefined ? "of this smart account" : `in ${search.va}`} report. A device gets
        a change with its next acknowledgement, and goes by the smallest number that is not zero among the licences that
        it uses.
      </p>
      {policy.error === null ? null : <Failure error={policy.error} retry={() => void policy.refetch()} />}
      {policy.data === undefined ? (
        policy.error === null ? (
          <Loading what="the policy" />
        ) : null
      ) : (
        <>
          <PolicyTable {...policy.data} />
          {session?.mayAdminister === true ? (
            <LayerForm key={`${search.account} ${search.va} ${own?.version}`} layer={own?.layer} />
          ) : null}
        </>
      )}
    </>
  );
}

function PolicyTable({ policy }: PolicyInForce) {
  return (
    <>
      <table className="data">
        <caption className="unseen">{policy.name}</caption>
        <thead>
          <tr>
            <th scope="col">Licences</th>
            {policyDemands.map(({ name, title }) => (
              <th key={name} scope="col" className="number">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {licenseClasses.map(({ name, title }) => (
            <tr key={name}>
              <th scope="row">{title}</th>
              {policyDemands.map((demand) => {
                const { value, source } = policy.classes[name][demand.name];
                return (
                  <td key={demand.name} data-title={demand.title} className="number">
                    {daysText(value)} <span className="quiet">{source}</span>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <p>
        {policy.name}, version {policy.policy_version}. An acknowledgement is{" "}
        {policy.ack_required.value ? "required" : "not required"}{" "}
        <span className="quiet">{policy.ack_required.source}</span>.
      </p>
    </>
  );
}

function LayerForm({ layer = {} }: { readonly layer?: PolicyLayer | undefined }) {
  const [search] = useSearchState();
  const queries = useQueryClient();
  const id = useId();
  const [draft, setDraft] = useState<Draft>(() => draftOf(layer));
  const [reason, setReason] = useState("");
  const set = useMutation({
    mutationFn: () =>
      ask<PolicyInForce>("PUT", "policy", {
        query: placeOf(search),
        body: { ...layerOf(draft), ...(reason === "" ? {} : { reason }) },
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["policy"] }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    set.mutate();
  };
  return (
    <details className="form">
      <summary>Set for {search.va ?? "the smart account"}</summary>
      <form onSubmit={submit}>
        <p className="prose">Days; 0 demands nothing, an empty field leaves it to what is less specific.</p>
        {licenseClasses.map((licenseClass) => (
          <fieldset key={licenseClass.name} className="fields">
            <legend>{licenseClass.title}</legend>
            {policyDemands.map((demand) => {
              const key = `${licenseClass.name} ${demand.name}` as const;
              return (
                <label key={key} htmlFor={`${id}${key}`}>
                  {demand.title}
                  <input
                    id={`${id}${key}`}
                    type="number"
                    min={0}
                    value={draft.days[key] ?? ""}
                    onChange={({ target }) => setDraft({ ...draft, days: { ...draft.days, [key]: target.value } })}
                  />
                </label>
              );
            })}
          </fieldset>
        ))}
        <div className="fields">
          <label htmlFor={`${id}ack`}>
            Acknowledgement
            <select
              id={`${id}ack`}
              value={draft.ackRequired}
              onChange={({ target }) => setDraft({ ...draft, ackRequired: target.value as Draft["ackRequired"] })}
            >
              <option value="">as the less specific says</option>
              <option value="yes">required</option>
              <option value="no">not required</option>
            </select>
          </label>
          <label htmlFor={`${id}reason`}>
            Why; it stands in the ledger
            <input
              id={`${id}reason`}
              value={reason}
              maxLength={500}
              onChange={({ target }) => setReason(target.value)}
            />
          </label>
        </div>
        {set.error === null ? null : <Failure error={set.error} retry={() => set.mutate()} />}
        <button type="submit" className="primary" disabled={set.isPending}>
          Set the policy
        </button>
      </form>
    </details>
  );
}
