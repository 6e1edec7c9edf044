import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { crowdedOut, signInHours, signInsMax } from "../accounts/sign-in.ts";
import { type HttpReply, type TestManager, withManager } from "../test-support/test-manager.ts";

const session = "/api/v1/session";
const codeOf = ({ text }: HttpReply): string => JSON.parse(text).code;
const hostOf = ({ running }: TestManager) => new URL(running.url).host;
/** What a browser sends with a request from the portal's own page. */
const ownPage = (manager: TestManager) => ({ origin: `https://${hostOf(manager)}`, "sec-fetch-site": "same-origin" });
const bearerOf = ({ init }: TestManager) => init.operator?.bearer ?? "";
const signIn = (manager: TestManager, token = bearerOf(manager), headers: object = ownPage(manager)) =>
  manager.call("POST", session, { body: JSON.stringify({ token }), headers: { ...headers } });
const cookieIn = ({ headers }: HttpReply) => String(headers["set-cookie"]).split(";")[0] ?? "";

/** The cookie of one more browser. */
async function signedIn(manager: TestManager): Promise<string> {
  const answer = await signIn(manager);
  assert.equal(answer.status, 200, answer.text);
  return cookieIn(answer);
}

test("signing in with a browser", async (t) => {
  await withManager({}, async (manager) => {
    await t.test("the token is exchanged for a cookie that no script reads and no other site sends", async () => {
      const answer = await signIn(manager);
      assert.deepEqual(JSON.parse(answer.text), { name: "ada", mayAdminister: true });
      assert.match(
        String(answer.headers["set-cookie"]),
        /^__Host-countersign=[\w-]{43}; Max-Age=43200; Path=\/; Secure; HttpOnly; SameSite=Strict$/,
      );
      assert.equal(answer.headers["cache-control"], "no-store");
      const cookie = cookieIn(answer);
      const who = await manager.call("GET", session, { headers: { cookie: `a=b; ${cookie}` } });
      assert.deepEqual(JSON.parse(who.text), { name: "ada", mayAdminister: true });
      assert.equal((await manager.call("GET", "/api/v1/accounts", { headers: { cookie } })).status, 200);
      const secret = cookie.split("=")[1] ?? "";
      for (const hidden of [secret, bearerOf(manager)]) assert.equal(manager.logText().includes(hidden), false);
    });

    await t.test("what changes something must come from the portal's own page; a bearer token needs none", async () => {
      const cookie = await signedIn(manager);
      const post = (headers: object) =>
        manager.call("POST", "/api/v1/tokens", { body: "{}", headers: { cookie, ...headers } });
      const own = ownPage(manager);
      const elsewhere = "https://elsewhere.example";
      for (const headers of [
        {},
        { origin: elsewhere },
        { ...own, origin: elsewhere },
        { origin: `http://${hostOf(manager)}` },
        { origin: "null", "sec-fetch-site": "same-origin" },
        { "sec-fetch-site": "same-origin" },
        ...["cross-site", "same-site", "none"].map((site) => ({ ...own, "sec-fetch-site": site })),
      ]) {
        const refused = await post(headers);
        assert.deepEqual([refused.status, codeOf(refused)], [403, "origin_foreign"], JSON.stringify(headers));
        assert.equal((await signIn(manager, bearerOf(manager), headers)).status, 403);
      }
      assert.deepEqual(JSON.parse((await manager.call("GET", "/api/v1/tokens", { headers: { cookie } })).text), []);
      assert.equal((await post(own)).status, 201);
      assert.equal((await post({ origin: own.origin })).status, 201, "an older browser names its origin alone");
      const withToken = await manager.call("POST", "/api/v1/tokens", { body: "{}", bearer: bearerOf(manager) });
      assert.equal(withToken.status, 201);
      const owners = await manager.call("GET", "/api/v1/operators", { headers: { cookie, ...own } });
      assert.equal(codeOf(owners), "owner_only");
    });

    await t.test("signing out ends it for the cookie wherever it is", async () => {
      const cookie = await signedIn(manager);
      const foreign = await manager.call("DELETE", session, { headers: { cookie } });
      assert.equal(codeOf(foreign), "origin_foreign");
      const out = await manager.call("DELETE", session, { headers: { cookie, ...ownPage(manager) } });
      assert.match(String(out.headers["set-cookie"]), /^__Host-countersign=; Max-Age=0;/);
      const after = await manager.call("GET", session, { headers: { cookie } });
      assert.deepEqual([after.status, codeOf(after)], [401, "sign_in_ended"]);
    });

    await t.test("a cookie that nobody was given opens nothing", async () => {
      for (const secret of ["a".repeat(43), "a".repeat(42), "a".repeat(44), "", `${"a".repeat(42)}%`]) {
        const answer = await manager.call("GET", session, { headers: { cookie: `__Host-countersign=${secret}` } });
        assert.equal(answer.status, 401, secret);
      }
    });

    await t.test("one browser more than the limit signs the oldest out", async () => {
      const signIns = Array.from({ length: signInsMax }, (_, at) => ({
        ...{ secretSha256: `${at}`, operatorId: 1, createdAtMs: at, endsAtMs: at + 9 },
      }));
      assert.deepEqual(crowdedOut(signIns.slice(1)), []);
      assert.deepEqual(crowdedOut(signIns), [signIns[0]]);
      const cookie = await signedIn(manager);
      for (let more = 1; more < signInsMax; more += 1) await signIn(manager);
      assert.equal((await manager.call("GET", session, { headers: { cookie } })).status, 200);
      await signIn(manager);
      assert.equal((await manager.call("GET", session, { headers: { cookie } })).status, 401);
    });

    await t.test(
      "removing the operator ends it at the next request, and so does narrowing what the operator may do",
      async () => {
        const cookie = await signedIn(manager);
        const { administration } = manager.running.manager;
        const cause = { kind: "local" } as const;
        const lab = { smartAccount: "Example Corp", virtualAccount: "Lab", role: "viewer" } as const;
        await administration.grantAccess({ name: "ada", grant: lab, cause });
        await administration.revokeAccess({ name: "ada", cause });
        const narrowed = await manager.call("GET", session, { headers: { cookie } });
        assert.deepEqual(JSON.parse(narrowed.text), { name: "ada", mayAdminister: false });
        await administration.removeOperator({ name: "ada", cause });
        const after = await manager.call("GET", session, { headers: { cookie } });
        assert.deepEqual([after.status, codeOf(after)], [401, "sign_in_ended"]);
      },
    );
  });
});

