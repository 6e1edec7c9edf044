import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { generateKeyPairSync, randomBytes, type X509Certificate } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parseUdi, serialNumberOf, verifyChain } from "@countersign/protocol";
import { AuthorityDamagedError, openAuthorityDirectory, renewAuthority } from "./authority-directory.ts";
import { type AuthorityMaterial, issueIdCertificate, issuingAuthorityOf } from "./certificate-authority.ts";
import { yearMs } from "./certificate-profiles.ts";

const ports = { randomBytes };
const now = Date.parse("2031-05-01T00:00:00Z");
const serverNames = ["localhost", "127.0.0.1", "::1"];

async function inDirectory(run: (dataDirectory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "countersign-authority-"));
  try {
    await run(join(directory, "data"));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function issueFor(material: AuthorityMaterial, keyType: "rsa" | "ec", at = now): Promise<X509Certificate> {
  const { publicKey } =
    keyType === "rsa"
      ? generateKeyPairSync("rsa", { modulusLength: 2048 })
      : generateKeyPairSync("ec", { namedCurve: "P-256" });
  const udi = parseUdi("PID:C9300-48UN,SN:LABSN000001");
  return issueIdCertificate(
    issuingAuthorityOf(material.issuing),
    {
      publicKey,
      productInstanceIdentifier: "00000000-0000-4000-8000-000000000001",
      udi,
      purpose: "product-instance",
      now: at,
    },
    ports,
  );
}

/** Asks OpenSSL, which shares no code with the encoder here; throws when it refuses. */
function opensslVerify(directory: string, material: AuthorityMaterial, leaf: X509Certificate, purpose: string): string {
  const file = (name: string, certificate: X509Certificate) => {
    const path = join(directory, name);
    writeFileSync(path, certificate.toString());
    return path;
  };
  const root = file("check-root.pem", material.root.certificate);
  const issuing = file("check-issuing.pem", material.issuing.certificate);
  const options = [
    "-x509_strict",
    "-purpose",
    purpose,
    "-attime",
    `${now / 1000}`,
    "-CAfile",
    root,
    "-untrusted",
    issuing,
  ];
  return execFileSync("openssl", ["verify", ...options, file("check-leaf.pem", leaf)], {
    encoding: "utf8",
    stdio: "pipe",
  });
}

test("a first start makes the whole chain, and OpenSSL accepts each certificate for its purpose", async () => {
  await inDirectory(async (dataDirectory) => {
    const material = await openAuthorityDirectory({ dataDirectory, serverNames, now }, ports);
    assert.match(opensslVerify(dataDirectory, material, material.tls.certificate, "sslserver"), /: OK/);
    assert.match(opensslVerify(dataDirectory, material, material.signing.certificate, "any"), /: OK/);
    for (const keyType of ["rsa", "ec"] as const) {
      assert.match(opensslVerify(dataDirectory, material, await issueFor(material, keyType), "sslclient"), /: OK/);
    }
    assert.throws(() => opensslVerify(dataDirectory, material, material.signing.certificate, "sslserver"));
  });
});

test("an ID certificate names the product instance and its UDI, and serves only product instances", async () => {
  await inDirectory(async (dataDirectory) => {
    const material = await openAuthorityDirectory({ dataDirectory, serverNames, now }, ports);
    const certificate = await issueFor(material, "rsa");
    assert.match(certificate.subject, /serialNumber=PID:C9300-48UN\\,SN:LABSN000001/);
    assert.match(certificate.subject, /CN=00000000-0000-4000-8000-000000000001/);
    assert.equal(Date.parse(certificate.validTo) - now, 8 * yearMs);
    const question = {
      leaf: certificate,
      intermediates: [material.issuing.certificate],
      anchors: [material.root.certificate],
      now,
    };
    verifyChain({ ...question, purpose: "product-instance" });
    assert.throws(() => verifyChain({ ...question, purpose: "manager-signing" }), {
      code: "certificate_wrong_purpose",
    });
  });
});

test("serial numbers are positive, long and different", async () => {
  await inDirectory(async (dataDirectory) => {
    const material = await openAuthorityDirectory({ dataDirectory, serverNames, now }, ports);
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const request = {
      publicKey,
      productInstanceIdentifier: "x",
      udi: parseUdi("PID:A,SN:B"),
      purpose: "relay" as const,
      now,
    };
    const certificates = await Promise.all(
      Array.from({ length: 200 }, () => issueIdCertificate(issuingAuthorityOf(material.issuing), request, ports)),
    );
    const serials = new Set(certificates.map(serialNumberOf));
    assert.equal(serials.size, 200);
    for (const serial of serials) assert.ok(BigInt(serial) > 2n ** 64n);
    assert.ok(certificates.every((certificate) => certificate.serialNumber.length === 32));
  });
});

test("private keys are readable by their owner only", async () => {
  await inDirectory(async (dataDirectory) => {
    await openAuthorityDirectory({ dataDirectory, serverNames, now }, ports);
    const directory = join(dataDirectory, "certificates");
    assert.equal(statSync(dataDirectory).mode & 0o777, 0o700);
    assert.equal(statSync(directory).mode & 0o777, 0o700);
    for (const name of readdirSync(directory)) {
      const holdsKey = readFileSync(join(directory, name), "utf8").includes("PRIVATE KEY");
      assert.equal(statSync(join(directory, name)).mode & 0o777, holdsKey ? 0o600 : 0o644, name);
    }
  });
});

test("a second start takes the same certificates, also after a crash in the middle of making them", async () => {
  await inDirectory(async (dataDirectory) => {
    mkdirSync(join(dataDirectory, "certificates.new-0123456789ab"), { recursive: true });
    const first = await openAuthorityDirectory({ dataDirectory, serverNames, now }, ports);
    const second = await openAuthorityDirectory({ dataDirectory, serverNames, now }, ports);
    for (const role of ["root", "issuing", "signing", "tls"] as const) {
      assert.equal(second[role].certificate.fingerprint256, first[role].certificate.fingerprint256);
    }
    assert.deepEqual(readdirSync(dataDirectory), ["certificates"]);
  });
});

test("certificates that are there but damaged are never replaced by new ones", async () => {
  await inDirectory(async (dataDirectory) => {
    await openAuthorityDirectory({ dataDirectory, serverNames, now }, ports);
    const path = join(dataDirectory, "certificates", "issuing-ca.pem");
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, 200));
    await assert.rejects(openAuthorityDirectory({ dataDirectory, serverNames, now }, ports), (error) => {
      return error instanceof AuthorityDamagedError && error.code === "certificates_damaged";
    });
    assert.equal(readFileSync(path).byteLength, 200);
  });
});

