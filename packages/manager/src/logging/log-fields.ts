// What may stand in a log line: these fields and no others. Whatever is not listed here cannot be logged, so that
// tokens, certificate requests, keys and message bodies stay out by construction and not by care.

/** Every field with what it holds. Texts are cut and cleaned before they are written. */
export type LogFields = {
  readonly requestType?: string;
  readonly outcome?: string;
  readonly code?: string;
  readonly httpStatus?: number;
  readonly durationMs?: number;
  readonly bodyBytes?: number;
  readonly udi?: string;
  readonly productInstanceIdentifier?: string;
  readonly route?: string;
  readonly method?: string;
  readonly remoteAddress?: string;
  readonly operator?: string;
  readonly incidentId?: string;
  readonly url?: string;
  readonly host?: string;
  readonly port?: number;
  readonly setting?: string;
  readonly certificate?: string;
  readonly validUntil?: string;
  readonly requestsInFlight?: number;
  readonly count?: number;
  readonly reason?: string;
};

const allowed: Readonly<Record<keyof LogFields, "text" | "code" | "number">> = {
  requestType: "text",
  outcome: "text",
  code: "code",
  httpStatus: "number",
  durationMs: "number",
  bodyBytes: "number",
  udi: "text",
  productInstanceIdentifier: "text",
  route: "text",
  method: "text",
  remoteAddress: "text",
  operator: "text",
  incidentId: "text",
  url: "text",
  host: "text",
  port: "number",
  setting: "text",
  certificate: "text",
  validUntil: "text",
  requestsInFlight: "number",
  count: "number",
  reason: "text",
};

const textCharactersMax = 200;

/** Keeps what is allowed and of the right kind; a field of another name or kind disappears. */
export function allowedFields(fields: object): Record<string, string | number> {
  const kept: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(fields)) {
    const kind = Object.hasOwn(allowed, name) ? allowed[name as keyof LogFields] : undefined;
    if (kind === "number" && typeof value === "number") kept[name] = value;
    if (kind === "code" && typeof value === "string") kept[name] = writtenCode(value);
    if (kind === "text" && typeof value === "string") kept[name] = withoutSecrets(value);
  }
  return kept;
}

/**
 * Long runs of token-like characters become "[redacted]": even a text that was allowed may quote something
 * that came from outside. Uuids, tags, serial numbers and host names have separators and stay readable.
 */
export function withoutSecrets(text: string): string {
  const clean = text.replace(/\p{Cc}/gu, " ").replace(/[A-Za-z0-9+/=%_]{24,}/g, "[redacted]");
  return clean.length <= textCharactersMax ? clean : `${clean.slice(0, textCharactersMax)}…`;
}

/** Codes of our own are words, however long; a code that Node or a library gave is treated as any text. */
function writtenCode(code: string): string {
  return /^[a-z]+(?:_[a-z]+)*$/.test(code) ? code.slice(0, textCharactersMax) : withoutSecrets(code);
}

export type LoggedError = {
  readonly name: string;
  readonly code?: string;
  readonly message: string;
  readonly stack: readonly string[];
  readonly cause?: LoggedError;
};

const stackLinesMax = 12;
const causesMax = 5;

/** An error as it may be logged. Messages of parsers quote their input, so a SyntaxError keeps only its name. */
export function loggedError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { name: typeof error, message: "", stack: [] };
  const { code } = error as { code?: unknown };
  const lines = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return {
    name: error.name,
    ...(typeof code === "string" ? { code: writtenCode(code) } : {}),
    message: error instanceof SyntaxError ? "" : withoutSecrets(error.message),
    stack: lines.slice(0, stackLinesMax).map((line) => line.trim()),
    ...(error.cause === undefined || depth >= causesMax ? {} : { cause: loggedError(error.cause, depth + 1) }),
  };
}
