// Ceiling of enrolment: the certificate request verified, a certificate, a trust code and an answer signed, six rows durable,
// over raw node:https. Nothing is checked or looked up. Parameter: directory.

import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { createSigner, sha256, verifySignature } from "@countersign/protocol";
import { bitString, der, nameOf, sequence, signatureAlgorithmOf } from "../load/der.ts";
import { serveParent } from "../programs/serve-parent.ts";
import { openGroupCommit } from "./group-commit.ts";
import { listenRaw } from "./raw-https-server.ts";

const [directory = ""] = process.argv.slice(2);
const signer = createSigner(generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey);
const store = openGroupCommit(join(directory, "enrol-ceiling.sqlite"));
const issuer = nameOf("ceiling");

const server = await listenRaw(async (body) => {
  const { subjectPublicKey, csr } = await verifyCertificateRequest(body);
  const certificate = await issue(subjectPublicKey);
  const trustCode = await signed(certificate.toString("base64"));
  const hash = sha256(csr).toString("hex");
  await store.add([
    [hash, certificate],
    [hash, csr],
    [hash, null],
    [hash, null],
    [hash, null],
    [hash, null],
  ]);
  return signed(Buffer.from(trustCode).toString("base64"));
});
serveParent({ port: server.port, rootCertificatePem: server.certificate }, async () => {
  await server.stop();
  store.close();
});

async function verifyCertificateRequest(body: Buffer) {
  const outer = JSON.parse(body.toString("utf8")) as { request: string };
  const inner = JSON.parse(outer.request) as { request_data: string };
  const data = JSON.parse(inner.request_data) as { device_list: readonly [{ csr: string }] };
  const csr = Buffer.from(data.device_list[0].csr, "base64");
  const [information, , signature] = elementsOf(contentOf(csr));
  const [, , subjectPublicKey] = elementsOf(contentOf(information as Buffer));
  const publicKey = createPublicKey({ key: subjectPublicKey as Buffer, format: "der", type: "spki" });
  // The load asks with RSA keys, whose signatures are the bare content of the bit string.
  const value = contentOf(signature as Buffer)
    .subarray(1)
    .toString("base64");
  await verifySignature("SHA256", publicKey, information as Buffer, value);
  return { subjectPublicKey: subjectPublicKey as Buffer, csr };
}

async function issue(subjectPublicKey: Buffer): Promise<Buffer> {
  const content = sequence(
    der(0x02, sha256(subjectPublicKey)),
    signatureAlgorithmOf.ec,
    issuer,
    issuer,
    subjectPublicKey,
  );
  return sequence(content, signatureAlgorithmOf.ec, bitString(await signer.sign(content)));
}

async function signed(text: string): Promise<string> {
  const value = Buffer.from(await signer.sign(Buffer.from(text))).toString("base64");
  return JSON.stringify({ signature: { type: signer.algorithm, value }, response: text });
}

/** Where the content of one DER value begins and ends. */
function extentOf(bytes: Buffer, at: number): { readonly start: number; readonly end: number } {
  const first = bytes[at + 1] as number;
  const lengthBytes = first < 0x80 ? 0 : first - 0x80;
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes);
  return { start: at + 2 + lengthBytes, end: at + 2 + lengthBytes + length };
}

function contentOf(bytes: Buffer): Buffer {
  const { start, end } = extentOf(bytes, 0);
  return bytes.subarray(start, end);
}

function elementsOf(content: Buffer): readonly Buffer[] {
  const elements: Buffer[] = [];
  for (let at = 0; at < content.length; ) {
    const { end } = extentOf(content, at);
    elements.push(content.subarray(at, end));
    at = end;
  }
  return elements;
}
