// Lists of revoked certificates made by OpenSSL and served over HTTP: read, believed only from their issuer, and kept.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { TransportFailure } from "@countersign/agent";
import type { RevocationCheck } from "../network-settings.ts";
import { RevocationChecker } from "./revocation-check.ts";

const folder = mkdtempSync(join(tmpdir(), "countersign-revocation-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const path = (name: string) => join(folder, name);
const openssl = (...given: string[]) => execFileSync("openssl", given, { cwd: folder, stdio: "pipe" });

const server = createServer((_request, response) => {
  requests += 1;
  response.statusCode = served === null ? 404 : 200;
  response.end(served ?? "");
});
let served: Uint8Array | null = null;
let requests = 0;
server.listen(0, "127.0.0.1");
await once(server, "listening");
after(() => server.close());
const url = `http://lists.test:${(server.address() as AddressInfo).port}/ca.crl`;

writeFileSync(
  path("ca.cnf"),
  `[req]
distinguished_name = name
[name]
[ca]
default_ca = own
[own]
database = index.txt
crlnumber = number
certificate = ca.pem
private_key = ca.key
default_md = sha256
default_crl_days = 7
[leaf]
crlDistributionPoints = URI:${url}
`,
);
const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", "ca.cnf"];
for (const name of ["ca", "other"])
  openssl(
    "req",
    "-x509",
    ...key,
    "-keyout",
    `${name}.key`,
    "-out",
    `${name}.pem`,
    "-subj",
    `/CN=${name}`,
    "-days",
    "30",
  );
openssl("req", ...key, "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/CN=leaf");
const signing = [
  "-req",
  "-in",
  "leaf.csr",
  "-CA",
  "ca.pem",
  "-CAkey",
  "ca.key",
  "-days",
  "7",
  "-set_serial",
  "0x00A1B2",
];
openssl("x509", ...signing, "-extfile", "ca.cnf", "-extensions", "leaf", "-out", "leaf.pem");
openssl("x509", ...signing.slice(0, -1), "0x00A1B3", "-out", "plain.pem");

function list(revoked: readonly string[], format: "DER" | "PEM" = "DER", ca = "ca"): Buffer {
  const rows = revoked.map((serial) => `R\t400101000000Z\t260101000000Z\t${serial}\tunknown\t/CN=leaf\n`);
  writeFileSync(path("index.txt"), rows.join(""));
  writeFileSync(path("number"), "01\n");
  openssl("ca", "-gencrl", "-config", "ca.cnf", "-cert", `${ca}.pem`, "-keyfile", `${ca}.key`, "-out", "list.pem");
  openssl("crl", "-in", "list.pem", "-outform", format, "-out", "list.out");
  return readFileSync(path("list.out"));
}

const der = (name: string) => new X509Certificate(readFileSync(path(name))).raw;

function checkerAt(nowMs = Date.now()) {
  const time = { nowMs };
  const log: string[] = [];
  const told: string[] = [];
  const checker = new RevocationChecker({
    now: () => time.nowMs,
    log: ({ mnemonic, text }) => log.push(`${mnemonic}: ${text}`),
    told: ({ type }) => told.push(type),
  });
  const way = { localAddress: null, resolve: async () => ["127.0.0.1"], certificateAuthorities: [] };
  const check = (policy: RevocationCheck, leaf = "leaf.pem") =>
    checker.check([der(leaf), der("ca.pem")], { trustpoint: "LicRoot", check: policy }, way);
  return { time, log, told, check };
}

function failsWith(code: string) {
  return (error: unknown) => error instanceof TransportFailure && error.code === code && error.stage === "tls";
}

function serve(t: TestContext, bytes: Uint8Array | null): void {
  served = bytes;
  requests = 0;
  t.after(() => (served = null));
}

test("a certificate on its issuer's list is refused and logged, whether a list is insisted on or not", async (t) => {
  for (const format of ["DER", "PEM"] as const) {
    serve(t, list(["05", "A1B2"], format));
    for (const policy of ["crl", "crl none"] as const) {
      const { check, log } = checkerAt();
      await assert.rejects(check(policy), failsWith("certificate_revoked"));
      assert.match(log[0] ?? "", /^CERTIFICATE_REVOKED: .* \(SN: A1B2\) is revoked$/);
    }
  }
});

test("a list without the certificate lets it pass, and is kept until it ends", async (t) => {
  serve(t, list(["05"]));
  const { check, log, time } = checkerAt();
  await check("crl");
  await check("crl");
  assert.deepEqual([requests, log], [1, []]);
  time.nowMs += 8 * 86_400_000;
  await assert.rejects(check("crl"), failsWith("revocation_unknown"));
  assert.match(log[0] ?? "", /the list has expired/);
});

test("a list of another issuer, no list, or what is none counts as not to be had", async (t) => {
  const bad = [
    [list([], "DER", "other"), /not signed by the issuer/],
    [null, /HTTP 404/],
    [Buffer.from("<html>"), /Reason : /],
    [list(["05"]).subarray(0, 80), /Reason : /],
  ] as const;
  for (const [bytes, reason] of bad) {
    serve(t, bytes);
    const { check, log } = checkerAt();
    await assert.rejects(check("crl"), failsWith("revocation_unknown"));
    await check("crl none");
    assert.deepEqual(
      log.map((line) => reason.test(line)),
      [true, true],
      log.join("\n"),
    );
    assert.equal(requests, 1, "a list that cannot be had is not waited for twice");
  }
});

test("any changed byte of a list is noticed", async (t) => {
  const whole = list(["05"]);
  for (let at = 0; at < whole.byteLength; at += 7) {
    const changed = Buffer.from(whole);
    changed[at] = (changed[at] ?? 0) ^ 0x01;
    serve(t, changed);
    await assert.rejects(checkerAt().check("crl"), failsWith("revocation_unknown"), `byte ${at}`);
  }
});

test("a certificate that names no list passes unless one is insisted on; none asks nobody", async (t) => {
  serve(t, null);
  const { check, log } = checkerAt();
  await check("crl none", "plain.pem");
  await check("none");
  assert.deepEqual([log, requests], [[], 0]);
  await assert.rejects(check("crl", "plain.pem"), failsWith("revocation_unknown"));
});
