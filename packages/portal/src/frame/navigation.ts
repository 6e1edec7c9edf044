// The URL as the one state of a page.

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import { readSearch, type Search } from "./place.ts";

export type SearchChange = { readonly [K in keyof Search]: string | undefined };
/** `isReplaced`: the way back is not filled with every letter. */
type How = { readonly isReplaced?: boolean };

export function useSearchState(): readonly [Search, (change: Partial<SearchChange>, how?: How) => void] {
  const search: Search = useSearch({ strict: false });
  const navigate = useNavigate();
  const change = useCallback(
    (wish: Partial<SearchChange>, how: How = {}) => {
      const next = (now: Search): Search => readSearch({ ...now, ...wish });
      void navigate({ to: ".", search: next, replace: how.isReplaced ?? false, resetScroll: false });
    },
    [navigate],
  );
  return [search, change];
}
