// Generates docs/reference/api.md from the routes.

import { authorizations } from "../authorization.ts";
import { devicePaths } from "../device-routes.ts";
import { apiRoutes } from "./api-routes.ts";

const meaningOf: Readonly<Record<(typeof authorizations)[number], string>> = {
  public: "anybody",
  message: "anybody; the message itself carries what proves its sender",
  operator: "an operator's bearer token, a browser that was signed in with one, or the data directory's own socket",
  owner: "the data directory's own socket only",
};

const meaningOfLevel = { read: "viewer", administer: "administrator" } as const;

function needOf({ needs }: (typeof apiRoutes)[number]): string {
  return needs === null ? "" : `${meaningOfLevel[needs.level]} of ${extentWords[needs.extent]}`;
}
const extentWords = {
  "virtual account": "a virtual account",
  "smart account": "a smart account",
  everything: "everything",
};

function render(): string {
  const device = Object.entries(devicePaths).map(
    ([path, { reportsMax }]) =>
      `| POST | \`${path}\` | message | | Device messages, at most ${reportsMax} reports each. |`,
  );
  const open = [
    "| GET | `/pki/issuing-ca.crl` | public | | The signed list of revoked certificates (DER), for devices that check it. |",
    "| GET | `/health` | public | | States of storage, certificates and disk; 200 or 503. |",
    "| GET | `/metrics` | public | | Metrics in Prometheus' form. |",
    "| GET | `/portal/`, `/portal/:page`, `/portal/assets/:file` | public | | The portal: web pages over this API. |",
    "| POST | `/api/v1/session` | public | | Signs a browser in with an operator's bearer token; from the portal's own page only. |",
    "| GET | `/api/v1/session` | operator | viewer of a virtual account | Says who is signed in. |",
    "| DELETE | `/api/v1/session` | operator | viewer of a virtual account | Signs the browser out. |",
  ];
  const api = apiRoutes.map(
    (route) => `| ${route.method} | \`${route.path}\` | ${route.authorization} | ${needOf(route)} | ${route.summary} |`,
  );
  return `# HTTP routes of a manager

Every route declares who may call it, and an operator's route what role it needs in which place; one that does not cannot be
registered. The role may be one in a wider place. A route tells and changes only what the operator's own access covers: what lies
outside is answered like what does not exist ([operators](../operating/operators.md)). Lists take \`limit\` and \`after\`; routes below
\`/api/v1\` take \`smartAccount\` and, where it makes sense, \`virtualAccount\` as query members.

| authorization | who |
|---|---|
${authorizations.map((name) => `| ${name} | ${meaningOf[name]} |`).join("\n")}

| method | path | authorization | operator's role | what |
|---|---|---|---|---|
${[...device, ...open, ...api].join("\n")}

A refusal is \`{"code", "message", "remedy"}\`: 400 wrong input, 401 no or unknown token, 403 owner only, no role for it or another site's page, 404 unknown, 409
conflict, 413 too large, 429 too many wrong tokens. A failure of the manager is 500 with \`incidentId\`, under which its log
has the details. Device messages are answered as spec/protocol.md says, refusals included.
`;
}

export const pages = [{ name: "api.md", render }];
