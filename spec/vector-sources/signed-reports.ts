// Signed RUM reports as a manager takes them (spec/protocol.md, sections 3 and 5).

import { encodeRumReport, type SignedReport, signReport } from "@countersign/protocol";
import { otherSudi, productTag, rumReport, sudi } from "@countersign/protocol/test-support/samples";
import type { VectorKeys } from "./stored-keys.ts";
import { accepted, type Expected, refused, type Vector } from "./vector.ts";

export async function signedReports(keys: VectorKeys): Promise<Vector[]> {
  const known = [
    { certificate: keys.certificate("deviceRsa"), sudi },
    { certificate: keys.certificate("device"), sudi },
    { certificate: keys.certificate("otherDevice"), sudi: otherSudi },
  ];
  const payload = encodeRumReport(rumReport);
  const serial = (name: string) => BigInt(`0x${keys.identity(name).certificate.serialNumber}`).toString();
  const sign = (name: string) =>
    signReport(payload, { kind: "trust", sudi, certificateSerial: serial(name), signer: keys.signer(name) });
  const vectors: Vector[] = [];
  const add = (name: string, object: object, expected: Expected) =>
    vectors.push({ name: `rum: ${name}`, kind: "report", text: JSON.stringify(object), known, expected });
  const builtin = await signReport(payload, { kind: "builtin", sudi, productTag });
  const trusted = await sign("device");
  const bend = (object: SignedReport, change: object) => ({ ...object, signature: { ...object.signature, ...change } });
  const facts = { payload: rumReport };
  add("signed with P-256", trusted, accepted({ ...facts, authenticity: "verified" }));
  add("signed with RSA", await sign("deviceRsa"), accepted({ ...facts, authenticity: "verified" }));
  add("with the builtin hash", builtin, accepted({ ...facts, authenticity: "unverified" }));
  add(
    "a byte of the payload altered",
    { ...trusted, payload: payload.replace('"2"', '"3"') },
    refused("signature_mismatch"),
  );
  add(
    "builtin, a byte of the payload altered",
    { ...builtin, payload: payload.replace('"2"', '"3"') },
    refused("signature_mismatch"),
  );
  add("builtin, another device's name", bend(builtin, { sudi: otherSudi }), refused("signature_mismatch"));
  add(
    "builtin, another product tag",
    bend(builtin, { key: productTag.replace("a1", "a2") }),
    refused("signature_mismatch"),
  );
  add("an unknown certificate", bend(trusted, { key: "1" }), refused("certificate_unknown"));
  add("another device's certificate", await sign("otherDevice"), refused("certificate_unknown"));
  add("an unknown algorithm", bend(trusted, { type: "HS256" }), refused("signature_algorithm_unknown"));
  add("an algorithm that is not the key's", bend(trusted, { type: "SHA256" }), refused("signature_algorithm_mismatch"));
  add("a signature that is none", bend(trusted, { value: "?" }), refused("signature_malformed"));
  add("builtin, a hash that is none", bend(builtin, { value: "" }), refused("signature_malformed"));
  add("no signature", { payload, header: trusted.header }, refused("envelope_invalid"));
  add("an unknown kind of signature", bend(trusted, { signing_type: "none" }), refused("envelope_invalid"));
  const payloads: readonly [string, string, string][] = [
    ["payload_version_unknown", "of version 1", payload.replace('"2.0"', '"1.0"')],
    ["payload_invalid", "without measurements", JSON.stringify({ ...rumReport, measurements: [] })],
    ["payload_invalid", "with an unknown member", payload.replace("{", '{"extra":1,')],
    ["payload_invalid", "with a count as number", payload.replace('"value":"2"', '"value":2')],
    ["payload_invalid", "with an interval that is not its length", payload.replace("36000", "36001")],
    [
      "payload_invalid",
      "with a tag that is none",
      payload.replace('"entitlement_tag":"regid.', '"entitlement_tag":"r.'),
    ],
    [
      "payload_invalid",
      "with an array for a measurement's meta",
      payload.replace('"meta":{},"value"', '"meta":[],"value"'),
    ],
    ["duplicate_member", "with a member twice", payload.replace("{", '{"version":"2.0",')],
  ];
  for (const [code, name, wrong] of payloads) {
    add(`truly signed, ${name}`, await signReport(wrong, { kind: "builtin", sudi, productTag }), refused(code));
  }
  return vectors;
}
