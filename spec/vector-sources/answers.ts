// Answers as a device takes them (spec/protocol.md, sections 1, 2 and 11).

import {
  type AnswerContent,
  decodeRequest,
  encodeAnswer,
  encodeRequest,
  mayRelayAnswer,
  type RequestType,
  requestTypes,
} from "@countersign/protocol";
import {
  agentConnectInfo,
  answerDataSamples,
  managerConnectInfo,
  nonce,
  piid,
  requestDataSamples,
  sudi,
} from "@countersign/protocol/test-support/samples";
import type { VectorKeys } from "./stored-keys.ts";
import { accepted, base64Of, type Expected, refused, type Vector, type VectorFile } from "./vector.ts";

const ok = (type: RequestType): AnswerContent => ({
  statusCode: "OK",
  statusMessage: "OK",
  retryTimeSeconds: 0,
  data: answerDataSamples[type],
});
const refusal = { code: "instance_unknown", remedy: "Establish trust again.", incident_id: "inc-1" };
const later = { nonce, sudi, poll_id: "18446744073709551615", poll_interval: 300 };

export async function answers(keys: VectorKeys): Promise<VectorFile> {
  const manager = keys.signing("signing", "issuing");
  const question = {
    anchors: [keys.certificate("root")],
    now: keys.now,
    requestType: "HELLO",
    nonce,
    knownCertificate: null,
  };
  const vectors: Vector[] = [];
  const add = (name: string, body: string, expected: Expected, change: object = {}) =>
    vectors.push({ name, kind: "answer", body: base64Of(body), ...question, ...change, expected });
  const encode = (type: RequestType, content = ok(type), by = manager, held = "") =>
    encodeFor(keys, type, content, by, held);
  for (const type of requestTypes) {
    add(`${type}: OK`, await encode(type), accepted({ statusCode: "OK", data: answerDataSamples[type] }), {
      requestType: type,
    });
  }
  add(
    "signed with RSA",
    await encode("HELLO", ok("HELLO"), keys.signing("signingRsa", "issuing")),
    accepted({ statusCode: "OK", data: answerDataSamples.HELLO }),
  );
  const contents: readonly [string, AnswerContent][] = [
    ["OK_POLL", { statusCode: "OK_POLL", statusMessage: "", retryTimeSeconds: 0, data: later }],
    ["OK_TRY_AGAIN", { statusCode: "OK_TRY_AGAIN", statusMessage: "", retryTimeSeconds: 90, data: null }],
    [
      "FAILED with code and remedy",
      { statusCode: "FAILED", statusMessage: "Invalid ProductInstanceIdentifier", retryTimeSeconds: 0, data: refusal },
    ],
    ["FAILED without data", { statusCode: "FAILED", statusMessage: "", retryTimeSeconds: 0, data: null }],
  ];
  for (const [name, content] of contents) {
    const facts = { statusCode: content.statusCode, data: content.data };
    add(`LICENSE_USAGE: ${name}`, await encode("LICENSE_USAGE", content), accepted(facts), {
      requestType: "LICENSE_USAGE",
    });
  }
  const serial = BigInt(`0x${keys.identity("signing").certificate.serialNumber}`).toString();
  const short = await encode("HELLO", ok("HELLO"), manager, serial);
  const held = { knownCertificate: keys.certificate("signing") };
  add(
    "no certificates, to a device that holds the current one",
    short,
    accepted({ statusCode: "OK", data: answerDataSamples.HELLO }),
    held,
  );
  add("no certificates, to a device that holds none", short, refused("certificate_unknown"));
  add("no certificates, to a device that holds another", short, refused("certificate_unknown"), {
    knownCertificate: keys.certificate("signingExpired"),
  });

  const hello = await encode("HELLO");
  const outer = JSON.parse(hello);
  const bend = (change: object) => JSON.stringify({ ...outer, signature: { ...outer.signature, ...change } });
  const altered = (base64: string) => Buffer.from(base64, "base64").map((byte, at) => (at === 40 ? byte ^ 1 : byte));
  add(
    "line feeds inside the base64 of the signature",
    bend({ value: outer.signature.value.replace(/.{30}/g, "$&\n") }),
    accepted({ statusCode: "OK", data: answerDataSamples.HELLO }),
  );
  add("an earlier answer: another nonce", hello, refused("nonce_mismatch"), { nonce: "1" });
  add("an answer to another request type", hello, refused("request_type_mismatch"), { requestType: "POLL_REQ" });
  add(
    "a null signature, as the field's trust answer has",
    bend({ type: null, value: null, piid: null, cert_sn: null, certificates: undefined }),
    refused("signature_null"),
  );
  add("no signature", JSON.stringify({ response: outer.response, sch_response: null }), refused("envelope_invalid"));
  add("a byte of the signed text altered", hello.replace("SSM", "SSm"), refused("signature_mismatch"));
  add(
    "a byte of the signature altered",
    bend({ value: base64Of(altered(outer.signature.value)) }),
    refused("signature_mismatch"),
  );
  add(
    "a byte of the certificate altered",
    bend({ certificates: [base64Of(altered(outer.signature.certificates[0])), outer.signature.certificates[1]] }),
    refused("certificate_foreign"),
  );
  add("an unknown algorithm", bend({ type: "HS256" }), refused("signature_algorithm_unknown"));
  add("an algorithm that is not the key's", bend({ type: "SHA256" }), refused("signature_algorithm_mismatch"));
  add("another serial number", bend({ cert_sn: "1" }), refused("certificate_unknown"));
  add("a foreign root", hello, refused("certificate_foreign"), { anchors: [keys.certificate("foreignRoot")] });
  const signers: readonly [string, string, ...string[]][] = [
    ["certificate_wrong_purpose", "device", "issuing"],
    ["certificate_wrong_purpose", "tls", "issuing"],
    ["certificate_expired", "signingExpired", "issuing"],
    ["certificate_not_yet_valid", "signingFuture", "issuing"],
    ["certificate_foreign", "foreignSigning", "foreignIssuing"],
  ];
  for (const [code, leaf, chain = ""] of signers) {
    add(`signed by ${leaf}`, await encode("HELLO", ok("HELLO"), keys.signing(leaf, chain)), refused(code));
  }
  const relay = keys.signing("relay", "issuing");
  const retry: AnswerContent = { statusCode: "OK_TRY_AGAIN", statusMessage: "", retryTimeSeconds: 60, data: null };
  const gone: AnswerContent = { statusCode: "FAILED", statusMessage: "", retryTimeSeconds: 0, data: refusal };
  const held15: AnswerContent = { statusCode: "OK_POLL", statusMessage: "", retryTimeSeconds: 0, data: later };
  for (const type of requestTypes) {
    for (const content of [ok(type), held15, retry, gone]) {
      const { statusCode, data } = content;
      const may = mayRelayAnswer(type, statusCode);
      const expected = may ? accepted({ statusCode, data }) : refused("certificate_wrong_purpose");
      add(`by a relay, ${type}: ${statusCode}`, await encode(type, content, relay), expected, {
        requestType: type,
        takesRelay: true,
      });
    }
  }
  const byRelay = await encode("HELLO", retry, relay);
  add("by a relay, to a device that speaks to a manager", byRelay, refused("certificate_wrong_purpose"));
  add(
    "by a certificate of a relay and of a manager",
    await encode("HELLO", retry, keys.signing("relayAndSigning", "issuing")),
    refused("certificate_wrong_purpose"),
    { takesRelay: true },
  );
  add("by a relay below a foreign root", byRelay, refused("certificate_foreign"), {
    takesRelay: true,
    anchors: [keys.certificate("foreignRoot")],
  });
  const noData = { ...ok("HELLO"), data: null };
  add("OK without data, truly signed", await encode("HELLO", noData), refused("payload_invalid"));
  add("OK with data of another type, truly signed", await encode("HELLO", ok("POLL_REQ")), refused("payload_invalid"));
  return { file: "answers.json", about: "Answers as a device takes them: sections 1, 2 and 11.", vectors };
}

async function encodeFor(
  keys: VectorKeys,
  type: RequestType,
  content: AnswerContent,
  by: ReturnType<VectorKeys["signing"]>,
  signingCertificateSerial: string,
): Promise<string> {
  const identity = {
    sudi,
    productInstanceIdentifier: piid,
    connectInfo: agentConnectInfo,
    signingCertificateSerial,
    key: null,
  };
  const request = await encodeRequest(type, requestDataSamples[type], identity);
  const { header } = decodeRequest(Buffer.from(request));
  return encodeAnswer(
    content,
    { header, productInstanceIdentifier: piid, connectInfo: managerConnectInfo, now: keys.now },
    by,
  );
}
