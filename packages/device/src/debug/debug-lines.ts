// What happened, as lines of a debug or trace. Each line belongs to an area and to the topics under which it is printed.
// What comes in here has no secrets (trace.ts of the agent), so nothing has to be taken out.

import { X509Certificate } from "node:crypto";
import type { AgentTrace, ConnectionEvent, Endpoint, ExchangeTrace } from "@countersign/agent";
import type { TransportType } from "../device-configuration.ts";
import type { DebugWords } from "./debug-topics.ts";

/** What happens to lists of revoked certificates. */
export type RevocationEvent =
  | { readonly type: "list asked"; readonly url: string }
  | { readonly type: "list fetched"; readonly url: string; readonly nextUpdateMs: number }
  | { readonly type: "list failed"; readonly url: string; readonly reason: string };

export const debugAreas = ["smart-agent", "http-client", "ssl", "crypto-pki"] as const;
export type DebugArea = (typeof debugAreas)[number];

/** `isTraced`: worth keeping always, in the trace of recent exchanges. */
export type DebugLine = {
  readonly area: DebugArea;
  readonly topics: readonly DebugWords[];
  readonly text: string;
  readonly isTraced: boolean;
};

function line(area: DebugArea, topics: readonly DebugWords[], text: string, isTraced = true): DebugLine {
  return { area, topics, text, isTraced };
}

const events = ["license events", "license agent all"] as const;
const errors = ["license errors", "license agent all"] as const;
const callHomeTopics: Readonly<Record<ExchangeTrace["type"], DebugWords>> = {
  request: "call-home smart-licensing trace",
  answer: "call-home smart-licensing trace",
  accepted: "call-home smart-licensing trace",
  "no answer": "call-home smart-licensing error",
  refused: "call-home smart-licensing error",
  "not believed": "call-home smart-licensing error",
};

/** With transport callhome an exchange is also one of Call Home. */
export function agentLines(trace: AgentTrace, transport: TransportType): readonly DebugLine[] {
  if (trace.type !== "step") {
    const made = exchangeLine(trace);
    const own = transport === "callhome" ? [callHomeTopics[trace.type]] : [];
    return [{ ...made, topics: [...made.topics, ...own] }];
  }
  const asks = trace.effects.filter((effect) => effect !== "wake-at");
  const text = `state machine: event ${trace.event}${asks.length === 0 ? "" : ` -> ${counted(asks)}`}`;
  return [line("smart-agent", ["license agent all"], text, false)];
}

function exchangeLine(trace: ExchangeTrace): DebugLine {
  const what = `${trace.requestType} (${trace.kind})`;
  switch (trace.type) {
    case "request":
      return line("smart-agent", events, `request ${what} to ${trace.address}, ${trace.bytes} bytes`);
    case "answer":
      return line("smart-agent", events, `answer to ${what}, ${trace.bytes} bytes after ${trace.durationMs} ms`);
    case "accepted":
      return line("smart-agent", events, `answer to ${what} accepted: ${trace.statusCode} from ${trace.peer}`);
    case "no answer":
      return line(
        "smart-agent",
        errors,
        `no answer to ${what} at ${trace.stage} after ${trace.durationMs} ms: ${trace.reason}`,
      );
    case "refused":
      return line("smart-agent", errors, `${what} refused, ${trace.code}: ${trace.reason}`);
    case "not believed":
      return line("smart-agent", errors, `answer to ${what} not believed, ${trace.code}: ${trace.reason}`);
    default:
      return trace satisfies never;
  }
}

/** `log x3, notify` */
function counted(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => (count === 1 ? name : `${name} x${count}`)).join(", ");
}

const socket = ["ip http client socket"] as const;
const socketError = ["ip http client socket", "ip http client error"] as const;

