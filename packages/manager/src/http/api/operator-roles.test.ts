// Every route of the administration API, and who may call it at all: each role in each extent of place. Which accounts a call
// then reaches is the matter of operator-sight.test.ts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type FastifyInstance, fastify } from "fastify";
import { grantsMax } from "../../accounts/access.ts";
import { createTestManager, operator } from "../../test-support/core-manager.ts";
import { type TestManager, withManager } from "../../test-support/test-manager.ts";
import type { GrantView, GrantWish } from "../../use-cases/use-cases.ts";
import { buildApplication } from "../application.ts";
import { requireAuthorization } from "../authorization.ts";
import { apiRoutes } from "./api-routes.ts";

const account = { smartAccount: "Example Corp" };
const lab = { ...account, virtualAccount: "Lab" };
const callers: Readonly<Record<string, readonly GrantWish[]>> = {
  "administrator of everything": [{ role: "administrator" }],
  "viewer of everything": [{ role: "viewer" }],
  "administrator of a smart account": [{ ...account, role: "administrator" }],
  "viewer of a smart account": [{ ...account, role: "viewer" }],
  "administrator of a virtual account": [{ ...lab, role: "administrator" }],
  "viewer of a virtual account": [{ ...lab, role: "viewer" }],
  "viewer of all, administrator of a virtual account": [{ role: "viewer" }, { ...lab, role: "administrator" }],
};

const administratorOfEverything = ["administrator of everything"];
const administratorOfAccount = [...administratorOfEverything, "administrator of a smart account"];
const anyAdministrator = [
  ...administratorOfAccount,
  "administrator of a virtual account",
  "viewer of all, administrator of a virtual account",
];
const anybody = Object.keys(callers);
const readerOfAccount = anybody.filter((name) => !name.endsWith("r of a virtual account") || name.includes(","));
const nobody: readonly string[] = [];

/** By hand, not from the routes: a new route has to be thought about. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  "GET /api/v1/accounts": anybody,
  "POST /api/v1/accounts": administratorOfEverything,
  "POST /api/v1/virtual-accounts": administratorOfAccount,
  "GET /api/v1/tokens": anybody,
  "POST /api/v1/tokens": anyAdministrator,
  "POST /api/v1/tokens/:tokenId/revoke": anyAdministrator,
  "GET /api/v1/licenses": anybody,
  "GET /api/v1/purchases": anybody,
  "POST /api/v1/purchases": anyAdministrator,
  "POST /api/v1/purchases/import": anyAdministrator,
  "GET /api/v1/licenses/users": anybody,
  "GET /api/v1/licenses/history": anybody,
  "GET /api/v1/license-transfers": anybody,
  "GET /api/v1/license-transfers/preview": anybody,
  "POST /api/v1/license-transfers": anyAdministrator,
  "POST /api/v1/license-transfers/:transferId/undo": anyAdministrator,
  "GET /api/v1/substitutions": anybody,
  "PUT /api/v1/substitutions": administratorOfAccount,
  "POST /api/v1/substitutions": administratorOfAccount,
  "DELETE /api/v1/substitutions": administratorOfAccount,
  "GET /api/v1/conversions": anybody,
  "GET /api/v1/conversions/:device": anybody,
  "POST /api/v1/conversions/:device/allow": anyAdministrator,
  "GET /api/v1/conversion-setting": anybody,
  "PUT /api/v1/conversion-setting": administratorOfAccount,
  "GET /api/v1/policy": anybody,
  "PUT /api/v1/policy": anyAdministrator,
  "GET /api/v1/instances": anybody,
  "GET /api/v1/search": anybody,
  "GET /api/v1/instances/:instance": anybody,
  "POST /api/v1/instances/:instance/transfer": anyAdministrator,
  "DELETE /api/v1/instances/:instance": anyAdministrator,
  "GET /api/v1/instances/:instance/reports": anybody,
  "GET /api/v1/instances/:instance/reports/:reportId": anybody,
  "GET /api/v1/instances/:instance/evidence": anybody,
  "GET /api/v1/authorizations": anybody,
  "POST /api/v1/instances/:instance/authorizations": anyAdministrator,
  "POST /api/v1/instances/:instance/authorizations/return": anyAdministrator,
  "POST /api/v1/instances/:instance/authorizations/withdraw": anyAdministrator,
  "POST /api/v1/authorization-request-files": anyAdministrator,
  "POST /api/v1/usage-files": anyAdministrator,
  "POST /api/v1/trust-request-files": anyAdministrator,
  "GET /api/v1/acknowledgements": anybody,
  "GET /api/v1/acknowledgements/:acknowledgementId": anybody,
  "GET /api/v1/events": anybody,
  "GET /api/v1/alerts": anybody,
  "POST /api/v1/alerts/:alertId/handle": anyAdministrator,
  "GET /api/v1/ledger/head": anybody,
  "GET /api/v1/ledger/consistency": anybody,
  "GET /api/v1/ledger/leaves/:leafIndex": readerOfAccount,
  "GET /api/v1/instances/:instance/reports/:reportId/proof": anybody,
  "GET /api/v1/audit/:leafIndex/proof": anybody,
  "GET /api/v1/audit": anybody,
  "GET /api/v1/audit/:leafIndex": anybody,
  "GET /api/v1/report-bodies/old": readerOfAccount,
  "POST /api/v1/report-bodies/purge": administratorOfAccount,
  "GET /api/v1/premises": readerOfAccount,
  "PUT /api/v1/premises/admission": administratorOfAccount,
  "GET /api/v1/upstream": readerOfAccount,
  "POST /api/v1/upstream/connect": administratorOfEverything,
  "POST /api/v1/upstream/sync": administratorOfAccount,
  "GET /api/v1/upstream/registration": administratorOfEverything,
  "GET /api/v1/upstream/export": administratorOfAccount,
  "POST /api/v1/upstream/import": administratorOfAccount,
  "GET /api/v1/floors": readerOfAccount,
  "POST /api/v1/floors": administratorOfEverything,
  "DELETE /api/v1/floors/:name": administratorOfEverything,
  "GET /api/v1/operators": nobody,
  "POST /api/v1/operators": nobody,
  "POST /api/v1/operators/:name/grants": nobody,
  "DELETE /api/v1/operators/:name/grants": nobody,
  "DELETE /api/v1/operators/:name": nobody,
};

async function withApplication(run: (application: FastifyInstance, manager: TestManager) => Promise<void>) {
  await withManager({}, async (manager) => {
    const { applicationPorts, configuration } = manager.running.manager;
    const application = await buildApplication(applicationPorts, configuration, "https", null);
    try {
      await run(application, manager);
    } finally {
      await application.close();
    }
  });
}

/** Named where a call would otherwise be about the whole smart account, or about its default virtual account. */
const places: Readonly<Record<string, string>> = {
  "PUT /api/v1/policy": "?virtualAccount=Lab",
  "POST /api/v1/tokens": "?virtualAccount=Lab",
};

