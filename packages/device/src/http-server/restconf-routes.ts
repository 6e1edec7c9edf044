// RESTCONF (RFC 8040) over the module of the project: configuration, state, operations.

import * as v from "valibot";
import type { LicensingChange } from "../device-control.ts";
import { changesTo, changesToRemove, type EditKind, settingsBelow } from "./configuration-tree.ts";
import { bodyBytesMax } from "./http-limits.ts";
import { HttpProblem } from "./http-problem.ts";
import {
  type HttpAnswer,
  type HttpRequest,
  type HttpRoute,
  jsonAnswer,
  type Method,
  nothingToSay,
} from "./http-route.ts";
import { parseBody } from "./read-json.ts";
import {
  type Content,
  contents,
  dataAt,
  licenseTree,
  moduleName,
  moduleNamespace,
  moduleRevision,
  rootNode,
} from "./restconf-data.ts";
import { operations, refused } from "./restconf-operations.ts";

const mediaType = "application/yang-data+json";
/** Of the module ietf-yang-library that `modules-state` follows (RFC 7895). */
const libraryVersion = "2016-06-21";

type Asked = Omit<HttpRoute, "problems" | "path" | "authorization" | "bodyBytesMax">;

/** A route of RESTCONF that is read. */
export function reading(path: string, asked: Omit<Asked, "method">): HttpRoute {
  return { ...asked, path, method: "GET", authorization: "reading", problems: "restconf", bodyBytesMax: 0 };
}

function changing(path: string, asked: Asked): HttpRoute {
  const limit = asked.method === "DELETE" ? 0 : bodyBytesMax;
  return { ...asked, path, authorization: "changing", problems: "restconf", bodyBytesMax: limit };
}

export const yang = (value: unknown): HttpAnswer => jsonAnswer(value, mediaType);

const hostMeta = `<?xml version="1.0" encoding="UTF-8"?>
<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0"><Link rel="restconf" href="/restconf"/></XRD>
`;

const modulesState = {
  "ietf-yang-library:modules-state": {
    "module-set-id": moduleRevision,
    module: [
      { name: moduleName, revision: moduleRevision, namespace: moduleNamespace, "conformance-type": "implement" },
      {
        name: "ietf-yang-types",
        revision: "2013-07-15",
        namespace: "urn:ietf:params:xml:ns:yang:ietf-yang-types",
        "conformance-type": "import",
      },
      {
        name: "ietf-restconf-monitoring",
        revision: "2017-01-26",
        namespace: "urn:ietf:params:xml:ns:yang:ietf-restconf-monitoring",
        "conformance-type": "implement",
      },
    ],
  },
};

function contentOf(query: URLSearchParams): Content {
  const unknown = [...query.keys()].find((name) => name !== "content");
  const content = contents.find((one) => one === (query.get("content") ?? "all"));
  if (unknown === undefined && content !== undefined) return content;
  throw new HttpProblem("value_invalid", {
    message: `The only query parameter is content: ${contents.join(", ")}.`,
  });
}

async function read({ rest, query, reader }: HttpRequest): Promise<HttpAnswer> {
  const tree = await licenseTree(reader, contentOf(query));
  return yang(rest.length === 0 ? { "ietf-restconf:data": { [rootNode]: tree } } : dataAt(tree, belowRoot(rest)));
}

function belowRoot([root, ...names]: readonly string[]): readonly string[] {
  if (root !== rootNode) throw new HttpProblem("not_found");
  return names;
}

/** Names below `configuration`; the rest of the data says how things stand, and nobody sets that. */
function placeOf({ rest }: HttpRequest): readonly string[] {
  const [container, ...place] = belowRoot(rest);
  if (container === "configuration") {
    settingsBelow(place);
    return place;
  }
  const headers = { allow: "GET, HEAD" };
  throw new HttpProblem("method_not_allowed", { message: "Only what lies below configuration is set.", headers });
}

function bodyValue(request: HttpRequest, place: readonly string[]): unknown {
  const type = request.header("content-type")?.split(";")[0]?.trim();
  if (type !== mediaType && type !== "application/json") throw new HttpProblem("media_type_unsupported");
  const name = `${moduleName}:${place.at(-1) ?? "configuration"}`;
  const result = v.safeParse(v.strictObject({ [name]: v.unknown() }), parseBody(request.body));
  if (result.success) return result.output[name];
  throw new HttpProblem("value_invalid", { message: `The body has one member, ${name}.` });
}

function edit(kind: EditKind) {
  return async (request: HttpRequest): Promise<HttpAnswer> => {
    const place = placeOf(request);
    const configuration = request.reader.runningConfiguration();
    const wasThere = settingsBelow(place).some((setting) => setting.read(configuration) !== null);
    await carryOut(request, changesTo(place, bodyValue(request, place), { kind, configuration }));
    return wasThere || kind === "merge" ? nothingToSay : { status: 201 };
  };
}

async function remove(request: HttpRequest): Promise<HttpAnswer> {
  await carryOut(request, changesToRemove(placeOf(request)));
  return nothingToSay;
}

async function carryOut({ control }: HttpRequest, changes: readonly LicensingChange[]): Promise<void> {
  const outcome = await control.changeAll(changes);
  if (outcome.outcome === "refused") throw refused(outcome);
}

const editing: readonly (readonly [Method, string, HttpRoute["answer"]])[] = [
  ["PUT", "Replace: what is not given is set back to its default", edit("replace")],
  ["PATCH", "Merge: what is not given stays (RFC 8040, 4.6.1)", edit("merge")],
  ["DELETE", "Set back to the default", remove],
];

export const restconfRoutes: readonly HttpRoute[] = [
  reading("/.well-known/host-meta", {
    purpose: "Where RESTCONF is (RFC 8040, 3.1)",
    answer: async () => ({ status: 200, headers: { "content-type": "application/xrd+xml" }, body: hostMeta }),
  }),
  reading("/restconf", {
    purpose: "What there is",
    answer: async () =>
      yang({ "ietf-restconf:restconf": { data: {}, operations: {}, "yang-library-version": libraryVersion } }),
  }),
  reading("/restconf/yang-library-version", {
    purpose: "Version of the module library",
    answer: async () => yang({ "ietf-restconf:yang-library-version": libraryVersion }),
  }),
  reading("/restconf/data/ietf-yang-library:modules-state", {
    purpose: "The modules (RFC 7895)",
    answer: async () => yang(modulesState),
  }),
  reading("/restconf/data/{path...}", {
    purpose: `Everything below \`${rootNode}\`; \`?content=config\` or \`nonconfig\` for a half`,
    answer: read,
  }),
  ...editing.map(([method, purpose, answer]) =>
    changing("/restconf/data/{path...}", {
      method,
      purpose: `${purpose}, below \`${rootNode}/configuration\``,
      answer,
    }),
  ),
  reading("/restconf/operations", {
    purpose: "The operations",
    answer: async () =>
      yang({
        "ietf-restconf:operations": Object.fromEntries(operations.map(({ name }) => [`${moduleName}:${name}`, [null]])),
      }),
  }),
  ...operations.map(({ name, purpose, run }) =>
    changing(`/restconf/operations/${moduleName}:${name}`, {
      method: "POST",
      purpose,
      answer: async (request) => {
        const output = await run(request);
        return output === null ? nothingToSay : yang({ [`${moduleName}:output`]: output });
      },
    }),
  ),
];