test("renewal replaces what is near its end and keeps the rest; the root stays", async () => {
  await inDirectory(async (dataDirectory) => {
    const first = await openAuthorityDirectory({ dataDirectory, serverNames, now }, ports);
    const renewAt = (at: number, names = serverNames) =>
      renewAuthority(first, { dataDirectory, serverNames: names, now: at }, ports);
    assert.deepEqual(await renewAt(now), first);
    const nextYear = await renewAt(now + yearMs);
    assert.notEqual(nextYear.tls.certificate.serialNumber, first.tls.certificate.serialNumber);
    assert.equal(nextYear.signing, first.signing);
    const renamed = await renewAt(now, [...serverNames, "licences.example.com"]);
    assert.equal(renamed.tls.certificate.checkHost("licences.example.com"), "licences.example.com");
    const late = await renewAt(now + 8 * yearMs);
    assert.notEqual(late.issuing.certificate.serialNumber, first.issuing.certificate.serialNumber);
    assert.ok(late.signing.certificate.verify(late.issuing.certificate.publicKey));
    assert.equal(late.root, first.root);
    const stored = await openAuthorityDirectory({ dataDirectory, serverNames, now: now + 8 * yearMs }, ports);
    assert.equal(stored.issuing.certificate.serialNumber, late.issuing.certificate.serialNumber);
  });
});

test("nothing is issued that outlives its issuer", async () => {
  await inDirectory(async (dataDirectory) => {
    const material = await openAuthorityDirectory({ dataDirectory, serverNames, now }, ports);
    const certificate = await issueFor(material, "ec", now + 14 * yearMs);
    assert.equal(certificate.validTo, material.issuing.certificate.validTo);
  });
});
