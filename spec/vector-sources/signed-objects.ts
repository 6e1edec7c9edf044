// Objects that a manager signed, as their receivers take them (spec/protocol.md, sections 3, 4, 6 and 7).

import {
  encodeAccountInfo,
  encodeAcknowledgement,
  encodeAuthorizationCode,
  encodeConversion,
  encodePolicy,
  encodeTreeHead,
  encodeTrustCode,
  type ManagerObject,
  type ManagerObjectType,
  managerObjectTypes,
  signManagerObject,
} from "@countersign/protocol";
import {
  accountInfo,
  acknowledgement,
  authorizationCode,
  conversion,
  otherPiid,
  otherSudi,
  piid,
  policy,
  sudi,
  treeHead,
  trustCode,
} from "@countersign/protocol/test-support/samples";
import { signedReports } from "./signed-reports.ts";
import type { VectorKeys } from "./stored-keys.ts";
import { accepted, base64Of, type Expected, refused, type Vector, type VectorFile } from "./vector.ts";

type Type = ManagerObjectType;

/** One object, the type under which it is taken, what the receiver is beside the usual, and what comes of it. */
type Case = readonly [name: string, as: Type, object: object, expected: Expected, question?: object];

/** Payloads of every type, and a way to sign them. */
type Kit = {
  readonly keys: VectorKeys;
  readonly payloads: Readonly<Record<Type, string>>;
  readonly sign: (type: Type, payload?: string, leaf?: string, chain?: string) => Promise<ManagerObject>;
};

export async function signedObjects(keys: VectorKeys): Promise<VectorFile> {
  const kit = openKit(keys);
  const cases: Case[] = [];
  for (const type of managerObjectTypes) {
    cases.push(...(await bentSignatures(kit, type)), ...(await otherSigners(kit, type)));
  }
  cases.push(...(await otherReceivers(kit)), ...(await otherIdCertificates(kit)), ...(await wrongPayloads(kit)));
  const questions = questionsOf(keys);
  const vectors = cases.map(
    ([name, as, object, expected, question]): Vector => ({
      name: `${as}: ${name}`,
      kind: "manager-object",
      text: JSON.stringify(object),
      as,
      anchors: [keys.certificate("root")],
      now: keys.now,
      question: { ...questions[as], ...question },
      expected,
    }),
  );
  const about = "Signed objects as their receivers take them: sections 3 to 7. `question` says who receives.";
  return { file: "signed-objects.json", about, vectors: [...vectors, ...(await signedReports(keys))] };
}

function openKit(keys: VectorKeys): Kit {
  const payloads = {
    ack: encodeAcknowledgement(acknowledgement),
    policy: encodePolicy(policy),
    trust: encodeTrustCode(trustCode(keys.identity("device"), keys.identity("issuing"))),
    auth: encodeAuthorizationCode(authorizationCode),
    account: encodeAccountInfo(accountInfo),
    "tree-head": encodeTreeHead(treeHead),
    conversion: encodeConversion(conversion),
  };
  const sign: Kit["sign"] = (type, payload = payloads[type], leaf = "signing", chain = "issuing") =>
    signManagerObject(type, payload, keys.signing(leaf, chain));
  return { keys, payloads, sign };
}

const publicKeyOf = (keys: VectorKeys, name: string): string =>
  base64Of(keys.identity(name).keys.publicKey.export({ type: "spki", format: "der" }));

const questionsOf = (keys: VectorKeys): Readonly<Record<Type, object>> => ({
  ack: { productInstanceIdentifier: piid, sudi, newestSequence: -1 },
  policy: { installedVersion: -1 },
  trust: { sudi, publicKey: publicKeyOf(keys, "device") },
  auth: { productInstanceIdentifier: piid, sudi, leastSequence: 0 },
  account: { productInstanceIdentifier: piid },
  "tree-head": {},
  conversion: { sudi },
});

