// A manager for tests, in one object without sockets: it enrols, takes reports and acknowledges, with the protocol's own
// functions. It keeps what it was told, so that a test can compare; and it can be told to misbehave.

import { randomUUID, type X509Certificate } from "node:crypto";
import {
  type Acknowledgement,
  classicAuthorizationMs,
  classicIdCertificateMs,
  classicRenewAfterSeconds,
  classicRequestTypes,
  createSigner,
  type DeviceAnswer,
  type DeviceRequestType,
  decodeRequest,
  decodeRequestData,
  decodeRumReport,
  defaultPolicy,
  type EnrollingDevice,
  encodeAccountInfo,
  encodeAcknowledgement,
  encodeAnswer,
  encodeCertificate,
  encodePolicy,
  encodeSmartLicense,
  encodeTrustCode,
  extendedKeyUsageOf,
  formatUdi,
  type ManagerObject,
  type ManagerObjectType,
  managerCapabilities,
  type Policy,
  type RegisteredAnswer,
  type RequestData,
  reportHash,
  type SignedReport,
  type SigningIdentity,
  type StatusCode,
  type Sudi,
  serialNumberOf,
  signManagerObject,
  type TrustCode,
  type UnverifiedRequest,
  udiOf,
  verifyReport,
  verifyRequest,
} from "@countersign/protocol";
import type { Clock, Exchange } from "../ports.ts";
import {
  createTestAuthority,
  issueTestCertificate,
  publicKeyOfRequest,
  type TestAuthority,
  type TestIdentity,
} from "./test-certificates.ts";

const connectInfo = {
  name: "SSM",
  version: "1.3",
  production: true,
  additional_info: "",
  capabilities: [...managerCapabilities],
};
const yearMs = 365 * 86_400_000;

type Enrolled = { readonly identifier: string; readonly certificate: X509Certificate; sequence: number };
type Content = {
  readonly statusCode: StatusCode;
  readonly data: object | null;
  readonly statusMessage?: string;
  readonly retryTimeSeconds?: number;
};

export class TestManager {
  readonly #clock: Clock;
  readonly #authority: TestAuthority;
  readonly #devices = new Map<string, Enrolled>();
  readonly #polls = new Map<string, readonly SignedReport[]>();
  /** Every report that was acknowledged, by id, with its hash. */
  readonly accepted = new Map<number, string>();
  /** Every request in the order of arrival. */
  readonly requests: UnverifiedRequest[] = [];
  policy: Policy = defaultPolicy;
  mode: "at-once" | "poll" | "try-again" | "refuse" = "at-once";
  refusal = { code: "token_unknown", message: "The token is not valid.", remedy: "Create a new token." };
  /** How far the clock that its answers name is ahead of the device's. */
  aheadMs = 0;
  /** Changes an answer's bytes on their way. */
  tamper: (answer: string) => string = (answer) => answer;
  /** Changes an ACK before it is signed. */
  alterAcknowledgement: (acknowledgement: Acknowledgement) => Acknowledgement = (acknowledgement) => acknowledgement;
  /** Certificates of classic registrations by serial number, and those that were withdrawn. */
  readonly #classic = new Map<string, { readonly udi: string; readonly certificate: X509Certificate }>();
  readonly withdrawn = new Set<string>();
  /** The next certificate that it gives is not believed afterwards. */
  withdrawsNext = false;
  /** In place of what a device asked for in a registration. */
  certifyFor: { readonly sudi: Sudi | null; readonly csr: string | null } = { sudi: null, csr: null };
  /** What the virtual account has bought, by tag; everything else is there without end. */
  readonly bought = new Map<string, number>();
  /** What was asked for in the last authorization. */
  authorized: readonly { readonly entitlement_tag: string; readonly count: number }[] = [];
  /** Throws instead of answering, before or after the manager has done its work. */
  outage: { readonly when: "before" | "after"; readonly error: Error } | null = null;

  private constructor(clock: Clock, authority: TestAuthority) {
    this.#clock = clock;
    this.#authority = authority;
  }

  static async create(clock: Clock): Promise<TestManager> {
    return new TestManager(clock, createTestAuthority(clock.now()));
  }

