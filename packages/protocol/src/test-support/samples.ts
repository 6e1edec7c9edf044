// One valid example of everything, in invented values. Tests vary one member at a time.

import type { AccountInfo } from "../account-info.ts";
import type { Acknowledgement } from "../acknowledgement.ts";
import { type AuthorizationCode, returnCodeOf } from "../authorization-code.ts";
import { encodeCertificate } from "../certificate.ts";
import type { Conversion, LegacyLicense } from "../conversion.ts";
import { agentCapabilities, type ConnectInfo, managerCapabilities } from "../envelope.ts";
import type { TrustRequest } from "../files/trust-request.ts";
import type { Sudi } from "../identity.ts";
import type { SignedTreeHead } from "../ledger/tree-head.ts";
import type { AuthorizationWish } from "../messages/authorization.ts";
import type { AnswerData, RequestData, RequestType } from "../messages/message-table.ts";
import { mergePolicy, type Policy } from "../policy.ts";
import type { RumReport } from "../rum-report.ts";
import type { TrustCode } from "../trust-code.ts";
import { type TestIdentity, testNow } from "./certificates.ts";

export const sudi: Sudi = { udi_pid: "EDGE-24", udi_serial_number: "EXA00000001" };
export const otherSudi: Sudi = { udi_pid: "EDGE-24", udi_serial_number: "EXA00000002" };
export const piid = "00000000-0000-4000-8000-000000000001";
export const otherPiid = "00000000-0000-4000-8000-000000000002";
export const productTag = "regid.2031-01.org.example.EDGE_SW,1.0_00000000-0000-4000-8000-0000000000a1";
export const entitlementTag = "regid.2031-01.org.example.EDGE_BASE,1.0_00000000-0000-4000-8000-0000000000b2";
/** Beyond 2^63, so that whoever reads it as a number shows it. */
export const nonce = "12345678901234567890";

export const agentConnectInfo: ConnectInfo = {
  name: "C_agent",
  version: "1.0.0_rel/1",
  production: true,
  additional_info: "",
  capabilities: [...agentCapabilities],
};
export const managerConnectInfo: ConnectInfo = {
  name: "SSM",
  version: "1.3",
  production: true,
  additional_info: "",
  capabilities: [...managerCapabilities],
};

const common = { sudi, timestamp: testNow, nonce, product_instance_identifier: piid };
const enrolling = {
  sudi,
  trust_id: 612,
  role: "Active" as const,
  software_tag_identifier: productTag,
  product_instance_identifier: "",
  csr: "MIIBAA==",
  id_cert_sn: "",
};

/** What a device without a connection asks for, by file. */
export const trustRequest: TrustRequest = {
  version: "1.0",
  sudi,
  timestamp: testNow,
  hostname: "edge-1",
  software_tag_identifier: productTag,
  software_version: "1.0.0",
  device_list: [enrolling],
};

export const exportTag = "regid.2031-01.org.example.EDGE_HSEC,1.0_00000000-0000-4000-8000-0000000000c3";
const exportLicense = { entitlement_tag: exportTag, license_class: "export" as const, count: 1 };

export const authorizationCode: AuthorizationCode = {
  version: "1.0",
  product_instance_identifier: piid,
  sudi,
  sequence: 7,
  issued_at: testNow,
  licenses: [exportLicense, { entitlement_tag: entitlementTag, license_class: "enforced", count: 2 }],
};

export const authorizationWish: AuthorizationWish = {
  sudi,
  product_instance_identifier: piid,
  mode: "add",
  keys: [exportLicense],
  confirm_code: "",
  remove_code: "",
};
const returnCode = returnCodeOf(JSON.stringify(authorizationCode));

const registered = { sudi, product_instance_identifier: piid, role: "Active" as const };

const legacyLicenses: LegacyLicense[] = [
  { kind: "right_to_use", name: "ipservices", entitlement_tag: entitlementTag, count: 1 },
  { kind: "pak", name: "EXAPAK00001", entitlement_tag: exportTag, count: 2 },
];

