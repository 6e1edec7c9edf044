import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { healthBytesMax } from "../asking/ask-relay.ts";
import { called } from "../test-support/called.ts";
import { relay } from "./relay.ts";

const dayMs = 86_400_000;
const fine = {
  ...{ status: "ok", waiting: 3, managerAwaySinceMs: null },
  certificate: {
    ...{ validUntilMs: Date.now() + 2000 * dayMs, state: "valid", renewalFailure: null, renewalFailingSinceMs: null },
  },
};
type Says = { status: number; body: string };

async function startServer(t: TestContext) {
  const says: Says = { status: 200, body: JSON.stringify(fine) };
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(says.status).end(says.body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return { says, asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/cslu/v1/pi` };
}

test("doctor relay asks the health of a relay and nothing else, and says what somebody has to do", async (t) => {
  const { says, asked, url } = await startServer(t);
  const findings = async (health: object) => {
    says.body = JSON.stringify(health);
    const { exitCode, out } = await called(relay, [url], { json: true });
    const { findings } = JSON.parse(out) as { findings: { code: string; evidence: { text: string }[] }[] };
    return { exitCode, codes: findings.map(({ code }) => code).sort(), text: JSON.stringify(findings) };
  };
  assert.deepEqual(await findings(fine), { exitCode: 0, codes: [], text: "[]" });
  assert.deepEqual(asked, ["GET /health"]);

  const since = Date.now() - 8 * dayMs;
  const failing = { state: "ends_soon", renewalFailure: "connection\u001b[31m_refused", renewalFailingSinceMs: since };
  const certificate = { ...fine.certificate, ...failing };
  const troubled = await findings({ ...fine, managerAwaySinceMs: since, certificate });
  assert.deepEqual(
    [troubled.exitCode, troubled.codes],
    [1, ["relay_certificate_ends", "relay_manager_away", "relay_renewal_fails"]],
  );
  assert.ok(troubled.text.includes("connection [31m_refused"), "what a relay says reaches no terminal as it is");

  says.status = 503;
  const ended = { ...fine.certificate, state: "ended" };
  assert.deepEqual((await findings({ ...fine, status: "failing", certificate: ended })).codes, [
    "relay_certificate_ended",
  ]);
  assert.deepEqual((await findings({ ...fine, status: "failing" })).codes, ["relay_cannot_keep"]);
});

test("doctor relay ends with 2 where no relay answers, or the command line is wrong", async (t) => {
  const { says, url } = await startServer(t);
  const ends = async (change: Partial<Says>) => {
    Object.assign(says, { status: 200, body: JSON.stringify(fine) }, change);
    return (await called(relay, [url])).exitCode;
  };
  const sized = (bytes: number) => JSON.stringify(fine).padEnd(bytes, " ");
  assert.equal(await ends({ body: sized(healthBytesMax) }), 0);
  assert.equal(await ends({ body: sized(healthBytesMax + 1) }), 2);
  assert.equal(await ends({ status: 404 }), 2);
  const { certificate, ...noCertificate } = fine;
  for (const wrong of [
    ...["", "null", "no JSON", "[]", noCertificate, { ...fine, status: "well" }, { ...fine, managerAwaySinceMs: "1" }],
    ...[{ state: "new" }, { validUntilMs: 0.5 }, { renewalFailure: 1 }, { renewalFailingSinceMs: "" }].map((part) => ({
      ...fine,
      certificate: { ...certificate, ...part },
    })),
  ])
    assert.equal(await ends({ body: typeof wrong === "string" ? wrong : JSON.stringify(wrong) }), 2, String(wrong));
  assert.equal(await ends({}), 0);
  const lines: readonly (readonly [readonly string[], Readonly<Record<string, string[]>>, RegExp])[] = [
    [[], {}, /exactly one URL/],
    [[url, url], {}, /exactly one URL/],
    [["ftp://relay.test"], {}, /begins with https/],
    [["http://ada:canary@relay.test"], {}, /no user name or password/],
    [[url], { root: ["/nowhere/root.pem"] }, /ENOENT/],
    [["http://127.0.0.1:1"], {}, /ECONNREFUSED/],
  ];
  for (const [positionals, values, problem] of lines) {
    const { exitCode, err, out } = await called(relay, positionals, { values });
    assert.deepEqual([exitCode, out], [2, ""]);
    assert.match(err, problem);
    assert.doesNotMatch(err, /canary/);
  }
});
