// Chains, and the signed objects that stand on them (spec/protocol.md, sections 3 to 7).

import {
  encodeAccountInfo,
  encodeAcknowledgement,
  encodePolicy,
  encodeRumReport,
  encodeTrustCode,
  type ManagerObject,
  type ManagerObjectType,
  type SignedReport,
  signManagerObject,
  signReport,
} from "@countersign/protocol";
import {
  accountInfo,
  acknowledgement,
  otherPiid,
  otherSudi,
  piid,
  policy,
  productTag,
  rumReport,
  sudi,
  trustCode,
} from "@countersign/protocol/test-support/samples";
import type { VectorKeys } from "./stored-keys.ts";
import { accepted, base64Of, type Expected, refused, type Vector, type VectorFile } from "./vector.ts";

type ChainRow = readonly [code: string | null, leaf: string, intermediates: readonly string[]];

const chainRows: readonly ChainRow[] = [
  [null, "signing", ["issuing"]],
  [null, "signingRsa", ["issuing"]],
  [null, "signing", ["foreignIssuing", "root", "issuing"]],
  ["certificate_foreign", "signing", []],
  ["certificate_foreign", "foreignSigning", ["foreignIssuing"]],
  ["certificate_foreign", "foreignSigning", ["foreignIssuing", "foreignRoot"]],
  ["certificate_foreign", "impostorSigning", ["issuing"]],
  ["certificate_foreign", "impostorSigning", ["impostorIssuing"]],
  ["certificate_foreign", "signingBelowLower", ["lowerIssuing", "issuing"]],
  ["certificate_foreign", "belowDevice", ["device", "issuing"]],
  ["certificate_foreign", "signing", ["issuing", "issuing", "issuing", "issuing", "issuing"]],
  ["certificate_expired", "signingExpired", ["issuing"]],
  ["certificate_expired", "signingBelowExpired", ["issuingExpired"]],
  ["certificate_not_yet_valid", "signingFuture", ["issuing"]],
  ["certificate_wrong_purpose", "device", ["issuing"]],
  ["certificate_wrong_purpose", "tls", ["issuing"]],
  ["certificate_wrong_purpose", "issuing", ["root"]],
  ["certificate_wrong_purpose", "signingNoUsage", ["issuing"]],
  ["certificate_wrong_purpose", "signingBothUsages", ["issuing"]],
];

export function chains(keys: VectorKeys): VectorFile {
  const purposes = { "manager-signing": chainRows, "product-instance": deviceRows } as const;
  const vectors = Object.entries(purposes).flatMap(([purpose, rows]) =>
    rows.map(
      ([code, leaf, intermediates]): Vector => ({
        name: `${leaf} over ${intermediates.join(", ") || "nothing"} as ${purpose}`,
        kind: "chain",
        leaf: keys.certificate(leaf),
        intermediates: intermediates.map(keys.certificate),
        anchors: [keys.certificate("root")],
        purpose,
        now: keys.now,
        expected: code === null ? accepted() : refused(code),
      }),
    ),
  );
  return { file: "chains.json", about: "Certificate chains: section 4.", vectors };
}

const deviceRows: readonly ChainRow[] = [
  [null, "device", ["issuing"]],
  [null, "deviceRsa", ["issuing"]],
  ["certificate_expired", "deviceExpired", ["issuing"]],
  ["certificate_wrong_purpose", "signing", ["issuing"]],
  ["certificate_wrong_purpose", "tls", ["issuing"]],
];

export async function signedObjects(keys: VectorKeys): Promise<VectorFile> {
  const vectors = [...(await managerObjects(keys)), ...(await reports(keys))];
  return {
    file: "signed-objects.json",
    about: "Signed objects as their receivers take them: sections 3 to 7. `question` says who receives.",
    vectors,
  };
}

type Type = ManagerObjectType;