export const conversion: Conversion = {
  version: "1.0",
  sudi,
  smart_account_name: "Example Corp",
  virtual_account_name: "Lab",
  converted_at: testNow,
  licenses: legacyLicenses,
};

/** One valid data object per request type. LICENSE_USAGE carries no report; tests add signed ones. */
export const requestDataSamples: { readonly [T in RequestType]: RequestData<T> } = {
  ID_TOKEN_TRUST: {
    ...common,
    product_instance_identifier: "",
    hostname: "edge-1",
    token: "dG9rZW4%3D%0A",
    mode: "PERMANENT",
    force: false,
    software_tag_identifier: productTag,
    software_version: "1.0.0",
    device_list: [enrolling],
  },
  TRUST_SYNC: {
    ...common,
    hostname: "edge-1",
    software_tag_identifier: productTag,
    device_list: [{ ...enrolling, product_instance_identifier: piid, id_cert_sn: "1048581" }],
  },
  LICENSE_USAGE: {
    ...common,
    hostname: "edge-1",
    software_tag_identifier: productTag,
    device_list: [{ sudi, product_instance_identifier: piid, role: "Active" }],
    rum_reports: [],
  },
  POLL_REQ: { ...common, original_request_type: "LICENSE_USAGE", original_piid: piid, poll_id: "9223372036854775809" },
  AUTHORIZATION_REQUEST: {
    ...common,
    hostname: "edge-1",
    software_tag_identifier: productTag,
    device_list: [authorizationWish],
  },
  AUTHORIZATION_CONFIRM: {
    ...common,
    device_list: [{ sudi, product_instance_identifier: piid, sequence: 7, confirm_code: "0a1b2c3d" }],
  },
  AUTHORIZATION_RETURN: {
    ...common,
    device_list: [{ sudi, product_instance_identifier: piid, sequence: 7, return_code: returnCode }],
  },
  HELLO: common,
  REGISTER: {
    ...common,
    product_instance_identifier: "",
    hostname: "edge-1",
    token: "dG9rZW4%3D%0A",
    force: false,
    software_tag_identifier: productTag,
    software_version: "16.12.4",
    device_list: [enrolling],
  },
  RENEW_ID: {
    ...common,
    hostname: "edge-1",
    software_tag_identifier: productTag,
    device_list: [{ ...registered, csr: "MIIBAA==", id_cert_sn: "1048581" }],
  },
  AUTHORIZE: {
    ...common,
    hostname: "edge-1",
    software_tag_identifier: productTag,
    device_list: [registered],
    entitlements: [{ entitlement_tag: entitlementTag, count: 2 }],
  },
  DEREGISTER: { ...common, device_list: [registered] },
  RELAYED_REQUESTS: {
    ...common,
    items: [
      { item_id: "1", kind: "message", received_at: testNow - 7_200_000, content: "e30=" },
      { item_id: "18446744073709551615", kind: "usage-file", received_at: testNow, content: "PGEvPg==" },
    ],
  },
  CONVERSION: {
    ...common,
    hostname: "edge-1",
    software_tag_identifier: productTag,
    device_list: [{ sudi, product_instance_identifier: piid, licenses: legacyLicenses }],
  },
};

const device = {
  sudi,
  product_instance_identifier: piid,
  smart_license: "",
  status_code: "OK" as const,
  status_message: "OK",
};

const authorized = { nonce, sudi, device_list: [{ ...device, code: "" as const }] };

const accountNames = { smart_account_name: "Example Corp", pool_name: "Lab", export_control_allowed: true };
const registration = {
  nonce,
  sudi,
  ...accountNames,
  device_list: [
    {
      sudi,
      product_instance_identifier: piid,
      id_certificate: "MIIBAA==",
      chain: ["MIIBAA=="],
      status_code: "OK" as const,
      status_message: "OK",
    },
  ],
};

