// The operator's token goes to the manager once, from this form, and is kept nowhere: not in the page, not in storage, not in a URL.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useId, useRef } from "react";
import type { Session } from "../api/answers.ts";
import { ask, Refusal } from "../api/client.ts";
import { sessionQuery } from "../api/queries.ts";
import { Words } from "../parts/words.tsx";

export function SignIn() {
  const queries = useQueryClient();
  const tokenId = useId();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = "Sign in – Countersign";
    field.current?.focus();
  }, []);
  const signIn = useMutation({
    mutationFn: (token: string) => ask<Session>("POST", "session", { body: { token } }),
    onSuccess: (session) => queries.setQueryData(sessionQuery.queryKey, session),
    onError: () => field.current?.select(),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    signIn.mutate(field.current?.value.trim() ?? "");
  };
  return (
    <main className="sign-in">
      <h1>Countersign</h1>
      <form onSubmit={submit}>
        <label htmlFor={tokenId}>Operator's token</label>
        <input
          id={tokenId}
          ref={field}
          type="password"
          autoComplete="off"
          required
          aria-describedby={`${tokenId}-says`}
          aria-invalid={signIn.isError}
        />
        <p id={`${tokenId}-says`} role="alert" className={signIn.isError ? "failure" : ""}>
          {signIn.error === null ? null : <Words text={textOf(signIn.error)} />}
        </p>
        <button type="submit" className="primary" disabled={signIn.isPending}>
          Sign in
        </button>
      </form>
      <p>
        There is no account that comes with the program. Whoever owns the manager's data directory makes an operator,
        and the token is shown once:
      </p>
      <pre>countersign manager operator add ada</pre>
      <p className="quiet">
        This browser stays signed in for 12 hours, or until you sign out or the operator is removed.
      </p>
    </main>
  );
}

function textOf(error: Error): string {
  return error instanceof Refusal ? `${error.message} ${error.remedy}` : error.message;
}