async function managerObjects(keys: VectorKeys): Promise<Vector[]> {
  const code = trustCode(keys.identity("device"), keys.identity("issuing"));
  const payloads: Record<Type, string> = {
    ack: encodeAcknowledgement(acknowledgement),
    policy: encodePolicy(policy),
    trust: encodeTrustCode(code),
    account: encodeAccountInfo(accountInfo),
  };
  const questions: Record<Type, object> = {
    ack: { productInstanceIdentifier: piid, sudi, newestSequence: -1 },
    policy: { installedVersion: -1 },
    trust: {
      sudi,
      publicKey: base64Of(keys.identity("device").keys.publicKey.export({ type: "spki", format: "der" })),
    },
    account: { productInstanceIdentifier: piid },
  };
  const common = { anchors: [keys.certificate("root")], now: keys.now };
  const vectors: Vector[] = [];
  const add = (
    name: string,
    object: object | string,
    expected: Expected,
    type: Type,
    change: object = {},
    more: object = {},
  ) =>
    vectors.push({
      name: `${type}: ${name}`,
      kind: "manager-object",
      text: typeof object === "string" ? object : JSON.stringify(object),
      as: type,
      ...common,
      ...more,
      question: { ...questions[type], ...change },
      expected,
    });
  const sign = (type: Type, payload = payloads[type], by = keys.signing("signing", "issuing")) =>
    signManagerObject(type, payload, by);
  for (const type of ["ack", "policy", "trust", "account"] as const) {
    const object = await sign(type);
    const bend = (change: Partial<Record<keyof ManagerObject["signature"], unknown>>) => ({
      ...object,
      signature: { ...object.signature, ...change },
    });
    add("as the manager made it", object, accepted({ payload: JSON.parse(object.payload) }), type);
    add(
      "signed with RSA",
      await sign(type, payloads[type], keys.signing("signingRsa", "issuing")),
      accepted({ payload: JSON.parse(object.payload) }),
      type,
    );
    add(
      "a byte of the payload altered",
      { ...object, payload: object.payload.replace("1.0", "1.1") },
      refused("signature_mismatch"),
      type,
    );
    add(
      "the payload with other blanks",
      { ...object, payload: JSON.stringify(JSON.parse(object.payload), null, 1) },
      refused("signature_mismatch"),
      type,
    );
    add("no signature", { payload: object.payload, header: object.header }, refused("envelope_invalid"), type);
    add("an unknown algorithm", bend({ type: "none" }), refused("signature_algorithm_unknown"), type);
    add("an algorithm that is not the key's", bend({ type: "SHA256" }), refused("signature_algorithm_mismatch"), type);
    add("another serial number", bend({ cert_sn: "1" }), refused("certificate_unknown"), type);
    add("a signature that is none", bend({ value: "AAAA" }), refused("signature_malformed"), type);
    add("a null signature", bend({ value: null }), refused("envelope_invalid"), type);
    add("a certificate that is none", bend({ certificates: ["AAAA"] }), refused("certificate_malformed"), type);
    add(
      `a ${type} under the name of another type`,
      { ...object, header: { type: type === "ack" ? "policy" : "ack" } },
      refused("payload_invalid"),
      type === "ack" ? "policy" : "ack",
    );
    add(
      "an unknown member, truly signed",
      await sign(type, object.payload.replace("{", '{"extra":1,')),
      refused("payload_invalid"),
      type,
    );
    for (const [codeName, leaf, chain] of [
      ["certificate_wrong_purpose", "device", "issuing"],
      ["certificate_wrong_purpose", "tls", "issuing"],
      ["certificate_expired", "signingExpired", "issuing"],
      ["certificate_not_yet_valid", "signingFuture", "issuing"],
      ["certificate_foreign", "foreignSigning", "foreignIssuing"],
      ["certificate_foreign", "signing", "foreignIssuing"],
    ] as const) {
      add(
        `signed by ${leaf} with ${chain}`,
        await sign(type, payloads[type], keys.signing(leaf, chain)),
        refused(codeName),
        type,
      );
    }
  }
  const ack = await sign("ack");
  const policyObject = await sign("policy");
  const trust = await sign("trust");
  const account = await sign("account");
  add("the newest one again", ack, accepted({ payload: JSON.parse(payloads.ack) }), "ack", {
    newestSequence: acknowledgement.sequence,
  });
  add("an older one again", ack, refused("acknowledgement_replayed"), "ack", {
    newestSequence: acknowledgement.sequence + 1,
  });
  add("for another device", ack, refused("identity_mismatch"), "ack", { sudi: otherSudi });
  add("for another instance", ack, refused("identity_mismatch"), "ack", { productInstanceIdentifier: otherPiid });
  add("the installed one again", policyObject, accepted({ payload: JSON.parse(payloads.policy) }), "policy", {
    installedVersion: policy.policy_version,
  });
  add("an older one again", policyObject, refused("policy_replayed"), "policy", {
    installedVersion: policy.policy_version + 1,
  });
  add("for another device", trust, refused("identity_mismatch"), "trust", { sudi: otherSudi });
  const otherKey = base64Of(keys.identity("otherDevice").keys.publicKey.export({ type: "spki", format: "der" }));
  add("for another key", trust, refused("identity_mismatch"), "trust", { publicKey: otherKey });
  for (const [codeName, name, chain] of [
    ["certificate_expired", "deviceExpired", "issuing"],
    ["certificate_wrong_purpose", "signing", "issuing"],
    ["certificate_foreign", "device", "foreignIssuing"],
  ] as const) {
    const wrong = encodeTrustCode({
      ...code,
      id_certificate: keys.certificate(name),
      chain: [keys.certificate(chain)],
    });
    add(`with ${name} over ${chain} as ID certificate`, await sign("trust", wrong), refused(codeName), "trust");
  }
  add("for another instance", account, refused("identity_mismatch"), "account", {
    productInstanceIdentifier: otherPiid,
  });
  add("a foreign root", ack, refused("certificate_foreign"), "ack", {}, { anchors: [keys.certificate("foreignRoot")] });
  return vectors;
}

async function reports(keys: VectorKeys): Promise<Vector[]> {
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
