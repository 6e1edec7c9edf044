import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createAuthority } from "./certificate-authority.ts";
import { createRevocationLists, revocationListMs } from "./revocation-list.ts";

const now = Date.parse("2031-05-01T00:00:00Z");
const revocationListUrl = "http://manager.test/pki/issuing-ca.crl";

test("[BET-25] OpenSSL finds the list signed by the issuing CA, and the server's certificate good by it", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-crl-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const material = await createAuthority({ names: ["localhost"], revocationListUrl }, now, { randomBytes });
  const list = await createRevocationLists().current(material.issuing, now);
  const file = (name: string, content: string | Uint8Array) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const root = file("root.pem", material.root.certificate.toString());
  const issuing = file("issuing.pem", material.issuing.certificate.toString());
  const leaf = file("tls.pem", material.tls.certificate.toString());
  const openssl = (...given: string[]) => execFileSync("openssl", given, { encoding: "utf8", stdio: "pipe" });
  const pem = openssl("crl", "-inform", "DER", "-in", file("list.der", list), "-CAfile", issuing);
  assert.match(openssl("x509", "-in", leaf, "-noout", "-ext", "crlDistributionPoints"), /URI:http:\/\/manager\.test\//);
  const checked = ["-crl_check", "-CRLfile", file("list.pem", pem), "-CAfile", root, "-untrusted", issuing];
  assert.match(openssl("verify", "-attime", `${now / 1000}`, "-purpose", "sslserver", ...checked, leaf), /: OK/);
});

test("one list is signed for many questions, a new one when half of its time is over", async () => {
  const material = await createAuthority({ names: ["localhost"], revocationListUrl }, now, { randomBytes });
  const lists = createRevocationLists();
  const first = await lists.current(material.issuing, now);
  assert.equal(await lists.current(material.issuing, now + revocationListMs / 2 - 1), first);
  assert.notEqual(await lists.current(material.issuing, now + revocationListMs / 2), first);
});
