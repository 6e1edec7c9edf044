// What an agent tells somebody who looks over its shoulder: its steps, its exchanges, and the connections under them, as they
// happen. For debugs and captures of the embedding product. Nothing here ever holds a token, a password or a message's text.

import type { AgentEffect } from "./lifecycle/effect.ts";
import type { AgentEvent } from "./lifecycle/event.ts";
import type { MessageKind } from "./lifecycle/state.ts";

/** One exchange: `request`, then `answer` or `no answer`; after an answer what it came to when it was read. */
export type ExchangeTrace = { readonly kind: MessageKind; readonly requestType: string } & (
  | { readonly type: "request"; readonly address: string; readonly bytes: number }
  | { readonly type: "answer"; readonly bytes: number; readonly durationMs: number }
  | { readonly type: "no answer"; readonly stage: string; readonly reason: string; readonly durationMs: number }
  | { readonly type: "accepted"; readonly statusCode: string; readonly peer: string }
  | { readonly type: "refused"; readonly code: string; readonly reason: string }
  | { readonly type: "not believed"; readonly code: string; readonly reason: string }
);

/** One step of the state machine: what happened, and what it asked the world for. */
export type StepTrace = {
  readonly type: "step";
  readonly event: AgentEvent["type"];
  readonly effects: readonly AgentEffect["type"][];
};

export type AgentTrace = ExchangeTrace | StepTrace;
export type Trace = (trace: AgentTrace) => void;

export type Endpoint = { readonly address: string; readonly port: number };

/** `connectionId` counts TCP connections that were tried, those that failed too. */
export type ConnectionEvent =
  | { readonly type: "name resolved"; readonly host: string; readonly addresses: readonly string[] }
  | { readonly type: "name not resolved"; readonly host: string; readonly reason: string }
  /** `local` is null where the system did not say. */
  | {
      readonly type: "dialled" | "connected";
      readonly connectionId: number;
      readonly local: Endpoint | null;
      readonly remote: Endpoint;
    }
  /** `code`: of the system, such as ECONNREFUSED, or `connection_timed_out`. */
  | { readonly type: "not connected"; readonly connectionId: number; readonly remote: Endpoint; readonly code: string }
  | { readonly type: "tunnel asked"; readonly target: string; readonly withCredentials: boolean }
  | { readonly type: "tunnel answered"; readonly target: string; readonly status: number }
  | { readonly type: "handshake begun"; readonly host: string }
  /** `chain`: DER, the server's certificate first; empty when a session was taken up again. */
  | {
      readonly type: "handshake done";
      readonly host: string;
      readonly protocol: string;
      readonly cipher: string;
      readonly chain: readonly Uint8Array[];
    }
  | { readonly type: "handshake failed"; readonly host: string; readonly reason: string }
  | { readonly type: "certificates checked"; readonly host: string }
  | { readonly type: "message sent"; readonly method: string; readonly address: string; readonly bytes: number }
  | { readonly type: "message answered"; readonly status: number; readonly bytes: number; readonly durationMs: number }
  /** The rest only where bytes are seen: as they cross the boundary between TCP and TLS. */
  | {
      readonly type: "bytes";
      readonly connectionId: number;
      readonly isSent: boolean;
      readonly bytes: Uint8Array;
    }
  /** One side has no more to say (FIN). */
  | { readonly type: "finished"; readonly connectionId: number; readonly isSent: boolean }
  /** The other side broke it off (RST). */
  | { readonly type: "reset"; readonly connectionId: number };

/** Whoever looks at connections. `seesBytes` puts a tap between TCP and TLS; without it bytes go their direct way. */
export type ConnectionObserver = { readonly tell: (event: ConnectionEvent) => void; readonly seesBytes: boolean };

/** Looking on must not change what is looked at: a trace that throws is told nothing more. */
export function harmless<T>(tell: (what: T) => void): (what: T) => void {
  let isBroken = false;
  return (what) => {
    if (isBroken) return;
    try {
      tell(what);
    } catch {
      isBroken = true;
    }
  };
}

/** An address without what may be secret in it: user, password, query. */
export function publicAddress(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? "an address that is none" : `${parsed.origin}${parsed.pathname}`;
}