async function bentSignatures({ sign, payloads }: Kit, type: Type): Promise<readonly Case[]> {
  const object = await sign(type);
  const bend = (change: object) => ({ ...object, signature: { ...object.signature, ...change } });
  const taken = accepted({ payload: JSON.parse(payloads[type]) });
  const payload = JSON.stringify(JSON.parse(payloads[type]), null, 1);
  const other = type === "ack" ? "policy" : "ack";
  return [
    ["as the manager made it", type, object, taken],
    ["signed with RSA", type, await sign(type, payloads[type], "signingRsa"), taken],
    [
      "a byte of the payload altered",
      type,
      { ...object, payload: object.payload.replace("1.0", "1.1") },
      refused("signature_mismatch"),
    ],
    ["the payload with other blanks", type, { ...object, payload }, refused("signature_mismatch")],
    ["no signature", type, { payload: object.payload, header: object.header }, refused("envelope_invalid")],
    ["an unknown algorithm", type, bend({ type: "none" }), refused("signature_algorithm_unknown")],
    ["an algorithm that is not the key's", type, bend({ type: "SHA256" }), refused("signature_algorithm_mismatch")],
    ["another serial number", type, bend({ cert_sn: "1" }), refused("certificate_unknown")],
    ["a signature that is none", type, bend({ value: "AAAA" }), refused("signature_malformed")],
    ["a null signature", type, bend({ value: null }), refused("envelope_invalid")],
    ["a certificate that is none", type, bend({ certificates: ["AAAA"] }), refused("certificate_malformed")],
    [`a ${type} under that name`, other, { ...object, header: { type: other } }, refused("payload_invalid")],
    [
      "an unknown member, truly signed",
      type,
      await sign(type, object.payload.replace("{", '{"extra":1,')),
      refused("payload_invalid"),
    ],
  ];
}

async function otherSigners({ sign, payloads }: Kit, type: Type): Promise<readonly Case[]> {
  const rows = [
    ["certificate_wrong_purpose", "device", "issuing"],
    ["certificate_wrong_purpose", "tls", "issuing"],
    ["certificate_expired", "signingExpired", "issuing"],
    ["certificate_not_yet_valid", "signingFuture", "issuing"],
    ["certificate_foreign", "foreignSigning", "foreignIssuing"],
    ["certificate_foreign", "signing", "foreignIssuing"],
  ] as const;
  const cases: Case[] = [];
  for (const [code, leaf, chain] of rows) {
    cases.push([`signed by ${leaf} with ${chain}`, type, await sign(type, payloads[type], leaf, chain), refused(code)]);
  }
  return cases;
}

async function otherReceivers({ keys, sign, payloads }: Kit): Promise<readonly Case[]> {
  const [ack, policyObject, trust, account] = [
    await sign("ack"),
    await sign("policy"),
    await sign("trust"),
    await sign("account"),
  ];
  const auth = await sign("auth");
  const newest = acknowledgement.sequence;
  const code = authorizationCode.sequence;
  const installed = policy.policy_version;
  const taken = (type: Type) => accepted({ payload: JSON.parse(payloads[type]) });
  const notMine = refused("identity_mismatch");
  return [
    ["the newest one again", "ack", ack, taken("ack"), { newestSequence: newest }],
    ["an older one again", "ack", ack, refused("acknowledgement_replayed"), { newestSequence: newest + 1 }],
    ["for another device", "ack", ack, notMine, { sudi: otherSudi }],
    ["for another instance", "ack", ack, notMine, { productInstanceIdentifier: otherPiid }],
    ["the installed one again", "policy", policyObject, taken("policy"), { installedVersion: installed }],
    ["an older one again", "policy", policyObject, refused("policy_replayed"), { installedVersion: installed + 1 }],
    ["for another device", "trust", trust, notMine, { sudi: otherSudi }],
    ["for another key", "trust", trust, notMine, { publicKey: publicKeyOf(keys, "otherDevice") }],
    ["the installed one again", "auth", auth, taken("auth"), { leastSequence: code }],
    ["one that was given back", "auth", auth, refused("authorization_replayed"), { leastSequence: code + 1 }],
    ["for another device", "auth", auth, notMine, { sudi: otherSudi }],
    ["for another instance", "auth", auth, notMine, { productInstanceIdentifier: otherPiid }],
    ["for another device", "conversion", await sign("conversion"), notMine, { sudi: otherSudi }],
    ["for another instance", "account", account, notMine, { productInstanceIdentifier: otherPiid }],
  ];
}

