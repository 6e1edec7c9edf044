// The shape of one administration route: declared as data, so that the routes can be listed, tested and documented.

import * as v from "valibot";
import { ManagerError } from "../../errors.ts";
import type { Cause } from "../../events/event.ts";
import type { Administrations, AdministrationUseCases } from "../../use-cases/use-cases.ts";
import { type Administrator, type Authorization, accessOf, type Needs } from "../authorization.ts";

export type ApiPorts = { readonly useCases: Administrations };

/** Of whoever asks: what lies outside of their access is not there. */
export type CallPorts = { readonly useCases: AdministrationUseCases };

/** What a route is given: already checked values, and who asks. */
export type ApiCall<P, Q, B> = {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly cause: Cause;
};

export type ApiRoute = {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  /** One sentence for the reference page. */
  readonly summary: string;
  readonly authorization: Extract<Authorization, "operator" | "owner">;
  /** Null where operators have no say. */
  readonly needs: Needs | null;
  /** 201 for what makes something. */
  readonly status: 200 | 201;
  /** The size limit of a body that is a file; null where the body is JSON. */
  readonly fileBytesMax: number | null;
  readonly answer: (ports: ApiPorts, raw: RawCall) => Promise<unknown>;
};

/** As it came over the wire. */
export type RawCall = {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly administrator: Administrator | null;
};

type Shape = v.GenericSchema<unknown, unknown>;
type RouteHead = Pick<ApiRoute, "method" | "path" | "summary"> &
  Partial<Pick<ApiRoute, "status" | "fileBytesMax">> &
  ({ readonly needs: Needs } | { readonly authorization: "owner" });

const need = (level: Needs["level"], extent: Needs["extent"]): Needs => ({ level, extent });
/** What routes need of an operator. */
export const needs = {
  /** Some of an account is enough; what is told is only that. */
  reader: need("read", "virtual account"),
  readerOfAccount: need("read", "smart account"),
  administrator: need("administer", "virtual account"),
  administratorOfAccount: need("administer", "smart account"),
  administratorOfEverything: need("administer", "everything"),
} as const;
type Schemas<P extends Shape, Q extends Shape, B extends Shape> = {
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
};
type None = v.GenericSchema<unknown, Record<string, never>>;

/**
 * Declares a route; whatever is not in one of its schemas is refused with its path, nothing is ignored. A route that changes
 * something takes a `reason` besides: in its body, or in its query where it has none or the body is a file.
 */
export function route<P extends Shape = None, Q extends Shape = None, B extends Shape = None>(
  head: RouteHead,
  schemas: Schemas<P, Q, B>,
  run: (ports: CallPorts, call: ApiCall<v.InferOutput<P>, v.InferOutput<Q>, v.InferOutput<B>>) => Promise<unknown>,
): ApiRoute {
  return {
    authorization: "operator",
    needs: null,
    status: 200,
    fileBytesMax: null,
    ...head,
    answer: async (ports, raw) => {
      const { reason, query, body } = head.method === "GET" ? { ...raw, reason: undefined } : takeReason(raw, head);
      return run(portsOf(ports, raw.administrator), {
        params: checked(schemas.params, raw.params, "path") as v.InferOutput<P>,
        query: checked(schemas.query, query, "query") as v.InferOutput<Q>,
        body: checked(schemas.body, body, "body") as v.InferOutput<B>,
        cause: causeOf(requireAdministrator(raw.administrator), reason),
      });
    },
  };
}

function portsOf({ useCases }: ApiPorts, administrator: Administrator | null): CallPorts {
  return { useCases: useCases.administrationWith(accessOf(requireAdministrator(administrator))) };
}

function requireAdministrator(administrator: Administrator | null): Administrator {
  if (administrator === null) throw new Error("broken promise: an administration route was reached by nobody");
  return administrator;
}

function takeReason(raw: RawCall, { fileBytesMax = null, method }: RouteHead) {
  const place = fileBytesMax !== null || method === "DELETE" ? "query" : "body";
  const from = raw[place];
  if (typeof from !== "object" || from === null) return { query: raw.query, body: raw.body, reason: undefined };
  const { reason, ...rest } = from as Readonly<Record<string, unknown>>;
  const checkedReason = checked(v.strictObject({ reason: v.optional(field.reason) }), { reason }, place);
  return { query: raw.query, body: raw.body, [place]: rest, ...(checkedReason as { readonly reason?: string }) };
}

function causeOf(administrator: Administrator, reason: string | undefined): Cause {
  const why = reason === undefined ? {} : { reason };
  if (administrator.kind === "local") return { kind: "local", ...why };
  const { name, operatorId } = administrator;
  return { kind: "operator", name, operatorId, ...why };
}

const nothing = v.strictObject({});

/** Throws `input_invalid` with the wrong paths; never quotes what was sent. */
function checked(schema: Shape | undefined, value: unknown, where: string): unknown {
  const result = v.safeParse(schema ?? nothing, value ?? {});
  if (result.success) return result.output;
  const paths = result.issues.map((issue) => `${where}.${v.getDotPath(issue) ?? "(all)"}`);
  throw new ManagerError("input_invalid", `Wrong: ${[...new Set(paths)].slice(0, 10).join(", ")}.`);
}

const name = v.pipe(v.string(), v.nonEmpty(), v.maxLength(256));
const digits = v.pipe(v.string(), v.regex(/^\d{1,15}$/), v.transform(Number));
const listLimitMax = 1000;

/** Query members that many routes share. Numbers arrive as text. */
export const inAccount = { smartAccount: v.optional(name) };
export const inVirtualAccount = { ...inAccount, virtualAccount: v.optional(name) };
/** A switch in a query. */
const flag = v.pipe(
  v.picklist(["true", "false"]),
  v.transform((text) => text === "true"),
);
export const inLedger = { ...inAccount, manager: v.optional(flag) };
export const page = {
  limit: v.optional(v.pipe(digits, v.minValue(1), v.maxValue(listLimitMax))),
  after: v.optional(digits),
};
/** Why an act was done, in the administrator's words; it stands in the ledger for ever. */
export const reasonCharactersMax = 500;
const reason = v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(reasonCharactersMax));
export const field = { name, digits, flag, text: v.pipe(v.string(), v.maxLength(256)), reason };
