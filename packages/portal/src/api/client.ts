// One way to the manager: same origin, the cookie that no script reads, and refusals as errors with what to do.

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** What the manager refused, or that it could not be reached; in words for whoever reads it. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly code: string;
  readonly remedy: string;
  readonly incidentId: string | null;

  constructor(status: number, problem: Problem) {
    super(problem.message);
    this.status = status;
    this.code = problem.code;
    this.remedy = problem.remedy;
    this.incidentId = problem.incidentId ?? null;
  }
}

type Problem = {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly incidentId?: string;
};

const unreachable: Problem = {
  code: "manager_unreachable",
  message: "The manager does not answer.",
  remedy: "Devices keep their reports and work on. Try again; look at its log if it stays away.",
};

/** Throws `Refusal`. */
export async function ask<T>(method: "GET" | "POST" | "PUT" | "DELETE", path: string, call: Call = {}): Promise<T> {
  const { query = {}, signal } = call;
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, `${value}`]]));
  const search = given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
  const sent = contentOf(call);
  const answer = await fetch(`/api/v1/${path}${search}`, { method, ...sent, signal: signal ?? null }).catch((cause) => {
    if (signal?.aborted === true) throw cause;
    throw new Refusal(0, unreachable);
  });
  const content: unknown = await answer.json().catch(() => null);
  if (answer.ok && content !== null) return content as T;
  throw new Refusal(answer.status, isProblem(content) ? content : unreachable);
}

type Call = {
  readonly query?: Query;
  readonly body?: unknown;
  /** Sent as the bytes that it is, in the place of a body. */
  readonly file?: Blob;
  readonly signal?: AbortSignal;
};

function contentOf({ body, file }: Call): RequestInit {
  if (file !== undefined) return { body: file, headers: { "content-type": "application/octet-stream" } };
  return body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
}

function isProblem(content: unknown): content is Problem {
  return typeof content === "object" && content !== null && "code" in content && "remedy" in content;
}
