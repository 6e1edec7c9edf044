// What pages ask for. Data is kept while it is asked for again; what says that nobody is signed in any more shows the sign-in.

import {
  infiniteQueryOptions,
  keepPreviousData,
  MutationCache,
  QueryCache,
  QueryClient,
  queryOptions,
} from "@tanstack/react-query";
import type { Place } from "../frame/place.ts";
import type {
  Account,
  Act,
  AlertList,
  EventEntry,
  Instance,
  InstanceDetail,
  License,
  LicenseHistory,
  PolicyInForce,
  Report,
  SearchResult,
  Session,
  Token,
} from "./answers.ts";
import { ask, Refusal } from "./client.ts";

const refreshMs = 30_000;
const watchMs = 3_000;
/** The API's limit of one page. */
export const rowsPerPage = 500;

export function createQueries(): QueryClient {
  const onError = (error: Error) => {
    if (error instanceof Refusal && error.status === 401) forgetOperator(queries);
  };
  const queries = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        retry: (count, error) => !(error instanceof Refusal && error.status > 0) && count < 1,
        staleTime: 10_000,
      },
    },
  });
  return queries;
}

/** What one operator was told is not for the next one at the same browser. */
export function forgetOperator(queries: QueryClient): void {
  queries.setQueryData(sessionQuery.queryKey, null);
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] });
}

/** Null while nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      return await ask<Session>("GET", "session", { signal });
    } catch (error) {
      if (error instanceof Refusal && error.status === 401) return null;
      throw error;
    }
  },
});

export const accountsQuery = queryOptions({
  queryKey: ["accounts"],
  queryFn: ({ signal }) => ask<readonly Account[]>("GET", "accounts", { signal }),
});

export const alertsQuery = (place: Place, handled: boolean) =>
  queryOptions({
    queryKey: ["alerts", place, handled],
    refetchInterval: refreshMs,
    queryFn: ({ signal }) =>
      ask<AlertList>("GET", "alerts", { query: { ...place, handled: handled ? true : undefined }, signal }),
  });

export const licensesQuery = (place: Place) =>
  queryOptions({
    queryKey: ["licenses", place],
    queryFn: async ({ signal }) => {
      const { virtualAccount, ...account } = place;
      const all = await ask<readonly License[]>("GET", "licenses", { query: account, signal });
      return all.filter((row) => virtualAccount === undefined || row.virtualAccount === virtualAccount);
    },
  });

/** So many days up to today. */
export const licenseHistoryQuery = (place: Place, tag: string, days: number) =>
  queryOptions({
    queryKey: ["license-history", place, tag, days],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => {
      const from = new Date(Date.now() - (days - 1) * 86_400_000).toISOString().slice(0, 10);
      return ask<LicenseHistory>("GET", "licenses/history", { query: { ...place, tag, from }, signal });
    },
  });

/** `isWatched`: somebody waits for a device to use one. */
export const tokensQuery = (place: Place, isWatched: boolean) =>
  queryOptions({
    queryKey: ["tokens", place],
    refetchInterval: isWatched ? watchMs : false,
    queryFn: ({ signal }) => ask<readonly Token[]>("GET", "tokens", { query: place, signal }),
  });

export const policyQuery = (place: Place) =>
  queryOptions({
    queryKey: ["policy", place],
    queryFn: ({ signal }) => ask<PolicyInForce>("GET", "policy", { query: place, signal }),
  });

export const instanceQuery = ({ smartAccount }: Place, instance: string) =>
  queryOptions({
    queryKey: ["instance", smartAccount, instance],
    queryFn: ({ signal }) =>
      ask<InstanceDetail>("GET", `instances/${encodeURIComponent(instance)}`, { query: { smartAccount }, signal }),
  });

/** Of a device's installation, the newest first. */
export const newestReports = 10;
export const reportsQuery = ({ smartAccount }: Place, instance: string) =>
  queryOptions({
    queryKey: ["reports", smartAccount, instance],
    queryFn: ({ signal }) =>
      ask<readonly Report[]>("GET", `instances/${encodeURIComponent(instance)}/reports`, {
        query: { smartAccount, limit: newestReports },
        signal,
      }),
  });

/** In the whole smart account, whichever virtual account is looked at. */
export const searchQuery = ({ smartAccount }: Place, text: string) =>
  queryOptions({
    queryKey: ["search", smartAccount, text],
    queryFn: ({ signal }) => ask<SearchResult>("GET", "search", { query: { smartAccount, text }, signal }),
  });

/** A list that the API gives in pages; `keyOf` is what the next page goes on after. */
function pages<T>(path: string, query: Place, keyOf: (row: T) => number) {
  return infiniteQueryOptions({
    queryKey: [path, query],
    initialPageParam: undefined as number | undefined,
    queryFn: ({ signal, pageParam }) =>
      ask<readonly T[]>("GET", path, { query: { ...query, limit: rowsPerPage, after: pageParam }, signal }),
    getNextPageParam: (last) => {
      const row = last.at(-1);
      return row === undefined || last.length < rowsPerPage ? undefined : keyOf(row);
    },
  });
}

export const instancesQuery = (place: Place) => pages<Instance>("instances", place, ({ instanceId }) => instanceId);
export const eventsQuery = (place: Place) => pages<EventEntry>("events", place, ({ eventId }) => eventId);
/** Acts are those of the whole account: one may change several virtual accounts. */
export const actsQuery = ({ smartAccount }: Place) =>
  pages<Act>("audit", smartAccount === undefined ? {} : { smartAccount }, ({ leafIndex }) => leafIndex);
