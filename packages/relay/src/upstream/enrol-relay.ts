// The relay gets trust as a product instance of its own: a key that never leaves its directory, a certificate request, a token. Later
// it asks for a newer certificate of the same key, and signs that itself.

import { createPublicKey, type KeyObject } from "node:crypto";
import { createCertificateRequest } from "@countersign/agent";
import {
  type Answer,
  decodeSmartLicense,
  parseCertificate,
  type RequestIdentity,
  relayProductTag,
  sudiOf,
  type Udi,
  verifyTrustCode,
} from "@countersign/protocol";
import { type GivenCertificate, ManagerRefusal } from "../ports.ts";
import { RelayError } from "../relay-error.ts";
import { askOnce, type ManagerWay, refusalCode } from "./manager-client.ts";

export type EnrolmentWish = {
  readonly udi: Udi;
  readonly privateKey: KeyObject;
  readonly token: string;
  readonly force: boolean;
  readonly hostname: string;
  readonly peer: Parameters<typeof askOnce>[0]["who"]["connectInfo"];
};

export type Enrolled = {
  readonly productInstanceIdentifier: string;
  readonly smartAccountName: string;
  readonly virtualAccountName: string;
  /** Base64 of DER. */
  readonly certificate: string;
  readonly chain: readonly string[];
};

/** Throws `relay_not_trusted` with the manager's reason, `TransportFailure`, or `ProtocolError`. */
export async function enrolRelay(wish: EnrolmentWish, way: ManagerWay): Promise<Enrolled> {
  const { udi, privateKey, token, force, hostname, peer } = wish;
  const anchors = [parseCertificate(way.licensingRootPem)];
  const sudi = sudiOf(udi);
  const device = deviceOf(udi, privateKey, "");
  const answer = await askOnce(
    {
      requestType: "ID_TOKEN_TRUST",
      path: "/licservice/license",
      who: { sudi, productInstanceIdentifier: "", connectInfo: peer, signingCertificateSerial: "", key: null },
      anchors,
      data: {
        hostname,
        token,
        mode: "PERMANENT",
        force,
        software_tag_identifier: relayProductTag,
        device_list: [device],
      },
    },
    way,
  );
  if (answer.statusCode !== "OK") throw new RelayError("relay_not_trusted", answer.statusMessage);
  const code = await trustCodeIn(answer.data.device_list, { udi, privateKey, anchors, now: way.clock.now() });
  if (code === null) throw new RelayError("relay_not_trusted", "The answer holds no trust code.");
  return {
    productInstanceIdentifier: code.product_instance_identifier,
    smartAccountName: code.smart_account_name,
    virtualAccountName: code.virtual_account_name,
    certificate: code.id_certificate,
    chain: code.chain,
  };
}

export type RenewalWish = {
  readonly udi: Udi;
  readonly privateKey: KeyObject;
  readonly who: Omit<RequestIdentity, "signingCertificateSerial">;
  readonly hostname: string;
};

/** The newest certificate of the same key. Throws `ManagerRefusal`, `TransportFailure` or `ProtocolError`. */
export async function renewRelay(wish: RenewalWish, way: ManagerWay): Promise<GivenCertificate> {
  const { udi, privateKey, who, hostname } = wish;
  const anchors = [parseCertificate(way.licensingRootPem)];
  const device = deviceOf(udi, privateKey, who.productInstanceIdentifier);
  const answer = await askOnce(
    {
      requestType: "TRUST_SYNC",
      path: "/licservice/license",
      who: { ...who, signingCertificateSerial: "" },
      anchors,
      data: { hostname, software_tag_identifier: relayProductTag, device_list: [device] },
    },
    way,
  );
  if (answer.statusCode !== "OK")
    throw new ManagerRefusal(refusalCode(answer), answer.statusMessage, answer.retryTimeSeconds);
  const code = await trustCodeIn(answer.data.device_list, { udi, privateKey, anchors, now: way.clock.now() });
  if (code === null) throw new ManagerRefusal("refused", "The answer holds no trust code.", 0);
  return { certificate: code.id_certificate, chain: code.chain };
}

function deviceOf(udi: Udi, privateKey: KeyObject, productInstanceIdentifier: string) {
  return {
    sudi: sudiOf(udi),
    trust_id: 1,
    role: "Active" as const,
    software_tag_identifier: relayProductTag,
    product_instance_identifier: productInstanceIdentifier,
    csr: createCertificateRequest(privateKey, udi),
    id_cert_sn: "" as const,
  };
}

type AnsweredDevices = Extract<Answer<"ID_TOKEN_TRUST">, { readonly statusCode: "OK" }>["data"]["device_list"];
type Own = Pick<Parameters<typeof verifyTrustCode>[0], "udi" | "anchors" | "now"> & { readonly privateKey: KeyObject };

/** Verified to be for this key, below the licensing root, and a relay's; null where there is none. */
async function trustCodeIn(devices: AnsweredDevices, { privateKey, ...own }: Own) {
  const object = devices
    .flatMap(({ smart_license }) => (smart_license === "" ? [] : decodeSmartLicense(smart_license)))
    .find(({ header }) => header.type === "trust");
  if (object === undefined) return null;
  const publicKey = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  return (await verifyTrustCode({ ...own, object, publicKey, purpose: "relay" })).code;
}
