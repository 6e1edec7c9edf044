// `/smartlic-service`: how scripts and relays of the field pull reports from a device and bring it what the manager gave.

import type { ControlOutcome, UsageSelection } from "../device-control.ts";
import { bodyBytesMax, importBytesMax, reportDaysDefault, reportDaysMax } from "./http-limits.ts";
import { HttpProblem } from "./http-problem.ts";
import { type HttpAnswer, type HttpRequest, type HttpRoute, jsonAnswer } from "./http-route.ts";

const service = "/smartlic-service";

type Asked = Omit<HttpRoute, "problems" | "path" | "bodyBytesMax"> & { readonly bodyBytesMax?: number };

/** The header is optional, as the field's scripts leave it out; another version is refused. */
function route(path: string, asked: Asked): HttpRoute {
  return {
    bodyBytesMax: 0,
    ...asked,
    path: `${service}${path}`,
    problems: "plain",
    answer: async (request) => {
      const version = request.header("foxy-api-version");
      if (version !== null && version !== "1") throw new HttpProblem("api_version_unsupported");
      return asked.answer(request);
    },
  };
}

/** Ids and times of the reports that can be had. Times are those of their last measurement, in epoch seconds. */
async function list({ reader }: HttpRequest): Promise<HttpAnswer> {
  const rows = (await reader.reports()).filter(({ state }) => state !== "OPEN");
  const usage = [];
  for (const { reportId } of rows) {
    const report = await reader.report(reportId);
    // Acknowledged and deleted in between.
    if (report === null || report.endedAtMs === null) continue;
    usage.push({ report_id: reportId, timestamp: Math.floor(report.endedAtMs / 1000) });
  }
  return jsonAnswer({ usage_list: usage });
}

function reports({ control }: HttpRequest, selection: UsageSelection): HttpAnswer {
  return {
    status: 200,
    headers: { "content-type": "application/json" },
    body: usageJson(control.pullReports(selection)),
  };
}

/** Each report is the triple as it was signed: the signature covers the exact characters of the payload. */
async function* usageJson(parts: ReturnType<HttpRequest["control"]["pullReports"]>): AsyncGenerator<string> {
  yield '{"usage":[';
  let separator = "";
  for await (const part of parts) {
    for (const { report } of part) {
      const { payload, header, signature } = report;
      yield `${separator}${JSON.stringify({ payload, header, signature })}`;
      separator = ",";
    }
  }
  yield "]}";
}

function days(text: string | undefined): number {
  const number = text === undefined ? reportDaysDefault : /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= reportDaysMax) return number;
  throw new HttpProblem("value_invalid", { message: `Days are a whole number from 1 to ${reportDaysMax}.` });
}

/** `rum-report-id/<id>` or `rum-report-id?id=<id>`. */
async function oneReport(request: HttpRequest): Promise<HttpAnswer> {
  const text = request.parameters.id ?? request.query.get("id") ?? "";
  const reportId = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(reportId)) throw new HttpProblem("value_invalid", { message: "Name one report by its id." });
  const listed = (await request.reader.reports()).find((row) => row.reportId === reportId);
  if (listed === undefined || listed.state === "OPEN") throw new HttpProblem("report_not_found");
  return reports(request, { select: "report", reportId });
}

async function closeReports({ control }: HttpRequest): Promise<HttpAnswer> {
  return outcomeAnswer(await control.closeReports());
}

async function importFile({ control, body }: HttpRequest): Promise<HttpAnswer> {
  const outcome = await control.importBytes(body);
  if (outcome.outcome === "refused") return outcomeAnswer(outcome);
  return jsonAnswer({ outcome: "done", objects: outcome.objects });
}

export function outcomeAnswer(outcome: ControlOutcome): HttpAnswer {
  if (outcome.outcome === "done") return jsonAnswer(outcome);
  const { code, message, remedy } = outcome;
  throw new HttpProblem("change_refused", { message, remedy, deviceCode: code });
}

const reading = { method: "GET", authorization: "reading" } as const;
const handingOut = "they wait for their acknowledgement from then on (UNACK)";

export const smartlicRoutes: readonly HttpRoute[] = [
  route("/close-reports", {
    method: "POST",
    authorization: "changing",
    purpose: "Close the open reports now; a body is not looked at",
    bodyBytesMax,
    answer: closeReports,
  }),
  route("/list", { ...reading, purpose: "`usage_list`: ids and times of the closed reports", answer: list }),
  route("/list-reports", { ...reading, purpose: "The same", answer: list }),
  route("/all-reports", {
    ...reading,
    purpose: `\`usage\`: every closed report as payload, header and signature; ${handingOut}`,
    answer: async (request) => reports(request, { select: "all" }),
  }),
  route("/days", {
    ...reading,
    purpose: `The same, with usage of the last ${reportDaysDefault} days`,
    answer: async (request) => reports(request, { select: "days", days: days(undefined) }),
  }),
  route("/days/{n}", {
    ...reading,
    purpose: `The same, with usage of the last n days (1 to ${reportDaysMax})`,
    answer: async (request) => reports(request, { select: "days", days: days(request.parameters.n) }),
  }),
  route("/rum-report-id", { ...reading, purpose: "One closed report: `?id=<report id>`", answer: oneReport }),
  route("/rum-report-id/{id}", { ...reading, purpose: "The same, with the id in the path", answer: oneReport }),
  route("/import", {
    method: "POST",
    authorization: "changing",
    purpose: "Install acknowledgements, policy and trust codes: the body is a licence file, told by content",
    bodyBytesMax: importBytesMax,
    answer: importFile,
  }),
];
