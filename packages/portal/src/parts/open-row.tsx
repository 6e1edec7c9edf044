// What a row opens: a panel that takes the focus when it appears, and gives it back to its row.

import { type ReactNode, useEffect, useId, useRef } from "react";
import { useSearchState } from "../frame/navigation.ts";

export function OpenRow({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const [, change] = useSearchState();
  const titleId = useId();
  const panel = useRef<HTMLElement>(null);
  useEffect(() => panel.current?.focus(), []);
  const close = () => {
    const row = document.querySelector<HTMLElement>("button.opens[aria-expanded=true]");
    change({ open: undefined });
    row?.focus();
  };
  return (
    <section className="open-row" ref={panel} tabIndex={-1} aria-labelledby={titleId}>
      <h2 id={titleId}>{title}</h2>
      {children}
      <button type="button" onClick={close}>
        Close
      </button>
    </section>
  );
}