async function send(application: FastifyInstance, route: string, bearer: string) {
  const [method = "", path = ""] = route.split(" ");
  const url = path.replace(/:(\w+)/g, "00000000-0000-4000-8000-000000000001");
  const headers = { authorization: `Bearer ${bearer}` };
  const answer = await application.inject({ method: method as "GET", url: `${url}${places[route] ?? ""}`, headers });
  const problem: { readonly code?: string; readonly remedy?: string } = answer.json();
  return { status: answer.statusCode, code: problem.code, remedy: problem.remedy };
}

test("[GEN-16] each route is for each role in each place allowed, or refused with 403, its code and a remedy", async () => {
  await withApplication(async (application, { running }) => {
    const routes = apiRoutes.map(({ method, path }) => `${method} ${path}`);
    assert.deepEqual(Object.keys(allowed).sort(), [...routes].sort(), "every route is in the table");
    for (const [caller, grants] of Object.entries(callers)) {
      const { bearer } = await running.manager.administration.addOperator({
        name: caller.replaceAll(",", ""),
        grants,
        cause: operator,
      });
      for (const route of routes) {
        const { status, code, remedy } = await send(application, route, bearer);
        const what = `${route} as ${caller}: ${status} ${code}`;
        if (allowed[route]?.includes(caller)) {
          assert.ok(status !== 401 && status !== 403 && status < 500, what);
          continue;
        }
        const owners = allowed[route] === nobody;
        assert.deepEqual([status, code], [403, owners ? "owner_only" : "operator_not_permitted"], what);
        assert.match(remedy ?? "", /countersign manager operator/);
      }
    }
  });
});

test("[GEN-16] an operator whose last grant was revoked may do nothing, from the next request on; a grant gives it back", async () => {
  await withApplication(async (application, { running }) => {
    const { administration } = running.manager;
    const { bearer } = await administration.addOperator({ name: "bob", grants: [lab], cause: operator });
    const statuses = async () => {
      const answers = await Promise.all(Object.keys(allowed).map((route) => send(application, route, bearer)));
      return new Set(answers.map(({ status }) => status));
    };
    assert.ok((await statuses()).has(200));
    await administration.revokeAccess({ name: "bob", ...lab, cause: operator });
    assert.deepEqual(await statuses(), new Set([403]));
    await administration.grantAccess({ name: "bob", grant: { role: "viewer", ...lab }, cause: operator });
    assert.equal((await send(application, "GET /api/v1/accounts", bearer)).status, 200);
    assert.equal((await send(application, "POST /api/v1/tokens", bearer)).code, "operator_not_permitted");
  });
});

