// What a device's HTTPS server can be asked, as a table: each route says who may use it. What no route says needs a login and is
// not found.

import type { DeviceControl } from "../device-control.ts";
import type { LicenseReader } from "../license-view.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** `anybody`: without a login; `reading`: privilege 1 or more; `changing`: privilege 15. */
export type Authorization = "anybody" | "reading" | "changing";
export const privilegeNeeded = { reading: 1, changing: 15 } as const;

export type HttpLogin = { readonly name: string; readonly privilege: number };

export type HttpRequest = {
  /** What stood in the place of each `{name}`, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
  /** What the last `{name...}` stands for, segment by segment. */
  readonly rest: readonly string[];
  readonly query: URLSearchParams;
  header(name: string): string | null;
  readonly body: Uint8Array;
  /** Null only on routes for anybody. */
  readonly login: HttpLogin | null;
  readonly address: string;
  readonly control: DeviceControl;
  readonly reader: LicenseReader;
  /** For an answer that goes on: a question that tells later whether who asked may still read. */
  watchLogin(): Promise<() => Promise<boolean>>;
};

export type HttpAnswer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Parts are sent one after the other as they come. */
  readonly body?: string | AsyncIterable<string>;
  /** Of an answer without an end: what cuts its connection off. */
  readonly onCutOff?: (cutOff: () => void) => void;
};

/** How refusals look. */
export type ProblemForm = "plain" | "restconf";

export type HttpRoute = {
  readonly method: Method;
  /** Segments; `{n}` stands for one, `{path...}` at the end for any number. */
  readonly path: string;
  readonly authorization: Authorization;
  readonly purpose: string;
  readonly problems: ProblemForm;
  /** Zero for a route without a body: one that comes all the same is refused. */
  readonly bodyBytesMax: number;
  answer(request: HttpRequest): Promise<HttpAnswer>;
};

export type Matched = {
  readonly route: HttpRoute;
  readonly parameters: Readonly<Record<string, string>>;
  readonly rest: readonly string[];
};

/** Every route of this path, whatever its method. */
export function routesOf(routes: readonly HttpRoute[], segments: readonly string[]): readonly Matched[] {
  return routes.flatMap((route) => {
    const matched = matchPath(route.path, segments);
    return matched === null ? [] : [{ route, ...matched }];
  });
}

function matchPath(path: string, segments: readonly string[]): Omit<Matched, "route"> | null {
  const pattern = path.split("/").slice(1);
  const parameters: Record<string, string> = {};
  const takesRest = pattern.at(-1)?.endsWith("...}") ?? false;
  const fixed = takesRest ? pattern.slice(0, -1) : pattern;
  if (takesRest ? segments.length < fixed.length : segments.length !== fixed.length) return null;
  for (const [index, part] of fixed.entries()) {
    const segment = segments[index] ?? "";
    if (part.startsWith("{")) parameters[part.slice(1, -1)] = segment;
    else if (part !== segment) return null;
  }
  return { parameters, rest: segments.slice(fixed.length) };
}

export function jsonAnswer(value: unknown, mediaType = "application/json"): HttpAnswer {
  return { status: 200, headers: { "content-type": mediaType }, body: JSON.stringify(value) };
}

export const nothingToSay: HttpAnswer = { status: 204 };