  get rootPem(): string {
    return this.#authority.root.certificate.toString();
  }

  /** For a server on loopback. */
  tlsIdentity(): TestIdentity {
    const now = this.#clock.now();
    return issueTestCertificate({
      name: "manager",
      issuer: this.#authority.issuing,
      extendedKeyUsage: "1.3.6.1.5.5.7.3.1",
      names: ["localhost", "127.0.0.1"],
      notBeforeMs: now - 86_400_000,
      notAfterMs: now + yearMs,
    });
  }

  get tlsChain(): readonly TestIdentity[] {
    return [this.#authority.issuing];
  }

  get enrolledIdentifiers(): readonly string[] {
    return [...this.#devices.values()].map((device) => device.identifier);
  }

  readonly exchange: Exchange = async (_url, body) => {
    if (this.outage?.when === "before") throw this.outage.error;
    const answer = await this.#answer(decodeRequest(body));
    if (this.outage?.when === "after") throw this.outage.error;
    return Buffer.from(this.tamper(answer));
  };

  async #answer(request: UnverifiedRequest): Promise<string> {
    this.requests.push(request);
    const content = await this.#decide(request);
    return encodeAnswer(
      {
        statusCode: content.statusCode,
        statusMessage: content.statusMessage ?? content.statusCode,
        retryTimeSeconds: content.retryTimeSeconds ?? 0,
        data: content.data,
      },
      { header: request.header, productInstanceIdentifier: "", connectInfo, now: this.#clock.now() + this.aheadMs },
      this.#signing(),
    );
  }

  async #decide(request: UnverifiedRequest): Promise<Content> {
    if (this.mode === "try-again") return { statusCode: "OK_TRY_AGAIN", data: null, retryTimeSeconds: 120 };
    if (this.mode === "refuse") {
      const { code, remedy, message } = this.refusal;
      return { statusCode: "FAILED", data: { code, remedy }, statusMessage: message };
    }
    if (is(request, "ID_TOKEN_TRUST") || is(request, "TRUST_SYNC")) return this.#enrol(decodeRequestData(request));
    if (is(request, "REGISTER")) return this.#register(decodeRequestData(request));
    if (isClassicRequest(request)) return this.#serveClassic(request);
    await verifyRequest(request, this.#keyOf(request.header.sudi));
    if (is(request, "HELLO")) {
      const { nonce, sudi } = decodeRequestData(request);
      return { statusCode: "OK", data: { nonce, sudi, server_time: this.#clock.now() } };
    }
    if (is(request, "POLL_REQ")) {
      const data = decodeRequestData(request);
      return this.#acknowledge(data, this.#polls.get(data.poll_id) ?? []);
    }
    if (is(request, "LICENSE_USAGE")) return this.#takeUsage(decodeRequestData(request));
    throw new Error(`unexpected request ${request.requestType}`);
  }

  #register(data: RequestData<"REGISTER">): Content {
    return this.#certify(data);
  }

  async #serveClassic(request: UnverifiedRequest): Promise<Content> {
    const serial = request.signature?.key ?? "";
    const signer = this.#classic.get(serial);
    if (signer === undefined || !this.#devices.has(signer.udi)) return refused("identity_not_valid");
    if (this.withdrawn.has(serial)) return refused("signature_mismatch");
    await verifyRequest(request, signer.certificate.publicKey);
    if (is(request, "RENEW_ID")) return this.#certify(decodeRequestData(request));
    if (is(request, "AUTHORIZE")) return this.#authorize(decodeRequestData(request));
    if (!is(request, "DEREGISTER")) throw new Error(`unexpected request ${request.requestType}`);
    const { nonce, sudi, device_list } = decodeRequestData(request);
    for (const device of device_list) this.#devices.delete(formatUdi(udiOf(device.sudi)));
    return { statusCode: "OK", data: { nonce, sudi } };
  }

  #certify(data: RequestData<"REGISTER"> | RequestData<"RENEW_ID">): Content {
    const now = this.#clock.now();
    const device_list = data.device_list.map((device): RegisteredAnswer => {
      const udi = formatUdi(udiOf(device.sudi));
      const { certificate } = issueTestCertificate({
        name: formatUdi(udiOf(this.certifyFor.sudi ?? device.sudi)),
        issuer: this.#authority.issuing,
        publicKey: publicKeyOfRequest(this.certifyFor.csr ?? device.csr),
        extendedKeyUsage: extendedKeyUsageOf["product-instance"],
        notBeforeMs: now - 86_400_000,
        notAfterMs: now + classicIdCertificateMs,
      });
      this.#classic.set(serialNumberOf(certificate), { udi, certificate });
      if (this.withdrawsNext) this.withdrawn.add(serialNumberOf(certificate));
      this.withdrawsNext = false;
      const identifier = this.#devices.get(udi)?.identifier ?? randomUUID();
      this.#devices.set(udi, { identifier, certificate, sequence: 0 });
      return {
        sudi: device.sudi,
        product_instance_identifier: identifier,
        id_certificate: encodeCertificate(certificate),
        chain: [encodeCertificate(this.#authority.issuing.certificate)],
        status_code: "OK",
        status_message: "OK",
      };
    });
    return { statusCode: "OK", data: { nonce: data.nonce, sudi: data.sudi, ...accountFacts, device_list } };
  }

  #authorize({ nonce, sudi, entitlements }: RequestData<"AUTHORIZE">): Content {
    this.authorized = entitlements;
    const verdicts = entitlements.map(({ entitlement_tag, count }) => {
      const shortfall = Math.max(0, count - (this.bought.get(entitlement_tag) ?? count));
      const status = shortfall === 0 ? "AUTHORIZED" : "OUT_OF_COMPLIANCE";
      return { entitlement_tag, count, status, shortfall };
    });
    const isShort = verdicts.some(({ shortfall }) => shortfall > 0);
    return {
      statusCode: "OK",
      data: {
        ...{ nonce, sudi, ...accountFacts, entitlements: verdicts },
        renew_after_seconds: classicRenewAfterSeconds[isShort ? "outOfCompliance" : "authorized"],
        expires_at: this.#clock.now() + this.aheadMs + classicAuthorizationMs,
      },
    };
  }

  async #enrol(data: RequestData<"ID_TOKEN_TRUST"> | RequestData<"TRUST_SYNC">): Promise<Content> {
    const list: DeviceAnswer[] = [];
    for (const device of data.device_list) list.push(await this.#enrolDevice(device));
    const names = { smart_account_name: "Test Account", pool_name: "Default" };
    return { statusCode: "OK", data: { nonce: data.nonce, sudi: data.sudi, ...names, device_list: list } };
  }

  async #enrolDevice(device: EnrollingDevice): Promise<DeviceAnswer> {
    const objects: ManagerObject[] = [];
    if (device.csr !== "") objects.push(await this.#trustCode(device));
    const enrolled = this.#enrolled(device.sudi);
    const now = this.#clock.now();
    const account = {
      version: "1.0",
      product_instance_identifier: enrolled.identifier,
      smart_account_name: "Test Account",
      virtual_account_name: "Default",
      as_of: now,
    } as const;
    objects.push(await this.#sign("account", encodeAccountInfo(account)));
    objects.push(await this.#sign("policy", encodePolicy(this.policy)));
    return this.#deviceAnswer(device.sudi, objects);
  }

  /** The same key gets the same identity again. */
  async #trustCode(device: EnrollingDevice): Promise<ManagerObject> {
    const name = formatUdi(udiOf(device.sudi));
    const publicKey = publicKeyOfRequest(device.csr);
    const now = this.#clock.now();
    let known = this.#devices.get(name);
    if (known === undefined || !known.certificate.publicKey.equals(publicKey)) {
      const { certificate } = issueTestCertificate({
        name,
        issuer: this.#authority.issuing,
        publicKey,
        extendedKeyUsage: extendedKeyUsageOf["product-instance"],
        notBeforeMs: now - 86_400_000,
        notAfterMs: now + 8 * yearMs,
      });
      known = { identifier: known?.identifier ?? randomUUID(), certificate, sequence: known?.sequence ?? 0 };
      this.#devices.set(name, known);
    }
    const code: TrustCode = {
      version: "1.0",
      product_instance_identifier: known.identifier,
      installation_identifier: known.identifier,
      sudi: device.sudi,
      trust_id: device.trust_id,
      smart_account_name: "Test Account",
      virtual_account_name: "Default",
      issued_at: now,
      id_certificate: encodeCertificate(known.certificate),
      chain: [encodeCertificate(this.#authority.issuing.certificate)],
      export_control_allowed: false,
    };
    return this.#sign("trust", encodeTrustCode(code));
  }

  async #takeUsage(data: RequestData<"LICENSE_USAGE">): Promise<Content> {
    if (this.mode !== "poll") return this.#acknowledge(data, data.rum_reports);
    const pollId = `9${String(this.#polls.size).padStart(18, "0")}`;
    this.#polls.set(pollId, data.rum_reports);
    return { statusCode: "OK_POLL", data: { nonce: data.nonce, sudi: data.sudi, poll_id: pollId, poll_interval: 300 } };
  }

  async #acknowledge(data: { nonce: string; sudi: Sudi }, reports: readonly SignedReport[]): Promise<Content> {
    const enrolled = this.#enrolled(data.sudi);
    enrolled.sequence += 1;
    const entries = [];
    for (const report of reports) {
      await verifyReport(report, (serial) => this.#keyBySerial(serial));
      const reportId = decodeRumReport(report.payload).asset_identification.report_id;
      const outcome = this.accepted.has(reportId) ? ("known" as const) : ("accepted" as const);
      this.accepted.set(reportId, reportHash(report));
      entries.push({
        report_id: reportId,
        payload_sha256: reportHash(report),
        outcome,
        leaf_index: this.accepted.size - 1,
      });
    }
    const acknowledgement: Acknowledgement = {
      version: "1.0",
      product_instance_identifier: enrolled.identifier,
      sudi: data.sudi,
      sequence: enrolled.sequence,
      acknowledged_at: this.#clock.now(),
      policy_version: this.policy.policy_version,
      reports: entries,
      tree_head: null,
    };
    const payload = encodeAcknowledgement(this.alterAcknowledgement(acknowledgement));
    const answer = this.#deviceAnswer(data.sudi, [
      await this.#sign("ack", payload),
      await this.#sign("policy", encodePolicy(this.policy)),
    ]);
    return { statusCode: "OK", data: { nonce: data.nonce, sudi: data.sudi, device_list: [answer] } };
  }

  #deviceAnswer(sudi: Sudi, objects: readonly ManagerObject[]): DeviceAnswer {
    return {
      sudi,
      product_instance_identifier: this.#enrolled(sudi).identifier,
      smart_license: encodeSmartLicense(objects),
      status_code: "OK",
      status_message: "OK",
    };
  }

  #enrolled(sudi: Sudi): Enrolled {
    const enrolled = this.#devices.get(formatUdi(udiOf(sudi)));
    if (enrolled === undefined) throw new Error("the device is not enrolled");
    return enrolled;
  }

  #keyOf(sudi: Sudi) {
    return this.#enrolled(sudi).certificate.publicKey;
  }

  #keyBySerial(serial: string) {
    return [...this.#devices.values()].find((device) => serialNumberOf(device.certificate) === serial)?.certificate
      .publicKey;
  }

  #sign(type: ManagerObjectType, payload: string): Promise<ManagerObject> {
    return signManagerObject(type, payload, this.#signing());
  }

  #signing(): SigningIdentity {
    const { signing, issuing } = this.#authority;
    return { signer: createSigner(signing.privateKey), certificate: signing.certificate, chain: [issuing.certificate] };
  }
}

const accountFacts = { smart_account_name: "Test Account", pool_name: "Default", export_control_allowed: true };

function refused(code: string): Content {
  return { statusCode: "FAILED", data: { code, remedy: "Register again." }, statusMessage: code };
}

function isClassicRequest({ requestType }: UnverifiedRequest): boolean {
  return classicRequestTypes.some((type) => type === requestType);
}

function is<T extends DeviceRequestType>(
  request: UnverifiedRequest,
  type: T,
): request is UnverifiedRequest & { readonly requestType: T } {
  return request.requestType === type;
}