async function otherIdCertificates({ keys, sign, payloads }: Kit): Promise<readonly Case[]> {
  const rows = [
    ["certificate_expired", "deviceExpired", "issuing"],
    ["certificate_wrong_purpose", "signing", "issuing"],
    ["certificate_foreign", "device", "foreignIssuing"],
  ] as const;
  const cases: Case[] = [];
  for (const [code, leaf, chain] of rows) {
    const payload = {
      ...JSON.parse(payloads.trust),
      id_certificate: keys.certificate(leaf),
      chain: [keys.certificate(chain)],
    };
    const object = await sign("trust", JSON.stringify(payload));
    cases.push([`with ${leaf} over ${chain} as ID certificate`, "trust", object, refused(code)]);
  }
  return cases;
}

/** Payloads that are truly signed and yet not of their type's shape. */
async function wrongPayloads({ sign, payloads }: Kit): Promise<readonly Case[]> {
  const [entry] = acknowledgement.reports;
  const [license] = authorizationCode.licenses;
  const [legacy] = conversion.licenses;
  const licenseNumber = (at: number) => ({
    ...license,
    entitlement_tag: license?.entitlement_tag.replace(/.{12}$/, String(at).padStart(12, "0")),
  });
  const exported = policy.classes.export;
  const demand = (value: unknown, source = "account") => ({
    classes: { ...policy.classes, export: { ...exported, first_report_days: { value, source } } },
  });
  const { first_report_days: _, ...twoDemands } = exported;
  const rows: readonly (readonly [Type, string, object])[] = [
    ["ack", "a negative sequence", { sequence: -1 }],
    ["ack", "a sequence as text", { sequence: "7" }],
    ["ack", "a hash in capitals", { reports: [{ ...entry, payload_sha256: "A".repeat(64) }] }],
    ["ack", "a refusal without code", { reports: [{ ...entry, outcome: "refused" }] }],
    ["ack", "an outcome that is none", { reports: [{ ...entry, outcome: "maybe" }] }],
    ["ack", "another version", { version: "1.1" }],
    ["policy", "a demand beyond ten years", demand(3651)],
    ["policy", "a demand of half a day", demand(0.5)],
    ["policy", "a source that is none", demand(1, "nobody")],
    ["policy", "a demand that is missing", { classes: { ...policy.classes, export: twoDemands } }],
    ["policy", "a fifth class", { classes: { ...policy.classes, fifth: exported } }],
    ["policy", "ACK required without a source", { ack_required: true }],
    ["policy", "no name", { name: "" }],
    ["trust", "an instance that is no uuid", { product_instance_identifier: "1" }],
    ["trust", "export control as text", { export_control_allowed: "no" }],
    ["auth", "nothing authorized", { licenses: [] }],
    ["auth", "a tag twice", { licenses: [license, license] }],
    ["auth", "a count of none", { licenses: [{ ...license, count: 0 }] }],
    ["auth", "a class that needs no code", { licenses: [{ ...license, license_class: "perpetual" }] }],
    ["auth", "65 entitlements", { licenses: Array.from({ length: 65 }, (_, at) => licenseNumber(at)) }],
    ["conversion", "nothing converted", { licenses: [] }],
    ["conversion", "a licence twice", { licenses: [legacy, legacy] }],
    ["conversion", "a kind that is none", { licenses: [{ ...legacy, kind: "evaluation" }] }],
    ["conversion", "a count of none", { licenses: [{ ...legacy, count: 0 }] }],
    ["conversion", "65 licences", { licenses: Array.from({ length: 65 }, (_, at) => ({ ...legacy, name: `${at}` })) }],
    ["tree-head", "no ledger", { ledger_id: "" }],
    ["tree-head", "a negative size", { size: -1 }],
    ["tree-head", "a root in capitals", { root_sha256: "A".repeat(64) }],
    ["tree-head", "no time", { signed_at: null }],
    ["account", "no account name", { smart_account_name: "" }],
    ["account", "a name of 257 characters", { virtual_account_name: "\u00fc".repeat(257) }],
  ];
  const cases: Case[] = [];
  for (const [type, name, change] of rows) {
    const payload = JSON.stringify({ ...JSON.parse(payloads[type]), ...change });
    cases.push([name, type, await sign(type, payload), refused("payload_invalid")]);
  }
  const longest = JSON.stringify({ ...accountInfo, virtual_account_name: "\u00fc".repeat(256) });
  const taken = accepted({ payload: JSON.parse(longest) });
  return [...cases, ["a name of 256 characters", "account", await sign("account", longest), taken]];
}
