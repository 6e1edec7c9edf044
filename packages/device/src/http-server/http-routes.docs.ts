// Generates docs/reference/device-http.md: every route of a device's HTTPS server and every limit, from the tables that serve.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as loginLimits from "../wrong-attempts.ts";
import * as httpLimits from "./http-limits.ts";
import { httpRoutes } from "./http-routes.ts";

const whoMay = { anybody: "anybody", reading: "privilege 1 to 15", changing: "privilege 15" } as const;

const introduction = `# The HTTPS server of a device

How to switch it on and use it: [the guide](../operating/device-http.md). A route that is not here does not exist, and nobody
is told so without a login. Refusals carry the codes of [the error page](errors.md#device-over-https).

This page is generated from the routes and limits by \`npm run docs\`.

## Routes

| method | path | who | what |
|---|---|---|---|
`;

const noStream = {
  listen: () => {
    throw new Error("nobody listens to a page");
  },
};

function render(): string {
  const sessions = { authenticates: () => true, open: async () => null, end: () => undefined };
  const rows = httpRoutes(sessions, noStream).map(
    ({ method, path, authorization, purpose }) =>
      `| ${method} | \`${path}\` | ${whoMay[authorization]} | ${purpose} |\n`,
  );
  return `${introduction}${rows.join("")}\n## Limits\n\n| limit | value | what it bounds |\n|---|---|---|\n${[
    ...limitRows("http-limits.ts", httpLimits),
    ...limitRows("../wrong-attempts.ts", loginLimits),
  ].join("")}`;
}

/** The sentence above a limit, in the file itself; the second of two that share one has the first one's. */
function limitRows(file: string, limits: Readonly<Record<string, unknown>>): readonly string[] {
  const text = readFileSync(join(import.meta.dirname, file), "utf8");
  let sentence = "";
  return text.split("\n").flatMap((line) => {
    const [, comment] = /^\/\*\* (.*) \*\/$/.exec(line) ?? [];
    if (comment !== undefined) sentence = comment;
    const [, name = ""] = /^export const (\w+)/.exec(line) ?? [];
    const value = limits[name];
    return typeof value !== "number" ? [] : [`| \`${name}\` | ${value} | ${sentence} |\n`];
  });
}

export const pages = [{ name: "device-http.md", render }] as const;
