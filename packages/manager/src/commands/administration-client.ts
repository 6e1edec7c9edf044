// The administration API as commands call it: through the socket of the running manager, or, when none runs, against
// the data directory itself. Both answer from the same routes, so a command cannot do more or less in one of the two.

import { administrationSocketPath } from "../data-directory/administration-socket.ts";

export type AdministrationCall = {
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  /** A file to send instead of JSON. */
  readonly file?: Uint8Array;
};
export type Method = "GET" | "POST" | "PUT" | "DELETE";

export interface AdministrationClient {
  /** Answers the parsed result; throws `AdministrationProblem` for what the manager refuses. */
  call<T>(method: Method, path: string, call?: AdministrationCall): Promise<T>;
  close(): Promise<void>;
}

/** What the manager answered instead of a result. */
export class AdministrationProblem extends Error {
  override readonly name = "AdministrationProblem";
  readonly status: number;
  readonly code: string;
  readonly remedy: string;
  readonly incidentId: string | undefined;

  constructor(status: number, problem: { code?: unknown; message?: unknown; remedy?: unknown; incidentId?: unknown }) {
    super(typeof problem.message === "string" ? problem.message : `The manager answered with status ${status}.`);
    this.status = status;
    this.code = typeof problem.code === "string" ? problem.code : "unknown";
    this.remedy = typeof problem.remedy === "string" ? problem.remedy : "";
    this.incidentId = typeof problem.incidentId === "string" ? problem.incidentId : undefined;
  }
}

/** One exchange, however it travels. */
export type Exchange = (request: {
  readonly method: Method;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Uint8Array | string | undefined;
}) => Promise<{ readonly status: number; readonly text: string }>;

export function createAdministrationClient(exchange: Exchange, close: () => Promise<void>): AdministrationClient {
  return {
    async call<T>(method: Method, path: string, { query = {}, body, file }: AdministrationCall = {}) {
      const present = Object.entries(query).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, String(value)]],
      );
      const search = new URLSearchParams(present as [string, string][]).toString();
      const url = search === "" ? path : `${path}?${search}`;
      const contentType = file === undefined ? "application/json" : "application/octet-stream";
      const payload = file ?? (body === undefined ? undefined : JSON.stringify(body));
      const headers: Record<string, string> = payload === undefined ? {} : { "content-type": contentType };
      const { status, text } = await exchange({ method, url, headers, payload });
      const result: unknown = text === "" ? null : JSON.parse(text);
      if (status >= 400) throw new AdministrationProblem(status, (result ?? {}) as object);
      return result as T;
    },
    close,
  };
}

/** Talks to the manager that runs on this data directory, or answers null when none does. */
export async function connectToRunningManager(dataDirectory: string): Promise<AdministrationClient | null> {
  const socketPath = administrationSocketPath(dataDirectory);
  // An import of it costs every command, and every start of a manager, the whole of Node's own HTTP client (undici).
  const { request: httpRequest } = process.getBuiltinModule("node:http");
  const exchange: Exchange = ({ method, url, headers, payload }) =>
    new Promise((resolve, reject) => {
      const request = httpRequest({ socketPath, method, path: url, headers, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      });
      request.on("error", reject);
      request.end(payload);
    });
  try {
    await exchange({ method: "GET", url: "/health", headers: {}, payload: undefined });
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ECONNREFUSED"))
      return null;
    throw error;
  }
  return createAdministrationClient(exchange, async () => undefined);
}