export const answerDataSamples: { readonly [T in RequestType]: AnswerData<T> } = {
  ID_TOKEN_TRUST: {
    nonce,
    sudi,
    smart_account_name: "Example Corp",
    pool_name: "Lab Virtual Account",
    device_list: [device],
  },
  TRUST_SYNC: { nonce, sudi, smart_account_name: "Example Corp", pool_name: "Lab", device_list: [device] },
  LICENSE_USAGE: { nonce, sudi, device_list: [device] },
  POLL_REQ: { nonce, sudi, device_list: [device] },
  AUTHORIZATION_REQUEST: authorized,
  AUTHORIZATION_CONFIRM: authorized,
  AUTHORIZATION_RETURN: authorized,
  HELLO: { nonce, sudi, server_time: testNow },
  REGISTER: registration,
  RENEW_ID: registration,
  AUTHORIZE: {
    nonce,
    sudi,
    ...accountNames,
    entitlements: [
      { entitlement_tag: entitlementTag, count: 2, status: "OUT_OF_COMPLIANCE", shortfall: 1 },
      { entitlement_tag: exportTag, count: 1, status: "AUTHORIZED", shortfall: 0 },
    ],
    renew_after_seconds: 43_200,
    expires_at: testNow + 7_776_000_000,
  },
  DEREGISTER: { nonce, sudi },
  RELAYED_REQUESTS: {
    nonce,
    sudi,
    items: [
      { item_id: "1", content: "e30=", code: "", remedy: "" },
      { item_id: "18446744073709551615", content: "", code: "file_malformed", remedy: "Export the file again." },
    ],
  },
  CONVERSION: { nonce, sudi, device_list: [{ ...device, code: "" }] },
};

export const rumReport: RumReport = {
  version: "2.0",
  asset_identification: { report_id: 1_900_000_042, asset: { name: productTag }, instance: { sudi } },
  meta: {
    entitlement_tag: entitlementTag,
    utility_enabled: false,
    software_version: "1.0.0",
    ha_udi: [{ role: "Active", sudi }],
  },
  measurements: [
    {
      log_time: 1_900_001_000,
      metric_name: "ENTITLEMENT",
      start_time: 1_900_001_000,
      end_time: 1_900_037_000,
      sample_interval: 36_000,
      num_samples: 41,
      meta: {},
      value: { type: "COUNT", value: "2" },
    },
  ],
};

export const acknowledgement: Acknowledgement = {
  version: "1.0",
  product_instance_identifier: piid,
  sudi,
  sequence: 7,
  acknowledged_at: testNow,
  policy_version: 3,
  reports: [{ report_id: 1_900_000_042, payload_sha256: "a".repeat(64), outcome: "accepted", leaf_index: 11 }],
  tree_head: { ledger_id: otherPiid, size: 12, root_sha256: "b".repeat(64) },
};

export const treeHead: SignedTreeHead = {
  version: "1.0",
  ledger_id: otherPiid,
  size: 12,
  root_sha256: "b".repeat(64),
  signed_at: testNow,
};

export const policy: Policy = mergePolicy(
  [{ source: "account", name: "Example Policy", classes: { perpetual: { reporting_frequency_days: 60 } } }],
  { policyVersion: 3, issuedAtMs: testNow },
);

export const accountInfo: AccountInfo = {
  version: "1.0",
  product_instance_identifier: piid,
  smart_account_name: "Example Corp",
  virtual_account_name: "Lab",
  as_of: testNow,
};

export function trustCode(idCertificate: TestIdentity, issuing: TestIdentity): TrustCode {
  return {
    version: "1.0",
    product_instance_identifier: piid,
    installation_identifier: otherPiid,
    sudi,
    trust_id: 612,
    smart_account_name: "Example Corp",
    virtual_account_name: "Lab",
    issued_at: testNow,
    id_certificate: encodeCertificate(idCertificate.certificate),
    chain: [encodeCertificate(issuing.certificate)],
    export_control_allowed: false,
  };
}
