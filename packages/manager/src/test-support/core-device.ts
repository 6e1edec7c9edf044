// For tests: what a device sends, made with the protocol's own functions and a real key.

import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import {
  type Answer,
  agentCapabilities,
  createSigner,
  decodeAcknowledgement,
  decodeSmartLicense,
  encodeRequest,
  encodeRumReport,
  type HaRole,
  type ManagerObject,
  type RequestData,
  type RequestIdentity,
  type RequestType,
  type RumReport,
  relayProductTag,
  type SignedReport,
  sampleCount,
  signReport,
  sudiOf,
  type Udi,
  verifyTrustCode,
} from "@countersign/protocol";
import { bitString, element, objectIdentifier, positiveInteger, sequence } from "../certificates/der.ts";
import type { DeviceReply, DeviceRequestLimits } from "../use-cases/use-cases.ts";
import { readAnswer, startMs, type TestManager } from "./core-manager.ts";

export const productTag = "regid.2031-01.org.example.EDGE_SW,v1_0d3a7e6e-4d5f-4a35-9d1a-0d5f6f5a1c01";
export const baseTag = "regid.2031-01.org.example.EDGE_BASE,1.0_5b2f6c10-7b1a-4f0e-8a53-6a1b2c3d4e5f";
export const plusTag = "regid.2031-01.org.example.EDGE_PLUS,1.0_6c3f7d21-8c2b-4a1f-9b64-7b2c3d4e5f60";

export type DeviceKey = { readonly privateKey: KeyObject; readonly publicKeyDer: Uint8Array; readonly request: string };

/** P-256: fast to make. The certificate request (PKCS#10) carries no wishes, only the key and its proof. */
export function createDeviceKey(): DeviceKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const publicKeyDer = publicKey.export({ type: "spki", format: "der" });
  const info = sequence(positiveInteger(Buffer.from([0])), sequence(), publicKeyDer, element(0xa0));
  const proof = sign("sha256", info, privateKey);
  const request = sequence(info, sequence(objectIdentifier("1.2.840.10045.4.3.2")), bitString(proof));
  return { privateKey, publicKeyDer, request: Buffer.from(request).toString("base64") };
}

let nonceCounter = 0;
export function nextNonce(): string {
  nonceCounter += 1;
  return `${18_000_000_000_000_000_000n + BigInt(nonceCounter)}`;
}

export type MemberWish = {
  readonly udi: Udi;
  readonly role: HaRole;
  readonly trustId: number;
  readonly request: string;
};
export type Measured = {
  readonly reportId: number;
  readonly count: number;
  readonly fromSeconds?: number;
  readonly toSeconds?: number;
  readonly tag?: string;
  readonly mergedIds?: string;
};

/** One device with its key and, once trusted, its identity. */
export class TestDevice {
  readonly manager: TestManager;
  readonly udi: Udi;
  readonly productTag: string;
  key: DeviceKey;
  identifier = "";
  certificateSerial: string | null = null;

  constructor(manager: TestManager, udi: Udi, key: DeviceKey, tag: string = productTag) {
    this.manager = manager;
    this.productTag = tag;
    this.udi = udi;
    this.key = key;
  }

  get identity(): RequestIdentity {
    return {
      sudi: sudiOf(this.udi),
      productInstanceIdentifier: this.identifier,
      connectInfo: {
        name: "C_agent",
        version: "1.0",
        production: true,
        additional_info: "",
        capabilities: [...agentCapabilities],
      },
      signingCertificateSerial: "",
      key:
        this.certificateSerial === null
          ? null
          : { certificateSerial: this.certificateSerial, signer: createSigner(this.key.privateKey) },
    };
  }

  asMember(role: HaRole = "Active", trustId = 1): MemberWish {
    return { udi: this.udi, role, trustId, request: this.key.request };
  }

  /** Common members of every request's data, at the device's time. */
  base(nonce: string = nextNonce(), timestamp: number = this.manager.clock.now()) {
    return { sudi: sudiOf(this.udi), timestamp, nonce, product_instance_identifier: this.identifier };
  }

  trustData(
    token: string,
    wish: { readonly force?: boolean; readonly members?: readonly MemberWish[] } = {},
  ): RequestData<"ID_TOKEN_TRUST"> {
    return {
      ...this.base(),
      product_instance_identifier: "",
      hostname: "edge-1",
      token,
      mode: "PERMANENT",
      force: wish.force ?? false,
      software_tag_identifier: this.productTag,
      software_version: "17.1",
      device_list: (wish.members ?? [this.asMember()]).map((member) => listEntry(member, this.productTag)),
    };
  }

  /** Sends a trust request, unsigned as before trust, and takes over what is granted to this device. */
  async trust(token: string, wish: { readonly force?: boolean; readonly members?: readonly MemberWish[] } = {}) {
    const data = this.trustData(token, wish);
    const body = await encodeRequest("ID_TOKEN_TRUST", data, {
      ...this.identity,
      productInstanceIdentifier: "",
      key: null,
    });
    const { answer, reply } = await this.manager.exchange(body);
    const read = await readAnswer(this.manager, answer, "ID_TOKEN_TRUST", data.nonce);
    if (read.statusCode === "OK")
      await this.install(
        read.data.device_list.find((entry) => entry.sudi.udi_serial_number === this.udi.serialNumber)?.smart_license ??
          "",
      );
    return { answer: read, reply };
  }

