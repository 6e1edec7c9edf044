// What a manager on premises and the manager above it say to each other (spec/protocol.md, section 17).

import {
  encodeAcknowledgement,
  encodePolicy,
  encodeRumReport,
  reportHash,
  type SyncAnswer,
  type SyncRequest,
  serialNumberOf,
  signManagerObject,
  signReport,
  signSyncAnswer,
  signSyncRequest,
  syncDocumentHash,
} from "@countersign/protocol";
import {
  acknowledgement,
  entitlementTag,
  otherPiid,
  piid,
  policy,
  productTag,
  rumReport,
  sudi,
} from "@countersign/protocol/test-support/samples";
import type { VectorKeys } from "./stored-keys.ts";
import { accepted, base64Of, type Expected, refused, type Vector, type VectorFile } from "./vector.ts";

type As = "sync-request" | "sync-answer";

export async function syncDocuments(keys: VectorKeys): Promise<VectorFile> {
  const signing = keys.signing("signing", "issuing");
  const report = await signReport(encodeRumReport(rumReport), { kind: "builtin", sudi, productTag });
  const request: SyncRequest = {
    version: "1.0",
    manager_identifier: otherPiid,
    created_at: keys.now,
    from_leaf: 3,
    to_leaf: 5,
    known_purchase_id: 0,
    issuing_request: "",
    authorized: [{ tag: entitlementTag, count: 2 }],
    installations: [
      {
        hostname: "edge-1",
        software_version: "17.1",
        members: [
          {
            sudi,
            software_tag_identifier: productTag,
            product_instance_identifier: piid,
            trust_id: 1,
            role: "Active",
            id_cert_sn: serialNumberOf(keys.identity("device").certificate),
            certificates: [
              { certificate: keys.certificate("device"), state: "valid" },
              { certificate: keys.certificate("deviceRsa"), state: "replaced" },
            ],
          },
        ],
      },
    ],
    reports: [report],
  };
  const requestText = await signSyncRequest(request, signing);
  const answer: SyncAnswer = {
    version: "1.0",
    manager_identifier: otherPiid,
    request_sha256: syncDocumentHash(Buffer.from(requestText)),
    answered_at: keys.now,
    previous_answered_at: null,
    smart_account_name: "Example",
    virtual_account_name: "Works",
    acknowledgements: [await signManagerObject("ack", encodeAcknowledgement(acknowledgement), signing)],
    refused: [{ payload_sha256: reportHash(report), code: "sender_unknown" }],
    policy: await signManagerObject("policy", encodePolicy(policy), signing),
    purchases: [
      {
        ...{ purchase_id: 1, tag: entitlementTag, quantity: 10, kind: "term" },
        ...{ starts_at: keys.now, ends_at: null, order_reference: "PO-1" },
      },
    ],
    authorized: [],
    issuing: keys.certificate("issuing"),
  };
  const answerText = await signSyncAnswer(answer, signing);
  const vectors: Vector[] = [];
  const add = (name: string, as: As, text: string, expected: Expected, more: object = {}) =>
    vectors.push({
      name: `${as}: ${name}`,
      kind: "sync-document",
      body: base64Of(text),
      as,
      anchors: [keys.certificate("root")],
      now: keys.now,
      ...more,
      expected,
    });
  const issuing = keys.certificate("issuing");
  add("as it is", "sync-request", requestText, accepted({ content: request, issuing }));
  add("as it is", "sync-answer", answerText, accepted({ content: answer, issuing }));
  add("an answer in its place", "sync-request", answerText, refused("envelope_invalid"));
  add("a request in its place", "sync-answer", requestText, refused("envelope_invalid"));
  const bend = (text: string, change: (document: { payload: string; header: object; signature: object }) => object) =>
    JSON.stringify(change(JSON.parse(text)));
  add(
    "renamed: the type is signed as well",
    "sync-answer",
    bend(requestText, (document) => ({ ...document, header: { type: "sync-answer" } })),
    refused("signature_mismatch"),
  );
  add(
    "a byte of the payload altered",
    "sync-request",
    bend(requestText, (document) => ({ ...document, payload: document.payload.replace("edge-1", "edge-2") })),
    refused("signature_mismatch"),
  );
  for (const [name, leaf, chain, code] of [
    ["below an expired CA", "signingBelowExpired", "issuingExpired", "certificate_expired"],
    ["by a foreign manager", "foreignSigning", "foreignIssuing", "certificate_foreign"],
    ["by a device", "device", "issuing", "certificate_wrong_purpose"],
    ["by an expired certificate", "signingExpired", "issuing", "certificate_expired"],
  ] as const)
    add(name, "sync-request", await signSyncRequest(request, keys.signing(leaf, chain)), refused(code));
  add(
    "without the CA",
    "sync-request",
    await signSyncRequest(request, keys.signing("signing")),
    refused("envelope_invalid"),
  );
  const wrong = async (change: object) => signSyncRequest({ ...request, ...change } as SyncRequest, signing);
  add("a member nobody knows", "sync-request", await wrong({ more: 1 }), refused("payload_invalid"));
  add("another version", "sync-request", await wrong({ version: "2.0" }), refused("payload_invalid"));
  add("a negative leaf", "sync-request", await wrong({ from_leaf: -1 }), refused("payload_invalid"));
  const [installation] = request.installations;
  const emptied = { installations: [{ ...installation, members: [] }] };
  add("an installation without a device", "sync-request", await wrong(emptied), refused("payload_invalid"));
  const short = { ...answer, request_sha256: "ab" };
  add("a hash that is none", "sync-answer", await signSyncAnswer(short, signing), refused("payload_invalid"));
  add("no JSON", "sync-request", requestText.slice(1), refused("invalid_json"));
  return { file: "sync.json", about: "Documents of a synchronisation: protocol.md, section 17.", vectors };
}
