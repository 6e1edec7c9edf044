// Ceiling of report intake: two verifications and two signatures a message (one more verification for each further
// report), the bodies parsed and stored, six rows for one report, durable, over raw node:https. No schema is checked,
// nobody is looked up, nothing is counted: a manager can come near this, and never past it while it does its work.
// Parameters: directory, file with {"<certificate serial>": "<base64 of DER public key>"}.

import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createSigner, sha256, verifySignature } from "@countersign/protocol";
import { serveParent } from "../programs/serve-parent.ts";
import { openGroupCommit, type Rows } from "./group-commit.ts";
import { listenRaw } from "./raw-https-server.ts";

type Signature = { readonly type: string; readonly key: string; readonly value: string };
type Report = { readonly payload: string; readonly signature: Signature };
type Message = { readonly text: string; readonly signature: Signature; readonly reports: readonly Report[] };

const [directory = "", keyFile = ""] = process.argv.slice(2);
const publicKeys = readPublicKeys(keyFile);
const signer = createSigner(generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey);
const store = openGroupCommit(join(directory, "ceiling.sqlite"));
/** Stands for the two certificates that travel with an acknowledgement. */
const certificates = "x".repeat(1600);

const server = await listenRaw(async (body) => {
  const message = parseMessage(body);
  await Promise.all([message, ...message.reports].map((part) => verifyPart(part)));
  await store.add(rowsOf(message));
  const acknowledged = message.reports.map((report) => sha256(report.payload).toString("hex")).join();
  const acknowledgement = await signed(acknowledged);
  return signed(Buffer.from(acknowledgement + certificates).toString("base64"));
});
serveParent({ port: server.port, rootCertificatePem: server.certificate }, async () => {
  await server.stop();
  store.close();
});

function readPublicKeys(file: string): ReadonlyMap<string, KeyObject> {
  const entries = Object.entries(JSON.parse(readFileSync(file, "utf8")) as Record<string, string>);
  const keys = new Map<string, KeyObject>();
  for (const text of new Set(entries.map(([, key]) => key))) {
    keys.set(text, createPublicKey({ key: Buffer.from(text, "base64"), format: "der", type: "spki" }));
  }
  return new Map(entries.map(([serial, key]) => [serial, keys.get(key) as KeyObject]));
}

function parseMessage(body: Buffer): Message {
  const outer = JSON.parse(body.toString("utf8")) as { request: string; signature: Signature };
  const inner = JSON.parse(outer.request) as { request_data: string | object };
  const data = typeof inner.request_data === "string" ? JSON.parse(inner.request_data) : inner.request_data;
  const { rum_reports: reports } = data as { rum_reports: readonly Report[] };
  for (const { payload } of reports) JSON.parse(payload);
  return { text: outer.request, signature: outer.signature, reports };
}

function verifyPart(part: Message | Report): Promise<void> {
  const { type, key, value } = part.signature;
  const text = "payload" in part ? part.payload : part.text;
  return verifySignature(type, publicKeys.get(key) as KeyObject, Buffer.from(text), value);
}

/** Body and report for each report; usage, acknowledgement, ledger tile and instance for the message. */
function rowsOf(message: Message): Rows {
  const rows = message.reports.flatMap((report) => [
    [report.signature.value, Buffer.from(report.payload)],
    [sha256(report.payload).toString("hex"), null],
  ]);
  const { key } = message.signature;
  return [...rows, [key, null], [key, Buffer.alloc(600)], [key, Buffer.alloc(32)], [key, null]];
}

async function signed(text: string): Promise<string> {
  const value = Buffer.from(await signer.sign(Buffer.from(text))).toString("base64");
  return JSON.stringify({ signature: { type: signer.algorithm, value }, response: text });
}
