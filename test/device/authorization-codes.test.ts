// Authorization codes from the console to the manager and back: asked for, installed, confirmed, shown, given back; over the
// network and by hand.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type DeviceOptions, makeUser } from "@countersign/device";
import { type Pair, startPair } from "./device-with-manager.test-support.ts";

const cause = { kind: "operator", name: "ada" } as const;
const router = { platform: "c8000v", features: ["network-advantage", "dna-advantage", "hseck9"] } as const;

async function trustedRouter(
  t: TestContext,
  stateDirectory: string | null = null,
  options: Partial<DeviceOptions> = {},
): Promise<Pair> {
  const pair = await startPair(t, { ...router, stateDirectory, opensControlSocket: false, ...options });
  await pair.say(`license smart trust idtoken ${await pair.token(1, true)} local`);
  await pair.pass(60);
  return pair;
}

const codesOf = async ({ manager }: Pair) =>
  (await manager.administration.listAuthorizations({})).map(({ sequence, state }) => [sequence, state]);
const codeShown = (text: string, caption: string) => new RegExp(`${caption}: (\\S+)`).exec(text)?.[1] ?? "";

test("[REP-15] a code is asked for on the console, installed, confirmed, shown in every place, and given back", async (t) => {
  const pair = await trustedRouter(t);
  const { say } = pair;
  assert.ok(pair.log.some((line) => line.includes("%SMART_LIC-3-NOT_AUTHORIZED")));
  assert.match(await say("show license summary"), /hseck9 .* 1 NOT AUTHORIZED/);
  assert.match(await say("show license usage"), /Export status: RESTRICTED - NOT ALLOWED/);
  assert.equal(await say("license smart authorization request add hseck9 local"), "");
  await pair.pass(1);
  assert.deepEqual(pair.requests.slice(-2), ["AUTHORIZATION_REQUEST", "AUTHORIZATION_CONFIRM"]);
  assert.deepEqual(await codesOf(pair), [[1, "confirmed"]]);
  assert.ok(pair.log.some((line) => line.includes("%SMART_LIC-6-AUTHORIZATION_INSTALL_SUCCESS")));
  const shown = await say("show license authorization");
  assert.match(shown, /Status: SMART AUTHORIZATION INSTALLED on \w{3} \d\d/);
  const [code] = await pair.manager.administration.listAuthorizations({});
  assert.equal(codeShown(shown, "Last Confirmation code"), code?.confirmationCode);
  assert.match(await say("show license summary"), /hseck9 .* 1 IN USE/);
  assert.match(await say("show license usage"), /Export status: RESTRICTED - ALLOWED/);
  for (const command of ["show license all", "show license tech support"])
    assert.match(await say(command), /Authorizations:\s+hseck9 \(DNA_HSEC\):/, command);
  const statistics = await say("show license tech support | section Authorization Request");
  assert.match(statistics, /Attempts: Total=1, Success=1, Fail=0/);
  const history = await say("show license history message");
  assert.match(history, /Authorization Request:\n\s+REQUEST: .*\n(?:.*\n)*.*AUTHORIZATION_REQUEST/);
  assert.match(history, /Import AUTH:\nReceived on|Import AUTH:\n\s+Received on/);
  assert.match(await say("show license eventlog"), /SAEVT_TAG_AUTHORIZED count="1"/);
  assert.equal(await say("license smart authorization return local online"), "");
  await pair.pass(1);
  assert.deepEqual(await codesOf(pair), [[1, "returned"]]);
  assert.match(await say("show license authorization"), /Status: NOT INSTALLED\n\s+Last return code: \S{60,}/);
  assert.match(await say("show license summary"), /hseck9 .* 1 NOT AUTHORIZED/);
});

