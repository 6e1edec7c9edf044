// The relay gets trust as a product instance of its own: a key that never leaves its directory, a certificate request, a token.

import { createPublicKey, type KeyObject } from "node:crypto";
import { createCertificateRequest } from "@countersign/agent";
import {
  decodeSmartLicense,
  parseCertificate,
  relayProductTag,
  sudiOf,
  type Udi,
  verifyTrustCode,
} from "@countersign/protocol";
import { RelayError } from "../relay-error.ts";
import { askOnce, type ManagerWay } from "./manager-client.ts";

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
  const device = {
    sudi,
    trust_id: 1,
    role: "Active" as const,
    software_tag_identifier: relayProductTag,
    product_instance_identifier: "",
    csr: createCertificateRequest(privateKey, udi),
    id_cert_sn: "" as const,
  };
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
  const object = answer.data.device_list
    .flatMap(({ smart_license }) => (smart_license === "" ? [] : decodeSmartLicense(smart_license)))
    .find(({ header }) => header.type === "trust");
  if (object === undefined) throw new RelayError("relay_not_trusted", "The answer holds no trust code.");
  const publicKey = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  const { code } = await verifyTrustCode({ object, anchors, now: way.clock.now(), udi, publicKey, purpose: "relay" });
  return {
    productInstanceIdentifier: code.product_instance_identifier,
    smartAccountName: code.smart_account_name,
    virtualAccountName: code.virtual_account_name,
    certificate: code.id_certificate,
    chain: code.chain,
  };
}
