// For tests: what a device of classic Smart Licensing sends, made with the protocol's own functions and a real key.

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import {
  type Answer,
  type Conversion,
  decodeSmartLicense,
  encodeRequest,
  type HaRole,
  type LegacyLicense,
  type RegisteredAnswer,
  type RequestData,
  serialNumberOf,
  sudiOf,
  type Udi,
  udiOf,
  verifyConversion,
} from "@countersign/protocol";
import { createDeviceKey, type DeviceKey, type MemberWish, productTag, TestDevice } from "./core-device.ts";
import { readAnswer, type TestManager } from "./core-manager.ts";

let serialCounter = 0;

export function createClassicDevice(manager: TestManager): ClassicDevice {
  serialCounter += 1;
  return new ClassicDevice(manager, { pid: "EDGE-24", serialNumber: `OLD${serialCounter}` }, createDeviceKey());
}

export class ClassicDevice extends TestDevice {
  /** Of the ID certificate, epoch milliseconds. */
  validUntilMs = 0;

  /** Unsigned, as before a registration; takes over what is granted to this device. */
  async register(
    token: string,
    wish: { readonly force?: boolean; readonly members?: readonly MemberWish[] } = {},
  ): Promise<Answer<"REGISTER">> {
    const { mode: _mode, ...data } = this.trustData(token, wish);
    const identity = { ...this.identity, productInstanceIdentifier: "", key: null };
    const body = await encodeRequest("REGISTER", { ...data, token }, identity);
    const { answer } = await this.manager.exchange(body);
    const read = await readAnswer(this.manager, answer, "REGISTER", data.nonce);
    if (read.statusCode === "OK") this.takeOver(read.data.device_list);
    return read;
  }

  takeOver(list: readonly RegisteredAnswer[]): void {
    const own = list.find(({ sudi }) => sudi.udi_serial_number === this.udi.serialNumber);
    assert.ok(own?.status_code === "OK", own?.status_message);
    const certificate = new X509Certificate(Buffer.from(own.id_certificate, "base64"));
    assert.deepEqual(certificate.publicKey.export({ type: "spki", format: "der" }), Buffer.from(this.key.publicKeyDer));
    this.identifier = own.product_instance_identifier;
    this.certificateSerial = serialNumberOf(certificate);
    this.validUntilMs = Date.parse(certificate.validTo);
  }

  authorizeData(
    usage: Readonly<Record<string, number>>,
    list: readonly { readonly device: ClassicDevice; readonly role: HaRole }[] = [{ device: this, role: "Active" }],
  ): RequestData<"AUTHORIZE"> {
    return {
      ...this.base(),
      hostname: "edge-1",
      software_tag_identifier: productTag,
      device_list: list.map(({ device, role }) => listed(device.udi, device.identifier, role)),
      entitlements: Object.entries(usage).map(([entitlement_tag, count]) => ({ entitlement_tag, count })),
    };
  }

  async authorize(usage: Readonly<Record<string, number>>, list?: Parameters<ClassicDevice["authorizeData"]>[1]) {
    return (await this.send("AUTHORIZE", this.authorizeData(usage, list))).answer;
  }

  renewData(key: DeviceKey = this.key): RequestData<"RENEW_ID"> {
    return {
      ...this.base(),
      hostname: "edge-1",
      software_tag_identifier: productTag,
      device_list: [
        {
          ...listed(this.udi, this.identifier, "Active"),
          csr: key.request,
          id_cert_sn: this.certificateSerial ?? "",
        },
      ],
    };
  }

  /** Takes over the new certificate, and the key where it is a new one. */
  async renew(key: DeviceKey = this.key): Promise<Answer<"RENEW_ID">> {
    const { answer } = await this.send("RENEW_ID", this.renewData(key));
    if (answer.statusCode === "OK" && answer.data.device_list[0]?.status_code === "OK") {
      this.key = key;
      this.takeOver(answer.data.device_list);
    }
    return answer;
  }

  convertData(
    licenses: readonly LegacyLicense[],
    devices: readonly ClassicDevice[] = [this],
  ): RequestData<"CONVERSION"> {
    return {
      ...this.base(),
      hostname: "edge-1",
      software_tag_identifier: productTag,
      device_list: devices.map(({ udi, identifier }) => ({
        ...{ sudi: sudiOf(udi), product_instance_identifier: identifier },
        licenses: [...licenses],
      })),
    };
  }

  /** What each device is answered: the verified word that it is converted, or the code of the refusal. */
  async convert(...given: Parameters<ClassicDevice["convertData"]>): Promise<readonly (Conversion | string)[]> {
    const { answer } = await this.send("CONVERSION", this.convertData(...given));
    assert.ok(answer.statusCode === "OK", answer.statusMessage);
    const { anchors, clock } = this.manager;
    return Promise.all(
      answer.data.device_list.map(({ sudi, smart_license, code }) => {
        if (smart_license === "") return code;
        const [object = assert.fail("an empty file")] = decodeSmartLicense(smart_license);
        return verifyConversion({ object, anchors, now: clock.now(), udi: udiOf(sudi) });
      }),
    );
  }

  async deregister(): Promise<Answer<"DEREGISTER">> {
    const data = { ...this.base(), device_list: [listed(this.udi, this.identifier, "Active")] };
    return (await this.send("DEREGISTER", data)).answer;
  }
}

function listed(udi: Udi, productInstanceIdentifier: string, role: HaRole) {
  return { sudi: sudiOf(udi), product_instance_identifier: productInstanceIdentifier, role };
}
