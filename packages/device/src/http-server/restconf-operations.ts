// The rpcs of the module: what can be asked of a device that is no setting.

import * as v from "valibot";
import {
  bufferMegabytesMax,
  bufferMegabytesMin,
  type CaptureSettings,
  captureDirections,
  defaultBufferMegabytes,
  durationSecondsMax,
  packetsMax,
} from "../capture/capture-view.ts";
import type { ControlOutcome, UsageSelection } from "../device-control.ts";
import { interfaceName } from "../network-settings.ts";
import { HttpProblem } from "./http-problem.ts";
import type { HttpRequest } from "./http-route.ts";
import { parseBody } from "./read-json.ts";
import { moduleName } from "./restconf-data.ts";

export type Operation = {
  readonly name: string;
  readonly purpose: string;
  /** Output, or null for none. Throws `value_invalid` and `change_refused`. */
  run(request: HttpRequest): Promise<Readonly<Record<string, unknown>> | null>;
};

const scope = v.optional(v.picklist(["local", "all"]), "all");
const file = v.pipe(v.string(), v.minLength(1), v.maxLength(255));
/** RFC 7951, 6.9. */
const empty = v.optional(v.tuple([v.null()]));

const trustInput = v.strictObject({
  token: v.pipe(v.string(), v.minLength(1), v.maxLength(4096)),
  scope,
  force: v.optional(v.boolean(), false),
});
const registerInput = v.omit(trustInput, ["scope"]);
const renewInput = v.strictObject({ what: v.picklist(["id", "authorization"]) });
const resetInput = v.strictObject({ what: v.picklist(["all", "trust", "policy"]) });
const saveInput = v.strictObject({
  file,
  all: empty,
  unreported: empty,
  days: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(3650))),
  // A 64-bit number is a string in JSON (RFC 7951, 6.1).
  report: v.optional(v.pipe(v.string(), v.regex(/^\d{1,15}$/))),
});

const authorizationInput = v.strictObject({
  feature: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  mode: v.optional(v.picklist(["add", "replace"]), "add"),
  scope,
});
const returnInput = v.strictObject({
  scope,
  way: v.optional(v.picklist(["online", "offline"]), "online"),
  file: v.optional(file),
});

const within = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));
const captureName = v.pipe(v.string(), v.minLength(1), v.maxLength(64), v.regex(/^\S+$/));
const captureInput = v.strictObject({
  name: captureName,
  interface: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  direction: v.optional(v.picklist(captureDirections), "both"),
  "buffer-megabytes": v.optional(within(bufferMegabytesMin, bufferMegabytesMax), defaultBufferMegabytes),
  "duration-seconds": v.optional(within(1, durationSecondsMax)),
  "packets-max": v.optional(within(1, packetsMax)),
});
const captureActInput = v.strictObject({
  name: captureName,
  act: v.picklist(["start", "stop", "clear", "remove"]),
});