test("it outlives a restart of the manager, and ends by itself after its hours", async () => {
  let now = Date.now();
  const ask = async (manager: TestManager, cookie: string) =>
    (await manager.call("GET", session, { headers: { cookie } })).status;
  await withManager({ clock: { now: () => now } }, async (manager) => {
    const cookie = await signedIn(manager);
    await manager.restart();
    now += signInHours * 3_600_000 - 1;
    assert.equal(await ask(manager, cookie), 200);
    now += 1;
    assert.equal(await ask(manager, cookie), 401);
  });
});

test("wrong tokens are counted as on every other route, and no token is read any more after too many", async () => {
  await withManager({ bearerFailuresPerMinuteMax: 3 }, async (manager) => {
    const oversized = await signIn(manager, "x".repeat(2000));
    assert.deepEqual([oversized.status, codeOf(oversized)], [413, "body_too_large"]);
    for (const token of ["wrong", "", "x".repeat(201)])
      assert.deepEqual([(await signIn(manager, token)).status], [401], token);
    const blocked = await signIn(manager);
    assert.deepEqual([blocked.status, codeOf(blocked)], [429, "bearer_attempts_exceeded"]);
  });
});

suite("the portal's files", () => {
  async function withPortal(run: (manager: TestManager, directory: string) => Promise<void>) {
    const directory = mkdtempSync(join(tmpdir(), "countersign-portal-"));
    try {
      await withManager({ portalDirectory: join(directory, "dist") }, (manager) => run(manager, directory));
    } finally {
      rmSync(directory, { recursive: true });
    }
  }

  test("without a build the portal's address says how to make one, and with one it is there at once, compressed to whoever takes that", async () => {
    await withPortal(async (manager, directory) => {
      const missing = await manager.call("GET", "/portal/");
      assert.equal(missing.status, 503);
      assert.match(missing.text, /npm run portal/);
      assert.equal((await manager.call("GET", "/health")).status, 200);
      mkdirSync(join(directory, "dist/assets"), { recursive: true });
      writeFileSync(join(directory, "dist/index.html"), '<script src="/portal/assets/index-1a2b.js">');
      assert.equal((await manager.call("GET", "/portal/")).status, 503, "a build that is not whole is none");
      writeFileSync(join(directory, "dist/index.html"), "<!doctype html>");
      writeFileSync(join(directory, "dist/assets/index-1a2b.js"), "run()");
      writeFileSync(join(directory, "dist/assets/notes.txt"), "not served");
      writeFileSync(join(directory, "secret.js"), "not served");
      for (const path of ["/portal/", "/portal/alerts"]) {
        const page = await manager.call("GET", path);
        assert.deepEqual([page.status, page.text, page.headers["cache-control"]], [200, "<!doctype html>", "no-cache"]);
        assert.match(
          String(page.headers["content-security-policy"]),
          /^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'$/,
        );
        assert.doesNotMatch(String(page.headers["content-security-policy"]), /unsafe|\*|data:/);
        assert.equal(page.headers["x-content-type-options"], "nosniff");
      }
      assert.equal((await manager.call("GET", "/portal")).headers.location, "/portal/");
      const asset = await manager.call("GET", "/portal/assets/index-1a2b.js");
      assert.deepEqual(
        [asset.text, asset.headers["content-type"], asset.headers["cache-control"]],
        ["run()", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"],
      );
      for (const name of ["notes.txt", "..%2f..%2fsecret.js", "index-1a2b.js%00", "index.html", "__proto__"])
        assert.equal((await manager.call("GET", `/portal/assets/${name}`)).status, 404, name);
      const outside = await manager.call("GET", "/portal/assets/%2e%2e/%2e%2e/secret.js");
      assert.doesNotMatch(outside.text, /not served/);
      // Compressed to whoever takes that.
      const url = `${manager.running.url}/portal/`;
      const options = { ca: manager.init.rootCertificatePem, headers: { "accept-encoding": "br, gzip" } };
      const bytes = await new Promise<Buffer>((resolve, reject) => {
        get(url, options, (answer) => {
          assert.equal(answer.headers["content-encoding"], "gzip");
          const chunks: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => chunks.push(chunk));
          answer.on("end", () => resolve(Buffer.concat(chunks)));
        }).on("error", reject);
      });
      assert.equal(gunzipSync(bytes).toString(), "<!doctype html>");
    });
  });
});
