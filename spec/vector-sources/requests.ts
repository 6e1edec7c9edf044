// Requests, signed and unsigned, right and wrong (spec/protocol.md, sections 1, 2 and 11).

import {
  encodeRequest,
  messageBytesMax,
  type RequestData,
  type RequestType,
  requestTypes,
} from "@countersign/protocol";
import {
  agentConnectInfo,
  otherSudi,
  piid,
  requestDataSamples,
  sudi,
} from "@countersign/protocol/test-support/samples";
import type { VectorKeys } from "./stored-keys.ts";
import { accepted, base64Of, type Expected, refused, type Vector, type VectorFile } from "./vector.ts";

type Envelope = { request: string; signature?: Record<string, unknown> };

export async function requests(keys: VectorKeys): Promise<VectorFile> {
  const known = [
    { certificate: keys.certificate("deviceRsa"), sudi },
    { certificate: keys.certificate("device"), sudi },
    { certificate: keys.certificate("otherDevice"), sudi: otherSudi },
  ];
  const vectors: Vector[] = [];
  const add = (name: string, text: string, expected: Expected, more: object = {}) =>
    vectors.push({ name, kind: "request", body: base64Of(text), known, ...more, expected });
  const encode = (type: RequestType, by: string | null) => encodeFor(keys, type, by);
  for (const type of requestTypes) {
    const facts = { requestType: type, data: requestDataSamples[type] };
    add(`${type}, RSA`, await encode(type, "deviceRsa"), accepted({ ...facts, isSigned: true }));
    add(`${type}, P-256`, await encode(type, "device"), accepted({ ...facts, isSigned: true }));
    add(`${type}, unsigned`, await encode(type, null), accepted({ ...facts, isSigned: false }));
  }
  const { token: _, ...uninvited } = requestDataSamples.ID_TOKEN_TRUST;
  add(
    "ID_TOKEN_TRUST, without a token",
    await encodeFor(keys, "ID_TOKEN_TRUST", null, uninvited),
    accepted({ requestType: "ID_TOKEN_TRUST", data: uninvited, isSigned: false }),
  );
  const hello = await encode("HELLO", "device");
  const outer: Envelope = JSON.parse(hello);
  const inner = JSON.parse(outer.request);
  const bend = (change: object) => JSON.stringify({ ...outer, signature: { ...outer.signature, ...change } });
  const unsigned = (header: object, data: object = {}) =>
    JSON.stringify({
      request: JSON.stringify({
        header: { ...inner.header, ...header },
        request_data: JSON.stringify({ ...requestDataSamples.HELLO, ...data }),
      }),
    });
  const { nonce: _n, timestamp: _t, ...olderHeader } = inner.header;
  const older = JSON.stringify({ request: JSON.stringify({ header: olderHeader, request_data: inner.request_data }) });
  const facts = { requestType: "HELLO", data: requestDataSamples.HELLO, isSigned: false };
  add("an older peer: neither nonce nor time in the header", older, accepted(facts));
  add(
    "an older peer: objects in place of strings",
    JSON.stringify({ request: { header: inner.header, request_data: requestDataSamples.HELLO } }),
    accepted(facts),
  );
  add(
    "a nonce as a number",
    (await encode("HELLO", null)).replaceAll(
      /\\"12345678901234567890\\"|\\\\\\"12345678901234567890\\\\\\"/g,
      "12345678901234567890",
    ),
    accepted(facts),
  );
  add(
    "a time in another spelling",
    (await encode("HELLO", null)).replaceAll(/(timestamp\\+":)(\d)(\d{12})/g, "$1$2.$3e12"),
    accepted(facts),
  );
  add(
    "a capability named twice",
    unsigned({ connect_info: { ...agentConnectInfo, capabilities: ["DLC", "DLC"] } }),
    accepted(facts),
  );
  add("blanks up to the permitted size", await encode("HELLO", null), accepted(facts), {
    padWithBlanksTo: messageBytesMax,
  });
  add("blanks beyond the permitted size", await encode("HELLO", null), refused("message_too_large"), {
    padWithBlanksTo: messageBytesMax + 1,
  });
  add("a byte of the signed text altered", hello.replace("C_agent", "C_agenT"), refused("signature_mismatch"));
  add(
    "the signed text written anew with a blank",
    JSON.stringify({ ...outer, request: `${outer.request} ` }),
    refused("signature_mismatch"),
  );
  add(
    "another device's signature",
    bend({ value: JSON.parse(await encode("HELLO", "otherDevice")).signature.value }),
    refused("signature_mismatch"),
  );
  add("a certificate nobody knows", bend({ key: "1" }), refused("certificate_unknown"));
  add("an unknown algorithm", bend({ type: "none" }), refused("signature_algorithm_unknown"));
  add("an algorithm that is not the key's", bend({ type: "SHA256" }), refused("signature_algorithm_mismatch"));
  add(
    "a signature with spare bits set",
    bend({ value: withSpareBits(`${outer.signature?.value}`) }),
    refused("signature_malformed"),
  );
  add("a signature that is too short", bend({ value: "AAAA" }), refused("signature_malformed"));
  add("a signature whose members are null", bend({ type: null, key: null, value: null }), refused("signature_null"));
  add("a signature without a value", bend({ value: null }), refused("signature_null"));
  add("an unknown member outside", JSON.stringify({ ...outer, extra: 1 }), refused("envelope_invalid"));
  add("a __proto__ member outside", hello.replace("{", '{"__proto__":{},'), refused("envelope_invalid"));
  add("a member twice outside", hello.replace("{", '{"request":"{}",'), refused("duplicate_member"));
  add("an unknown member in the header", unsigned({ extra: 1 }), refused("envelope_invalid"));
  add("another message version", unsigned({ version: "1.4" }), refused("envelope_invalid"));
  add("an unknown request type", unsigned({ request_type: "HOWDY" }), refused("request_type_unknown"));
  add("data of another type", unsigned({ request_type: "POLL_REQ" }), refused("payload_invalid"));
  add("an unknown member in the data", unsigned({}, { extra: 1 }), refused("payload_invalid"));
  add("a nonce of 21 digits", unsigned({}, { nonce: "9".repeat(21) }), refused("payload_invalid"));
  add("another nonce in the data", unsigned({}, { nonce: "2" }), refused("payload_invalid"));
  add("another device in the data", unsigned({}, { sudi: otherSudi }), refused("payload_invalid"));
  add(
    "data that is no JSON",
    JSON.stringify({ request: JSON.stringify({ header: inner.header, request_data: "{" }) }),
    refused("invalid_json"),
  );
  add("text that is no JSON", "request=", refused("invalid_json"));
  return {
    file: "requests.json",
    about: "Requests as a manager takes them: sections 1, 2 and 11. `known` are the ID certificates it issued.",
    vectors,
  };
}

function encodeFor<T extends RequestType>(
  keys: VectorKeys,
  type: T,
  by: string | null,
  data: RequestData<T> = requestDataSamples[type],
): Promise<string> {
  const key =
    by === null
      ? null
      : {
          certificateSerial: BigInt(`0x${keys.identity(by).certificate.serialNumber}`).toString(),
          signer: keys.signer(by),
        };
  return encodeRequest(type, data, {
    sudi,
    productInstanceIdentifier: piid,
    connectInfo: agentConnectInfo,
    signingCertificateSerial: "",
    key,
  });
}

/** The same bytes in other base64: 64 bytes leave four spare bits in the last letter before "==". */
function withSpareBits(text: string): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const last = text.at(-3) ?? "A";
  return `${text.slice(0, -3)}${letters[letters.indexOf(last) + 1]}==`;
}
