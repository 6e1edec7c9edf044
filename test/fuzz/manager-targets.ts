// What a manager reads from strangers, through its own doors: devices' requests, certificate requests inside them, purchase
// files, and bodies of the administration. A failure of its own (`internal`, status 500) is a finding.

import { type AdministrationClient, AdministrationProblem, ManagerError } from "@countersign/manager";
import { encodeLicenseFile, type LicenseFile, ProtocolError } from "@countersign/protocol";
import { authorizationWish, trustRequest } from "@countersign/protocol/test-support/samples";
import { entitlementTag } from "../../bench/load/wire-constants.ts";
import { type FuzzTarget, takesOrRefuses } from "./fuzz-target.ts";
import type { LiveExchange } from "./live-exchange.ts";

export function managerTargets(live: LiveExchange, administration: AdministrationClient): readonly FuzzTarget[] {
  return [
    {
      name: "device request to the manager",
      grammar: "json",
      seeds: live.requests,
      feed: (input) => feed(live, input),
    },
    {
      ...{ name: "device request signed by a device", grammar: "json", seeds: [requestIn(live.usage)] },
      feed: async (input) => feed(live, await live.signRequest(input.toString("utf8"))),
    },
    {
      ...{ name: "certificate request", grammar: "der", seeds: [certificateRequestIn(live.enrolment)] },
      feed: (input) => feed(live, withCertificateRequest(live.enrolment, input)),
    },
    ...purchaseFiles(live),
    ...carriedFiles(live),
    ...administrationBodies(administration),
  ];
}

/** Whatever comes in, a signed answer goes out, and never one that says that the manager failed. */
async function feed({ ask }: LiveExchange, input: Buffer): Promise<void> {
  const { response } = JSON.parse(Buffer.from(await ask(input)).toString());
  const { status_message: message, response_data: data } = JSON.parse(response);
  const { code } = data === "" ? {} : JSON.parse(data);
  if (code === "internal" || code === "ack_storage_failed") throw new Error(`the manager failed: ${message}`);
}

const requestIn = (body: Buffer): Buffer => Buffer.from(JSON.parse(body.toString()).request);

function certificateRequestIn(body: Buffer): Buffer {
  return Buffer.from(JSON.parse(JSON.parse(requestIn(body).toString()).request_data).device_list[0].csr, "base64");
}

function withCertificateRequest(body: Buffer, request: Buffer): Buffer {
  const message = JSON.parse(requestIn(body).toString());
  const data = JSON.parse(message.request_data);
  data.device_list[0].csr = request.toString("base64");
  return Buffer.from(JSON.stringify({ request: JSON.stringify({ ...message, request_data: JSON.stringify(data) }) }));
}

function purchaseFiles({ manager }: LiveExchange): readonly FuzzTarget[] {
  const csv = `tag,quantity,virtual_account,kind,start,end,order_reference\n"${entitlementTag}",5,,perpetual,2031-01-01,,"a ""b"""\n`;
  const json = JSON.stringify({
    licenses: [{ tag: entitlementTag, quantity: 3, kind: "subscription", start: "2031-01-01" }],
  });
  const feed = takesOrRefuses(
    (bytes) => manager.administration.importLicenses({ bytes, cause }),
    (error) => error instanceof ManagerError,
  );
  return [
    { name: "purchase file", grammar: "json", seeds: [Buffer.from(json)], feed },
    { name: "purchase file with commas", grammar: "csv", seeds: [Buffer.from(csv)], feed },
  ];
}

const cause = { kind: "operator", name: "fuzz" } as const;

/** What a person brings from a device: the file itself is for the protocol's targets, here it goes through the manager. */
function carriedFiles({ manager, reports }: LiveExchange): readonly FuzzTarget[] {
  const { importUsageFile, enrolByFile, importAuthorizationRequest } = manager.administration;
  const file = (content: Partial<LicenseFile>) =>
    Buffer.from(encodeLicenseFile({ reports: [], managerObjects: [], systemInfo: null, ...content }));
  const isRefusal = (error: unknown) => error instanceof ManagerError || error instanceof ProtocolError;
  const target = (name: string, seed: Buffer, take: (bytes: Uint8Array) => Promise<unknown>): FuzzTarget => ({
    ...{ name, grammar: "xml", seeds: [seed], feed: takesOrRefuses(take, isRefusal) },
  });
  return [
    target("usage file to the manager", file({ reports }), (bytes) => importUsageFile({ bytes, cause })),
    target("trust request to the manager", file({ trustRequest }), (bytes) =>
      enrolByFile({ bytes, force: true, exportControlAllowed: false, cause }),
    ),
    target("authorization request to the manager", file({ authorizationRequest: [authorizationWish] }), (bytes) =>
      importAuthorizationRequest({ bytes, cause }),
    ),
  ];
}

const bodies = [
  ["POST", "/api/v1/tokens", { description: "a", expiresAfterDays: 30, usesMax: 2 }],
  ["POST", "/api/v1/purchases", { tag: entitlementTag, quantity: 1 }],
  ["PUT", "/api/v1/policy", { name: "p", ackRequired: true, classes: { perpetual: { first_report_days: 30 } } }],
  ["POST", "/api/v1/virtual-accounts", { name: "Other", description: "b" }],
] as const;

/** The client sends any JSON; what is no JSON at all is for the device target, which reads with the same function. */
function administrationBodies(administration: AdministrationClient): readonly FuzzTarget[] {
  return bodies.map(([method, path, body]) => ({
    ...{ name: `body of ${method} ${path}`, grammar: "json", seeds: [Buffer.from(JSON.stringify(body))] },
    feed: takesOrRefuses(
      (input) => administration.call(method, path, { body: jsonOr(input) }),
      (error) => error instanceof AdministrationProblem && error.status < 500,
    ),
  }));
}

function jsonOr(input: Buffer): unknown {
  try {
    return JSON.parse(input.toString("utf8"));
  } catch {
    return input.toString("utf8");
  }
}
