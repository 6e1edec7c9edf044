// A device as tests need it: keys, a certificate request, and requests as the protocol writes them.

import { generateKeyPairSync, type KeyObject, randomInt, randomUUID, sign } from "node:crypto";
import {
  type Answer,
  agentCapabilities,
  createSigner,
  decodeAnswer,
  decodeSmartLicense,
  type EnrollingDevice,
  encodeRequest,
  parseCertificate,
  parseUdi,
  type RequestData,
  type RequestIdentity,
  type RequestType,
  type Signer,
  signReport,
  sudiOf,
  type TrustAnchors,
  type VerifiedTrustCode,
  verifyTrustCode,
} from "@countersign/protocol";
import { bitString, element, objectIdentifier, positiveInteger, sequence } from "../certificates/der.ts";

export const productTag = "regid.2017-05.com.cisco.C9300,v1_727af1d9-6c39-4444-b301-863f81445b72";
export const entitlementTag = "regid.2017-03.com.cisco.advantagek9-C9300_48P,1.0_00000000-0000-4000-8000-00000000000a";

/** Sends the body of a POST and answers that of its answer. */
export type Exchange = (body: string) => Promise<Uint8Array>;

type KeyPair = { readonly publicKey: KeyObject; readonly privateKey: KeyObject };

export type DeviceKeyType = "rsa-2048" | "p-256";

function createKeyPair(keyType: DeviceKeyType): KeyPair {
  return keyType === "rsa-2048"
    ? generateKeyPairSync("rsa", { modulusLength: 2048 })
    : generateKeyPairSync("ec", { namedCurve: "P-256" });
}

/** base64 DER PKCS#10. What OpenSSL writes is tested in certificate-request.test.ts. */
export function certificateRequestOf({ publicKey, privateKey }: KeyPair): string {
  const info = sequence(
    positiveInteger(Buffer.from([0])),
    sequence(),
    publicKey.export({ type: "spki", format: "der" }),
    element(0xa0),
  );
  const isRsa = publicKey.asymmetricKeyType === "rsa";
  const algorithm = isRsa
    ? sequence(objectIdentifier("1.2.840.113549.1.1.11"), Buffer.from([5, 0]))
    : sequence(objectIdentifier("1.2.840.10045.4.3.2"));
  return Buffer.from(sequence(info, algorithm, bitString(sign("sha256", info, privateKey)))).toString("base64");
}

export class TestDevice {
  readonly udi;
  readonly keys: KeyPair;
  readonly #anchors: TrustAnchors;
  readonly #exchange: Exchange;
  readonly #now: () => number;
  trust: VerifiedTrustCode | null = null;

  constructor(
    udi: string,
    rootCertificatePem: string,
    exchange: Exchange,
    now: () => number = Date.now,
    keyType: DeviceKeyType = "p-256",
  ) {
    this.udi = parseUdi(udi);
    this.keys = createKeyPair(keyType);
    this.#anchors = [parseCertificate(rootCertificatePem)];
    this.#exchange = exchange;
    this.#now = now;
  }

  get sudi() {
    return sudiOf(this.udi);
  }

  get identifier(): string {
    return this.trust?.code.product_instance_identifier ?? "";
  }

  get signer(): Signer {
    return createSigner(this.keys.privateKey);
  }

  /** Members that every request's data begins with. */
  common() {
    return {
      sudi: this.sudi,
      timestamp: this.#now(),
      nonce: String(randomInt(2 ** 47)),
      product_instance_identifier: this.identifier,
    };
  }

  identity(): RequestIdentity {
    const connectInfo = {
      name: "C_agent",
      version: "5.5.29_rel/114",
      production: true,
      additional_info: "",
      capabilities: [...agentCapabilities],
    };
    const key = this.trust === null ? null : { certificateSerial: this.trust.certificateSerial, signer: this.signer };
    return {
      sudi: this.sudi,
      productInstanceIdentifier: this.identifier,
      connectInfo,
      signingCertificateSerial: "",
      key,
    };
  }

  encode<T extends RequestType>(type: T, data: RequestData<T>): Promise<string> {
    return encodeRequest(type, data, this.identity());
  }

  /** Sends a request and verifies the answer as a device must. */
  async ask<T extends RequestType>(type: T, data: RequestData<T>): Promise<Answer<T>> {
    const body = await this.#exchange(await this.encode(type, data));
    return decodeAnswer(body, {
      requestType: type,
      nonce: data.nonce,
      anchors: this.#anchors,
      knownCertificate: null,
      now: this.#now(),
    });
  }