export const operations: readonly Operation[] = [
  {
    name: "trust",
    purpose: "Seek trust with an ID token",
    run: async (request) => {
      const { token, scope: devices, force } = input(request, trustInput);
      return finished(await request.control.trust(token, devices, force));
    },
  },
  {
    name: "register",
    purpose: "Classic model: register with an ID token",
    run: async (request) => {
      const { token, force } = input(request, registerInput);
      return finished(await request.control.register(token, force));
    },
  },
  {
    name: "deregister",
    purpose: "Classic model: end the registration",
    run: async (request) => {
      input(request, v.strictObject({}));
      return finished(await request.control.deregister());
    },
  },
  {
    name: "renew",
    purpose: "Classic model: renew the ID certificate or the authorization now",
    run: async (request) => finished(await request.control.renew(input(request, renewInput).what)),
  },
  {
    name: "sync",
    purpose: "Report now and bring trust and policy up to date",
    run: async (request) => finished(await request.control.sync(input(request, v.strictObject({ scope })).scope)),
  },
  {
    name: "save-configuration",
    purpose: "Make the configuration in force that of the next start",
    run: async (request) => {
      input(request, v.strictObject({}));
      return finished(await request.control.saveConfiguration());
    },
  },
  {
    name: "close-reports",
    purpose: "End the open reports",
    run: async (request) => {
      input(request, v.strictObject({}));
      return finished(await request.control.closeReports());
    },
  },
  {
    name: "save-usage",
    purpose: "Write reports into a file of the flash",
    run: async (request) => {
      const given = input(request, saveInput);
      return finished(await request.control.saveUsage(selectionOf(given), given.file));
    },
  },
  {
    name: "save-trust-request",
    purpose: "Write a request for trust into a file of the flash",
    run: async (request) =>
      finished(await request.control.saveTrustRequest(input(request, v.strictObject({ file })).file)),
  },
  {
    name: "import",
    purpose: "Install what a manager gave, from a file of the flash",
    run: async (request) => {
      const outcome = await request.control.importFile(input(request, v.strictObject({ file })).file);
      if (outcome.outcome === "refused") throw refused(outcome);
      const objects = outcome.objects.map((object, index) => ({ number: index + 1, ...object }));
      return { object: objects };
    },
  },
  {
    name: "factory-reset",
    purpose: "Remove trust, policy and reports, or trust or policy alone",
    run: async (request) => finished(await request.control.factoryReset(input(request, resetInput).what)),
  },
  {
    name: "request-authorization",
    purpose: "Ask for an authorization code",
    run: async (request) => finished(await request.control.requestAuthorization(input(request, authorizationInput))),
  },
  {
    name: "save-authorization-request",
    purpose: "Write what is asked for into a file of the flash",
    run: async (request) =>
      finished(await request.control.saveAuthorizationRequest(input(request, v.strictObject({ file })).file)),
  },
  {
    name: "return-authorization",
    purpose: "Give authorization codes back",
    run: async (request) => {
      const { scope: devices, way, file: path = null } = input(request, returnInput);
      if (path !== null && way === "online")
        throw new HttpProblem("value_invalid", { message: "A file goes with way offline only." });
      const outcome = await request.control.returnAuthorization({ scope: devices, way, path });
      if (outcome.outcome === "refused") throw refused(outcome);
      return { device: outcome.returned.map(({ udi, returnCode }) => ({ udi, "return-code": returnCode })) };
    },
  },
  {
    name: "define-capture",
    purpose: "Make a capture of the device's own licensing connections, or define it anew",
    run: async (request) => {
      const given = input(request, captureInput);
      const { name } = given;
      return finished(await request.control.capture({ change: "define", name, settings: settingsOf(given) }));
    },
  },
  {
    name: "capture",
    purpose: "Start, stop, clear or remove a capture",
    run: async (request) => {
      const { name, act } = input(request, captureActInput);
      return finished(await request.control.capture({ change: act, name }));
    },
  },
  {
    name: "export-capture",
    purpose: "Write the packets of a capture into a file of the flash",
    run: async (request) => {
      const { name, file: path } = input(request, v.strictObject({ name: captureName, file }));
      return finished(await request.control.exportCapture(name, path));
    },
  },
];

/** The control plane is where licensing leaves from, so a capture always has it; nothing else is ever in one. */
function settingsOf(given: v.InferOutput<typeof captureInput>): Partial<CaptureSettings> {
  const { direction, "buffer-megabytes": bufferMegabytes } = given;
  return {
    interfaceName: interfaceName(given.interface),
    direction,
    matchesAny: true,
    bufferMegabytes,
    durationSeconds: given["duration-seconds"] ?? null,
    packets: given["packets-max"] ?? null,
  };
}

function selectionOf({ all, days, report, unreported }: v.InferOutput<typeof saveInput>): UsageSelection {
  const given = [all, days, report, unreported].filter((choice) => choice !== undefined);
  if (given.length > 1) throw new HttpProblem("value_invalid", { message: "Choose one selection of reports." });
  if (all !== undefined) return { select: "all" };
  if (days !== undefined) return { select: "days", days };
  return report === undefined ? { select: "unreported" } : { select: "report", reportId: Number(report) };
}

function input<const Schema extends v.GenericSchema>({ body }: HttpRequest, schema: Schema): v.InferOutput<Schema> {
  const wrapper = v.strictObject({ [`${moduleName}:input`]: v.unknown() });
  const given = body.byteLength === 0 ? {} : wrapped(v.safeParse(wrapper, parseBody(body)));
  const result = v.safeParse(schema, given);
  if (result.success) return result.output;
  const path = v.getDotPath(result.issues[0]);
  throw new HttpProblem("value_invalid", { message: `${path ?? "The input"} is not as the module has it.` });
}

function wrapped(result: v.SafeParseResult<v.GenericSchema<unknown, Record<string, unknown>>>): unknown {
  if (result.success) return result.output[`${moduleName}:input`];
  throw new HttpProblem("value_invalid", { message: `The body has one member, ${moduleName}:input.` });
}

function finished(outcome: ControlOutcome): null {
  if (outcome.outcome === "done") return null;
  throw refused(outcome);
}

export function refused({
  code,
  message,
  remedy,
}: Extract<ControlOutcome, { readonly outcome: "refused" }>): HttpProblem {
  return new HttpProblem("change_refused", { message, remedy, deviceCode: code });
}
