// A site whose reports are pulled from the device over HTTPS and carried to a manager by whoever pulls (TOP-4): what the device
// gives is taken byte for byte, and what the manager answers is brought back the same way.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { makeUser } from "@countersign/device";
import { encodeLicenseFile, type SignedReport } from "@countersign/protocol";
import { startPair } from "./device-with-manager.test-support.ts";

const cause = { kind: "operator", name: "ada" } as const;
const account = { smartAccount: "Example Corp", virtualAccount: "Lab" };
const password = "canary-password-1618";

type ServiceAnswer = {
  readonly usage?: readonly SignedReport[];
  readonly usage_list?: readonly { readonly report_id: number; readonly timestamp: number }[];
  readonly objects?: readonly { readonly kind: string }[];
  readonly error?: { readonly code: string };
};

async function startSite(t: TestContext) {
  const stateDirectory = mkdtempSync(join(tmpdir(), "countersign-pulled-"));
  const user = await makeUser({ name: "ada", privilege: 15, password, publicKeys: [] });
  const pair = await startPair(t, {
    stateDirectory,
    opensControlSocket: false,
    https: { port: 0, users: [user] },
  });
  t.after(() => rmSync(stateDirectory, { recursive: true, force: true }));
  await pair.say(`license smart trust idtoken ${await pair.token()} all`);
  await pair.pass(60);
  pair.isReachable = false;
  await pair.say("license smart transport off");
  await pair.pass(3600);
  const ca = readFileSync(join(stateDirectory, "https-identity.pem"), "utf8");
  const { port = 0 } = pair.device.https ?? {};
  const ask = (method: string, path: string, body = "", headers: Record<string, string> = {}) =>
    new Promise<{ readonly status: number; readonly json: ServiceAnswer }>((resolve, reject) => {
      const options = { host: "127.0.0.1", port, method, path: `/smartlic-service${path}`, ca, headers };
      const sent = request({ ...options, auth: `ada:${password}`, agent: false }, async (response) => {
        const text = (await response.toArray()).join("");
        resolve({ status: response.statusCode ?? 0, json: JSON.parse(text) as ServiceAnswer });
      });
      sent.on("error", reject);
      sent.end(body);
    });
  return { ...pair, ask };
}

const states = (text: string): readonly string[] =>
  text.split("\n").flatMap((line) => /^\s*\d+,?\s+(\w+)/.exec(line)?.[1] ?? []);

test("[TOP-4] pulled reports wait for their acknowledgement, count at the manager, and its answer is imported", async (t) => {
  const { ask, say, manager } = await startSite(t);
  const version = { "FOXY-API-VERSION": "1" };
  assert.deepEqual((await ask("GET", "/all-reports", "", version)).json, { usage: [] }, "open reports are not given");
  assert.equal((await ask("POST", "/close-reports", "", version)).status, 200);
  const { usage_list: listed = [] } = (await ask("GET", "/list", "", version)).json;
  assert.equal(listed.length, 4);
  assert.deepEqual((await ask("GET", "/list-reports")).json.usage_list, listed);
  assert(listed.every(({ timestamp }) => timestamp > 1_900_000_000));
  assert(states(await say("show license rum id all")).includes("CLOSED"));

  const { usage = [] } = (await ask("GET", "/all-reports", "", version)).json;
  assert.deepEqual(
    usage.map(({ payload }) => JSON.parse(payload).asset_identification.report_id),
    listed.map(({ report_id: id }) => id),
  );
  const after = states(await say("show license rum id all"));
  assert.equal(after.filter((state) => state === "UNACK").length, 4);
  assert.deepEqual((await ask("GET", "/all-reports")).json.usage, usage, "the same again, byte for byte");
  const [one] = usage;
  const id = listed[0]?.report_id;
  assert.deepEqual((await ask("GET", `/rum-report-id/${id}`)).json.usage, [one]);
  assert.deepEqual((await ask("GET", `/rum-report-id?id=${id}`)).json.usage, [one]);
  assert.deepEqual((await ask("GET", "/days")).json.usage, usage);

  const file = encodeLicenseFile({ reports: usage, managerObjects: [], systemInfo: "{}" });
  const bytes = Buffer.from(file);
  const imported = await manager.administration.importUsageFile({ ...account, bytes, cause });
  assert.deepEqual(imported.reports, { accepted: 4, known: 0, refused: 0 });
  const brought = await ask("POST", "/import", imported.file ?? "", { ...version, "content-type": "application/json" });
  assert.equal(brought.status, 200);
  assert.equal(brought.json.objects?.[0]?.kind, "RUM ACK");
  assert.deepEqual((await ask("GET", "/list")).json, { usage_list: [] });
});

test("what cannot be had or imported is refused with the reason, and nothing changes", async (t) => {
  const { ask, say } = await startSite(t);
  const codeOf = async (method: string, path: string, headers = {}, body = "") =>
    (await ask(method, path, body, headers)).json.error?.code;
  assert.equal(await codeOf("GET", "/list", { "foxy-api-version": "2" }), "api_version_unsupported");
  const [open] = /^\s*\d+/m.exec(await say("show license rum id all")) ?? [];
  assert.equal(await codeOf("GET", `/rum-report-id/${open?.trim()}`), "report_not_found");
  assert.equal(await codeOf("GET", "/rum-report-id"), "value_invalid");
  await ask("POST", "/close-reports");
  assert.equal((await ask("GET", "/days/1")).json.usage?.length, 4);
  assert.equal((await ask("GET", "/days/3650")).json.usage?.length, 4);
  for (const days of ["0", "3651", "-1", "1.5", "x"])
    assert.equal(await codeOf("GET", `/days/${days}`), "value_invalid");
  const before = await say("show license all");
  assert.equal(await codeOf("POST", "/import", {}, "no licence file"), "import_refused");
  assert.equal(await say("show license all"), before);
});