test("[GEN-16] a route for operators that does not say what it needs of them cannot be registered", () => {
  const application = fastify();
  const limiter = { isBlocked: () => false, countFailure: () => undefined };
  const ports = {
    findOperator: async () => undefined,
    findSignedIn: async () => undefined,
    limiter,
    onRefused: () => undefined,
  };
  requireAuthorization(application, { channel: "https", ...ports });
  const register = (url: string, config: object) => application.get(url, { config }, async () => "");
  assert.throws(() => register("/forgotten", { authorization: "operator" }), /declares no need/);
  register("/said", { authorization: "operator", needs: { level: "read", extent: "everything" } });
});

test("[GEN-16] what an operator may do is an act in the managers' own ledger, with before and after; asking again is none", async () => {
  const { useCases } = await createTestManager();
  await useCases.createVirtualAccount({ name: "Lab", cause: operator });
  const inLab = { smartAccount: "Example", virtualAccount: "Lab" };
  const added = await useCases.addOperator({ name: "bob", grants: [{ ...inLab, role: "viewer" }], cause: operator });
  assert.deepEqual(added.grants, [{ ...inLab, role: "viewer" }]);
  const grant = (wish: GrantWish) =>
    useCases.grantAccess({ name: "bob", grant: wish, cause: { kind: "local", reason: "CHG-9" } });
  assert.deepEqual((await grant({ ...inLab, role: "viewer" })).grants, added.grants);
  const raised = await grant({ virtualAccount: "Lab" });
  assert.deepEqual(raised.grants, [{ ...inLab, role: "administrator" }], "the only smart account need not be named");
  const everything = { role: "viewer", smartAccount: null, virtualAccount: null } as const;
  assert.deepEqual((await grant({ role: "viewer" })).grants, [...raised.grants, everything]);
  const revoked = await useCases.revokeAccess({ name: "bob", ...inLab, cause: operator });
  assert.deepEqual(revoked.grants, [everything]);
  const acts = await useCases.listAuditEntries({ manager: true, act: "change_operator_access" });
  const { bearer: _shownOnce, ...view } = added;
  const change = (before: readonly GrantView[], after: readonly GrantView[]) => ({
    ...{ event: "operator_access_changed", virtual_account_id: null, installation_id: null },
    ...{ before: { ...view, grants: before }, after: { ...view, grants: after } },
  });
  assert.deepEqual(
    acts.map(({ changes, reason }) => [reason, changes]),
    [
      [null, [change([...raised.grants, everything], revoked.grants)]],
      ["CHG-9", [change(raised.grants, [...raised.grants, everything])]],
      ["CHG-9", [change(added.grants, raised.grants)]],
    ],
  );
});

test("[GEN-16] a place, a role or an operator that does not exist is refused with its code, and nothing changed", async () => {
  const { useCases } = await createTestManager();
  await useCases.addOperator({ name: "bob", cause: operator });
  const grant = (wish: GrantWish, name = "bob") => useCases.grantAccess({ name, grant: wish, cause: operator });
  await assert.rejects(grant({ smartAccount: "Nowhere" }), { code: "account_unknown" });
  await assert.rejects(grant({ virtualAccount: "Nowhere" }), { code: "virtual_account_unknown" });
  await assert.rejects(grant({}, "carol"), { code: "operator_unknown" });
  const revoke = (place: object) => useCases.revokeAccess({ name: "bob", ...place, cause: operator });
  await assert.rejects(revoke({ smartAccount: "Example" }), { code: "grant_unknown" });
  const twice = [{ smartAccount: "Example" }, { role: "viewer" as const, smartAccount: "Example" }];
  await assert.rejects(useCases.addOperator({ name: "dora", grants: twice, cause: operator }), {
    code: "input_invalid",
  });
  assert.deepEqual(
    (await useCases.listOperators()).map(({ name, grants }) => [name, grants]),
    [["bob", [{ role: "administrator", smartAccount: null, virtualAccount: null }]]],
  );
  assert.equal((await useCases.listAuditEntries({ manager: true })).length, 1);
});

test("[GEN-16] an operator has at most 100 grants, however they came", async () => {
  const { useCases } = await createTestManager();
  const names = Array.from({ length: grantsMax + 1 }, (_, at) => `Branch ${at}`);
  for (const name of names) await useCases.createVirtualAccount({ name, cause: operator });
  const grants = names.map((virtualAccount) => ({ virtualAccount }));
  const add = (name: string, count: number) =>
    useCases.addOperator({ name, grants: grants.slice(0, count), cause: operator });
  await assert.rejects(add("too many", grantsMax + 1), { code: "input_invalid" });
  assert.equal((await add("bob", grantsMax)).grants.length, grantsMax);
  const one = { name: "bob", grant: grants[grantsMax] ?? {}, cause: operator };
  await assert.rejects(useCases.grantAccess(one), { code: "input_invalid" });
  await useCases.revokeAccess({ name: "bob", virtualAccount: "Branch 0", cause: operator });
  assert.equal((await useCases.grantAccess(one)).grants.length, grantsMax);
});