export function connectionLines(event: ConnectionEvent): readonly DebugLine[] {
  switch (event.type) {
    case "name resolved":
      return [line("http-client", ["ip http client main"], `name ${event.host} is ${event.addresses.join(", ")}`)];
    case "name not resolved":
      return [
        line("http-client", ["ip http client main", "ip http client error"], `name ${event.host}: ${event.reason}`),
      ];
    case "dialled":
      return [line("http-client", socket, `TCP ${endpoint(event.local)} connects to ${endpoint(event.remote)}`)];
    case "connected":
      return [line("http-client", socket, `TCP ${endpoint(event.local)} connected to ${endpoint(event.remote)}`)];
    case "not connected":
      return [line("http-client", socketError, `TCP to ${endpoint(event.remote)} failed: ${event.code}`)];
    case "finished":
      return [
        line("http-client", socket, `TCP ${event.isSent ? "closed by this side" : "closed by the other side"}`, false),
      ];
    case "reset":
      return [line("http-client", socketError, "TCP reset by the other side")];
    case "tunnel asked":
    case "tunnel answered":
      return [tunnelLine(event)];
    case "message sent":
      return [
        line("http-client", ["ip http client api"], `${event.method} to ${event.address} was asked for`, false),
        line("http-client", ["ip http client msg"], `${event.method} ${event.address}, ${event.bytes} bytes`),
      ];
    case "message answered": {
      const topics =
        event.status === 200
          ? (["ip http client msg"] as const)
          : (["ip http client msg", "ip http client error"] as const);
      const text = `HTTP ${event.status}, ${event.bytes} bytes after ${event.durationMs} ms`;
      return [line("http-client", topics, text)];
    }
    case "bytes":
      return [];
    default:
      return tlsLines(event);
  }
}

function tunnelLine(event: Extract<ConnectionEvent, { type: "tunnel asked" | "tunnel answered" }>): DebugLine {
  if (event.type === "tunnel asked") {
    const credentials = event.withCredentials ? "with credentials" : "without credentials";
    return line("http-client", ["ip http client main"], `CONNECT ${event.target} asked of the proxy, ${credentials}`);
  }
  const isOpen = event.status === 200;
  const topics = isOpen
    ? (["ip http client main"] as const)
    : (["ip http client main", "ip http client error"] as const);
  return line("http-client", topics, `CONNECT ${event.target} answered by the proxy: HTTP ${event.status}`);
}

type TlsEvent = Extract<
  ConnectionEvent,
  { type: "handshake begun" | "handshake done" | "handshake failed" | "certificates checked" }
>;

function tlsLines(event: TlsEvent): readonly DebugLine[] {
  const states = ["ssl openssl states"] as const;
  switch (event.type) {
    case "handshake begun":
      return [line("ssl", states, `handshake with ${event.host} begins`)];
    case "handshake done":
      return [
        line("ssl", states, `handshake with ${event.host} is done: ${event.protocol}, ${event.cipher}`),
        ...certificateLines(event.chain),
      ];
    case "handshake failed":
      return [
        line(
          "ssl",
          ["ssl openssl errors", "ssl openssl states", "ip http client error"],
          `handshake with ${event.host} failed: ${event.reason}`,
        ),
      ];
    case "certificates checked":
      return [
        line(
          "crypto-pki",
          ["crypto pki transactions"],
          `certificate of ${event.host} is not revoked, or nobody insists`,
        ),
      ];
    default:
      return event satisfies never;
  }
}

function certificateLines(chain: readonly Uint8Array[]): readonly DebugLine[] {
  if (chain.length === 0) return [line("ssl", ["ssl openssl states"], "an earlier session was taken up again")];
  const accepted = `chain of ${chain.length} certificates ends in a trusted root`;
  const each = chain.map((der, index) => {
    const { subject, issuer, serialNumber, validFrom, validTo } = new X509Certificate(der);
    const names = `subject ${flat(subject)}, issuer ${flat(issuer)}`;
    const text = `certificate ${index}: ${names}, serial ${serialNumber}, valid ${validFrom} to ${validTo}`;
    return line("crypto-pki", ["crypto pki messages"], text);
  });
  return [...each, line("crypto-pki", ["crypto pki transactions"], accepted)];
}

/** A name stands on several lines. */
function flat(name: string): string {
  return name.split("\n").join(", ");
}

export function revocationLines(event: RevocationEvent): readonly DebugLine[] {
  const topics = ["crypto pki transactions"] as const;
  switch (event.type) {
    case "list asked":
      return [line("crypto-pki", topics, `CRL is fetched from ${event.url}`)];
    case "list fetched":
      return [
        line("crypto-pki", topics, `CRL from ${event.url}, valid until ${new Date(event.nextUpdateMs).toISOString()}`),
      ];
    case "list failed":
      return [line("crypto-pki", topics, `CRL from ${event.url} could not be had: ${event.reason}`)];
    default:
      return event satisfies never;
  }
}

function endpoint(of: Endpoint | null): string {
  if (of === null) return "an unknown address";
  return of.address.includes(":") ? `[${of.address}]:${of.port}` : `${of.address}:${of.port}`;
}