  /** Verifies a trust code with the root alone and keeps the identity in it. */
  async install(smartLicense: string) {
    const objects = decodeSmartLicense(smartLicense);
    const object = objects.find(({ header }) => header.type === "trust") as ManagerObject;
    const question = {
      object,
      anchors: this.manager.anchors,
      now: this.manager.clock.now(),
      udi: this.udi,
      publicKey: this.key.publicKeyDer,
      purpose: this.productTag === relayProductTag ? "relay" : "product-instance",
    } as const;
    const verified = await verifyTrustCode(question);
    this.identifier = verified.code.product_instance_identifier;
    this.certificateSerial = verified.certificateSerial;
    return { ...verified, objects };
  }

  async send<T extends RequestType>(
    requestType: T,
    data: RequestData<T>,
    limits?: DeviceRequestLimits,
    identity: RequestIdentity = this.identity,
  ): Promise<{ answer: Answer<T>; reply: DeviceReply }> {
    const body = await encodeRequest(requestType, data, identity);
    const { answer, reply } = await this.manager.exchange(body, limits);
    return { answer: await readAnswer(this.manager, answer, requestType, data.nonce), reply };
  }

  async report(measured: Measured, by: "trust" | "builtin" = "trust"): Promise<SignedReport> {
    const payload = encodeRumReport(rumReportOf(this, measured));
    const sudi = sudiOf(this.udi);
    if (by === "builtin" || this.certificateSerial === null)
      return signReport(payload, { kind: "builtin", sudi, productTag });
    const { certificateSerial } = this;
    return signReport(payload, { kind: "trust", sudi, certificateSerial, signer: createSigner(this.key.privateKey) });
  }

  usageData(reports: readonly SignedReport[], role: HaRole = "Active"): RequestData<"LICENSE_USAGE"> {
    return {
      ...this.base(),
      hostname: "edge-1",
      software_tag_identifier: productTag,
      device_list: [{ sudi: sudiOf(this.udi), product_instance_identifier: this.identifier, role }],
      rum_reports: [...reports],
    };
  }

  async sendReports(reports: readonly SignedReport[], limits?: DeviceRequestLimits) {
    return this.send("LICENSE_USAGE", this.usageData(reports), limits);
  }

  /** Reports one measurement and answers the ACK. */
  async use(measured: Measured) {
    const { answer } = await this.sendReports([await this.report(measured)]);
    return acknowledgementOf(answer);
  }

  syncData(members: readonly MemberWish[] = [{ ...this.asMember(), request: "" }]): RequestData<"TRUST_SYNC"> {
    return {
      ...this.base(),
      hostname: "edge-1",
      software_tag_identifier: productTag,
      software_version: "17.1",
      device_list: members.map((member) => listEntry(member, this.productTag)),
    };
  }
}

function listEntry(member: MemberWish, tag: string) {
  return {
    sudi: sudiOf(member.udi),
    trust_id: member.trustId,
    role: member.role,
    software_tag_identifier: tag,
    product_instance_identifier: "",
    csr: member.request,
    id_cert_sn: "" as const,
  };
}

function rumReportOf(device: TestDevice, measured: Measured): RumReport {
  const from = measured.fromSeconds ?? Math.floor(startMs / 1000) - 3600;
  const to = measured.toSeconds ?? from + 900;
  const sudi = sudiOf(device.udi);
  return {
    version: "2.0",
    asset_identification: { report_id: measured.reportId, asset: { name: productTag }, instance: { sudi } },
    meta: {
      entitlement_tag: measured.tag ?? baseTag,
      utility_enabled: false,
      software_version: "17.1",
      ha_udi: [{ role: "Active", sudi }],
      ...(measured.mergedIds === undefined ? {} : { merged_report_ids: measured.mergedIds }),
    },
    measurements: [
      {
        log_time: to,
        metric_name: "ENTITLEMENT",
        start_time: from,
        end_time: to,
        sample_interval: to - from,
        num_samples: sampleCount(to - from),
        meta: { termination_reason: "report_closed" },
        value: { type: "COUNT", value: String(measured.count) },
      },
    ],
  };
}

/** The ACK inside an answer; throws when there is none. */
export function acknowledgementOf(answer: Answer<"LICENSE_USAGE"> | Answer<"POLL_REQ">) {
  if (answer.statusCode !== "OK") throw new Error(`no acknowledgement: ${answer.statusCode} ${answer.statusMessage}`);
  const objects = decodeSmartLicense(answer.data.device_list[0]?.smart_license ?? "");
  const object = objects.find(({ header }) => header.type === "ack") as ManagerObject;
  return { object, objects, payload: object.payload, acknowledgement: decodeAcknowledgement(object.payload) };
}

let serialCounter = 0;
export function createDevice(manager: TestManager, serialPrefix = "EXA"): TestDevice {
  serialCounter += 1;
  const serialNumber = `${serialPrefix}${String(serialCounter).padStart(8, "0")}`;
  return new TestDevice(manager, { pid: "EDGE-24", serialNumber }, createDeviceKey());
}

/** A relay with trust in the named virtual account. */
export async function createTrustedRelay(manager: TestManager, virtualAccount?: string): Promise<TestDevice> {
  serialCounter += 1;
  const udi = { pid: "COUNTERSIGN-RELAY", serialNumber: `R${serialCounter}` };
  const relay = new TestDevice(manager, udi, createDeviceKey(), relayProductTag);
  const token = await manager.useCases.createToken({ virtualAccount, cause: { kind: "operator", name: "test" } });
  await relay.trust(token.text);
  return relay;
}

/** A device that is trusted already, by a token of its own. */
export async function createTrustedDevice(
  manager: TestManager,
  virtualAccount?: string,
  serialPrefix?: string,
): Promise<TestDevice> {
  const device = createDevice(manager, serialPrefix);
  const token = await manager.useCases.createToken({ virtualAccount, cause: { kind: "operator", name: "test" } });
  await device.trust(token.text);
  return device;
}