test("[REP-15] a program asks for a code over RESTCONF, reads it there, and gives it back with the digits for the manager", async (t) => {
  const stateDirectory = mkdtempSync(join(tmpdir(), "countersign-restconf-"));
  const password = "canary-password-2718";
  const users = [await makeUser({ name: "ada", privilege: 15, password, publicKeys: [] })];
  const pair = await trustedRouter(t, stateDirectory, { https: { port: 0, users } });
  t.after(() => rmSync(stateDirectory, { recursive: true, force: true }));
  const ca = readFileSync(join(stateDirectory, "https-identity.pem"), "utf8");
  const ask = (method: string, path: string, input?: object) =>
    new Promise<{ readonly status: number; readonly text: string }>((resolve, reject) => {
      const headers = { "content-type": "application/yang-data+json" };
      const at = { host: "127.0.0.1", port: pair.device.https?.port, method, path: `/restconf${path}`, headers };
      const sent = request({ ...at, ca, auth: `ada:${password}`, agent: false }, async (response) => {
        resolve({ status: response.statusCode ?? 0, text: (await response.toArray()).join("") });
      });
      sent.on("error", reject);
      sent.end(input === undefined ? "" : JSON.stringify({ "countersign-license:input": input }));
    });
  const device = async () => {
    const { text } = await ask("GET", "/data/countersign-license:license/state/authorization/device=1");
    const [own] = JSON.parse(text)["countersign-license:device"] as Record<string, unknown>[];
    return own ?? assert.fail();
  };
  const wish = { feature: "hseck9", scope: "local" };
  assert.equal((await ask("POST", "/operations/countersign-license:request-authorization", wish)).status, 204);
  await pair.pass(1);
  const [code] = await pair.manager.administration.listAuthorizations({});
  const installed = await device();
  assert.equal(installed["confirmation-code"], code?.confirmationCode);
  assert.equal(installed.confirmed, true);
  assert.deepEqual(
    (installed.license as { name: string; count: number }[]).map(({ name, count }) => [name, count]),
    [["hseck9", 1]],
  );
  const given = { scope: "local", way: "offline" };
  const back = await ask("POST", "/operations/countersign-license:return-authorization", given);
  assert.equal(back.status, 200, back.text);
  const [returned] = JSON.parse(back.text)["countersign-license:output"].device as Record<string, string>[];
  assert.equal(returned?.udi, "PID:C8000V,SN:CSL2705E001");
  assert.equal((await device())["last-return-code"], returned?.["return-code"]);
  assert.equal("installed-at" in (await device()), false);
});

test("a return that the manager does not hear is told until it has, and a lost answer gives the same code", async (t) => {
  const pair = await trustedRouter(t);
  await pair.say("license smart authorization request add hseck9 local");
  await pair.pass(1);
  pair.isReachable = false;
  await pair.say("license smart authorization return local online");
  await pair.pass(60);
  assert.deepEqual(await codesOf(pair), [[1, "confirmed"]]);
  pair.isReachable = true;
  await pair.pass(600);
  assert.deepEqual(await codesOf(pair), [[1, "returned"]]);
});

test("what cannot be asked for or given back is refused in the documented words", async (t) => {
  const pair = await startPair(t, router);
  const unknown = "The requested item was not found";
  assert.match(await pair.say("license smart authorization request add nothing local"), new RegExp(unknown));
  const missing = "No reservation authorization code installed in device";
  assert.match(await pair.say("license smart authorization return local online"), new RegExp(missing));
  assert.match(await pair.say("license smart authorization request add network-advantage_250M local"), /needs no/);
  // A token that does not allow export-controlled functions gives trust, and no code.
  await pair.say(`license smart trust idtoken ${await pair.token(1)} local`);
  await pair.pass(60);
  await pair.say("license smart authorization request add hseck9 local");
  await pair.pass(1);
  assert.match(
    await pair.say("show license authorization"),
    /Refusal code: authorization_export_not_allowed\n {2}Remedy: Establish trust with a token/,
  );
  assert.ok(pair.log.some((line) => line.includes("%SMART_LIC-3-AUTHORIZATION_INSTALL_FAILED")));
});

test("by hand: a saved request, the file that answers it, and a return code that a person types", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-authorization-"));
  const pair = await trustedRouter(t, folder);
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { say, manager } = pair;
  await say("license smart transport off");
  await say("license smart authorization request add hseck9 local");
  assert.equal(await say("license smart authorization request save flash:request.xml"), "");
  const bytes = readFileSync(join(folder, "flash", "request.xml"));
  const answered = await manager.administration.importAuthorizationRequest({ bytes, cause });
  writeFileSync(join(folder, "flash", "code.xml"), answered.file ?? "");
  const imported = await say("license smart import flash:code.xml");
  assert.match(
    imported,
    /^Import Data Successful\nLast Confirmation code UDI: PID:C8000V,SN:\S+ {2}Confirmation code: [0-9a-f]{8}\n/,
  );
  assert.match(await say("show license summary"), /hseck9 .* 1 IN USE/);
  const returned = await say("license smart authorization return local offline flash:return.xml");
  assert.match(returned, /^Enter this return code in Cisco Smart Software Manager portal:\nUDI: PID:C8000V,SN:\S+\n/);
  assert.match(await say("license smart import flash:code.xml"), /gave this one back/);
  const instance = /UDI: (\S+)/.exec(returned)?.[1] ?? "";
  const wish = { instance, returnCode: codeShown(returned, "Return code"), cause };
  assert.equal((await manager.administration.returnAuthorization(wish)).state, "returned");
  const file = readFileSync(join(folder, "flash", "return.xml"));
  const heard = await manager.administration.importAuthorizationRequest({ bytes: file, cause });
  assert.equal(heard.devices[0]?.outcome, "heard");
});