  trustRequest(token: string, force = false): RequestData<"ID_TOKEN_TRUST"> {
    return {
      ...this.common(),
      hostname: "Switch",
      token,
      mode: "PERMANENT",
      force,
      software_tag_identifier: productTag,
      device_list: [this.enrolling()],
    };
  }

  enrolling(): EnrollingDevice {
    return {
      sudi: this.sudi,
      trust_id: 612,
      role: "Active",
      software_tag_identifier: productTag,
      product_instance_identifier: this.identifier,
      csr: certificateRequestOf(this.keys),
      id_cert_sn: "",
    };
  }

  /** Establishes trust and keeps the verified trust code; throws if the manager refused. */
  async enrol(token: string, force = false): Promise<Answer<"ID_TOKEN_TRUST">> {
    const answer = await this.ask("ID_TOKEN_TRUST", this.trustRequest(token, force));
    if (answer.statusCode !== "OK") throw new Error(`trust was refused: ${answer.statusMessage}`);
    const objects = decodeSmartLicense(answer.data.device_list[0]?.smart_license ?? "");
    const object = objects.find(({ header }) => header.type === "trust");
    if (object === undefined) throw new Error("the answer has no trust code");
    const publicKey = this.keys.publicKey.export({ type: "spki", format: "der" });
    this.trust = await verifyTrustCode({ object, anchors: this.#anchors, now: this.#now(), udi: this.udi, publicKey });
    return answer;
  }

  get anchors(): TrustAnchors {
    return this.#anchors;
  }

  hello(): RequestData<"HELLO"> {
    return this.common();
  }

  /** A usage request with these payloads, each signed with the device's key. */
  async usage(payloads: readonly string[]): Promise<RequestData<"LICENSE_USAGE">> {
    if (this.trust === null) throw new Error("the device has no trust");
    const { certificateSerial } = this.trust;
    const by = { kind: "trust", sudi: this.sudi, certificateSerial, signer: this.signer } as const;
    return {
      ...this.common(),
      hostname: "Switch",
      software_tag_identifier: productTag,
      device_list: [{ sudi: this.sudi, product_instance_identifier: this.identifier, role: "Active" }],
      rum_reports: await Promise.all(payloads.map((payload) => signReport(payload, by))),
    };
  }

  trustSync(): RequestData<"TRUST_SYNC"> {
    const device = { ...this.enrolling(), id_cert_sn: this.trust?.certificateSerial ?? "", csr: "" };
    return { ...this.common(), hostname: "Switch", software_tag_identifier: productTag, device_list: [device] };
  }

  /** Asks for what nobody has bought. */
  authorizationRequest(): RequestData<"AUTHORIZATION_REQUEST"> {
    const tag = "regid.2031-01.org.example.EDGE_PLUS,1.0_6c3f7d21-8c2b-4a1f-9b64-7b2c3d4e5f60";
    const keys = [{ entitlement_tag: tag, license_class: "enforced" as const, count: 1 }];
    const wish = { mode: "add" as const, keys, confirm_code: "", remove_code: "" };
    return {
      ...this.common(),
      hostname: "Switch",
      software_tag_identifier: productTag,
      device_list: [{ sudi: this.sudi, product_instance_identifier: this.identifier, ...wish }],
    };
  }

  /** One report of one measurement, with an id of the caller's choice. */
  reportPayload(reportId: number, count: number): string {
    const endsAtSeconds = Math.floor(this.#now() / 1000);
    const measurement = {
      log_time: endsAtSeconds,
      metric_name: "ENTITLEMENT",
      start_time: endsAtSeconds - 900,
      end_time: endsAtSeconds,
      sample_interval: 900,
      num_samples: 2,
      meta: {},
      value: { type: "COUNT", value: String(count) },
    };
    return JSON.stringify({
      version: "2.0",
      asset_identification: {
        report_id: reportId,
        asset: { name: productTag },
        instance: { sudi: this.sudi, product_instance_identifier: this.identifier },
      },
      meta: {
        entitlement_tag: entitlementTag,
        utility_enabled: false,
        software_version: "17.9.1",
        ha_udi: [{ role: "Active", sudi: this.sudi }],
      },
      measurements: [measurement],
    });
  }
}

export const randomUdi = (): string => `PID:C9300-48UN,SN:${randomUUID().slice(0, 8).toUpperCase()}`;
