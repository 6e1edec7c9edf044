// Generators of everything valid, from the corners of what the schemas allow.

import fc from "fast-check";
import type { AccountInfo } from "../account-info.ts";
import { type Acknowledgement, type ReportRefusal, reportRefusals } from "../acknowledgement.ts";
import { authorizedClasses, confirmationCodeOf, returnCodeOf } from "../authorization-code.ts";
import type { ConnectInfo } from "../envelope.ts";
import type { IdToken } from "../id-token.ts";
import type { Sudi, Tag } from "../identity.ts";
import { formatTag } from "../identity.ts";
import { countMax, nameCharactersMax, renewAfterSecondsMax } from "../limits.ts";
import type { AnswerData, RequestData, RequestType } from "../messages/message-table.ts";
import { licenseClasses, type Policy, type PolicyLayer, policyDemands, policySources } from "../policy.ts";
import { formatIdRanges, haRoles, type Measurement, type RumReport } from "../rum-report.ts";

export const uuid = fc.uuid();
export const uuidOrEmpty = fc.oneof(uuid, fc.constant(""));
export const sha256Hex = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString("hex"));
/** Names of any characters: UTF-16 code units count, as in the limit. */
export const name = fc.string({ unit: "binary", maxLength: 40 }).filter((text) => text.length <= nameCharactersMax);
export const nonEmptyName = name.filter((text) => text !== "");
export const wholeNumber = fc.maxSafeNat();
export const epochMs = fc.integer({ min: 0, max: 253_402_300_799_999 });
export const decimalId = fc.bigInt({ min: 0n, max: 99_999_999_999_999_999_999n }).map(String);
export const nonce = decimalId;
export const decimalSerial = fc.bigInt({ min: 1n, max: 2n ** 159n }).map(String);
export const base64 = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString("base64"));

const printable = "!\"#$%&'()*+-./0123456789:;<=>?@ABCXYZ[\\]^_`abcxyz{|}~";
const identityText = fc.string({ unit: fc.constantFrom(...printable), minLength: 1, maxLength: 64 });
export const sudi: fc.Arbitrary<Sudi> = fc.record({ udi_pid: identityText, udi_serial_number: identityText });

const label = fc.string({ unit: fc.constantFrom(..."abcXYZ019-_"), minLength: 1, maxLength: 12 });
export const tagParts: fc.Arbitrary<Tag> = fc.record({
  regid: fc
    .tuple(
      fc.integer({ min: 1000, max: 9999 }),
      fc.integer({ min: 1, max: 12 }),
      fc.array(label, { minLength: 1, maxLength: 3 }),
    )
    .map(([year, month, domain]) => `regid.${year}-${String(month).padStart(2, "0")}.${domain.join(".")}`),
  name: label,
  version: fc.constantFrom("1.0", "v1", "2_1"),
  uuid,
});
export const tag = tagParts.map(formatTag);

export const idToken: fc.Arbitrary<IdToken> = fc.record({
  uuid,
  expiresAtMs: fc.integer({ min: 1_000_000_000_000, max: 9_999_999_999_999 }),
  secret: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
});

export const ascendingIds = fc
  .uniqueArray(fc.oneof(fc.integer({ min: 0, max: 60 }), wholeNumber), { minLength: 1, maxLength: 60 })
  .map((ids) => ids.sort((one, other) => one - other));

const role = fc.constantFrom(...haRoles);
const optional: { requiredKeys: [] } = { requiredKeys: [] };
const digits = fc.integer({ min: -999_999_999_999, max: 999_999_999_999 }).map(String);
const measurement: fc.Arbitrary<Measurement> = fc
  .record({
    log_time: fc.integer({ min: 0, max: 253_402_300_799 }),
    start_time: fc.integer({ min: 0, max: 126_701_150_399 }),
    length: fc.integer({ min: 0, max: 126_701_150_399 }),
    num_samples: wholeNumber,
    meta: fc.record(
      {
        termination_reason: name,
        close_reason: name,
        clock_change_delta: digits,
        added_sudi_list: fc.array(sudi, { maxLength: 3 }),
        removed_sudi_list: fc.array(sudi, { maxLength: 3 }),
        merged_measurements: wholeNumber,
        merged_count_seconds: decimalId,
      },
      optional,
    ),
    count: fc.integer({ min: 0, max: countMax }),
  })
  .map(({ log_time, start_time, length, num_samples, meta, count }) => ({
    log_time,
    metric_name: "ENTITLEMENT",
    start_time,
    end_time: start_time + length,
    sample_interval: length,
    num_samples,
    meta,
    value: { type: "COUNT", value: String(count) },
  }));

export const rumReport: fc.Arbitrary<RumReport> = fc.record({
  version: fc.constant("2.0" as const),
  asset_identification: fc.record({
    report_id: wholeNumber,
    asset: fc.record({ name: tag }),
    instance: fc.record({ sudi, product_instance_identifier: uuidOrEmpty }, { requiredKeys: ["sudi"] }),
  }),
  meta: fc.record(
    {
      entitlement_tag: tag,
      utility_enabled: fc.boolean(),
      software_version: name,
      ha_udi: fc.array(fc.record({ role, sudi }), { minLength: 1, maxLength: 4 }),
      merged_report_ids: ascendingIds.map(formatIdRanges),
    },
    { requiredKeys: ["entitlement_tag", "utility_enabled", "software_version", "ha_udi"] },
  ),
  measurements: fc.array(measurement, { minLength: 1, maxLength: 4 }),
});

const acknowledgedReport = fc.oneof(
  fc.record({
    report_id: wholeNumber,
    payload_sha256: sha256Hex,
    outcome: fc.constantFrom("accepted" as const, "known" as const),
    leaf_index: wholeNumber,
  }),
  fc.record({
    report_id: fc.option(wholeNumber),
    payload_sha256: sha256Hex,
    outcome: fc.constant("refused" as const),
    code: fc.constantFrom(...(Object.keys(reportRefusals) as ReportRefusal[])),
    remedy: name,
  }),
);

export const acknowledgement: fc.Arbitrary<Acknowledgement> = fc.record({
  version: fc.constant("1.0" as const),
  product_instance_identifier: uuid,
  sudi,
  sequence: wholeNumber,
  acknowledged_at: epochMs,
  policy_version: wholeNumber,
  reports: fc.array(acknowledgedReport, { maxLength: 4 }),
  tree_head: fc.option(fc.record({ ledger_id: uuid, size: wholeNumber, root_sha256: sha256Hex })),
});

const days = fc.record({ value: fc.integer({ min: 0, max: 3650 }), source: fc.constantFrom(...policySources) });
const demands = fc.record({ first_report_days: days, reporting_frequency_days: days, report_on_change_days: days });
export const policy: fc.Arbitrary<Policy> = fc.record({
  version: fc.constant("1.0" as const),
  name: nonEmptyName,
  policy_version: wholeNumber,
  issued_at: epochMs,
  ack_required: fc.record({ value: fc.boolean(), source: fc.constantFrom(...policySources) }),
  classes: fc.record({ perpetual: demands, subscription: demands, enforced: demands, export: demands }),
});

const demandValues = Object.fromEntries(policyDemands.map((demand) => [demand, fc.integer({ min: 0, max: 400 })]));
const layerClasses = Object.fromEntries(licenseClasses.map((each) => [each, fc.record(demandValues, optional)]));
export const policyLayer = fc.record(
  {
    source: fc.constantFrom(...policySources),
    name: nonEmptyName,
    ackRequired: fc.boolean(),
    classes: fc.record(layerClasses, optional),
  },
  { requiredKeys: ["source"] },
) as fc.Arbitrary<PolicyLayer>;

export const accountInfo: fc.Arbitrary<AccountInfo> = fc.record({
  version: fc.constant("1.0" as const),
  product_instance_identifier: uuid,
  smart_account_name: nonEmptyName,
  virtual_account_name: nonEmptyName,
  as_of: epochMs,
});

export const connectInfo: fc.Arbitrary<ConnectInfo> = fc.record({
  name,
  version: name,
  production: fc.boolean(),
  additional_info: name,
  capabilities: fc.array(name, { maxLength: 8 }),
});

const requestCommon = { sudi, timestamp: epochMs, nonce, product_instance_identifier: uuidOrEmpty };
const enrollingDevice = fc.record({
  sudi,
  trust_id: fc.integer({ min: 0, max: 65_535 }),
  role,
  software_tag_identifier: tag,
  product_instance_identifier: uuidOrEmpty,
  csr: base64,
  id_cert_sn: fc.oneof(fc.constant(""), decimalSerial),
});
const enrollment = {
  ...requestCommon,
  hostname: name,
  software_tag_identifier: tag,
  software_version: name,
  device_list: fc.array(enrollingDevice, { minLength: 1, maxLength: 3 }),
};

const someDevices = { minLength: 1, maxLength: 3 };
const authorizedDevice = { sudi, product_instance_identifier: uuid };
const authorizedLicense = fc.record({
  entitlement_tag: tag,
  license_class: fc.constantFrom(...authorizedClasses),
  count: fc.integer({ min: 1, max: countMax }),
});
const confirmCode = nonEmptyName.map(confirmationCodeOf);
const returnCode = nonEmptyName.map(returnCodeOf);

const positive = fc.integer({ min: 1, max: countMax });
const registeredDevice = { ...authorizedDevice, role };
const registeredCommon = {
  ...requestCommon,
  product_instance_identifier: uuid,
  hostname: name,
  software_tag_identifier: tag,
};

/** Data of each request type. Usage carries builtin-shaped reports whose payloads are any text. */
const legacyLicense = fc.record({
  kind: fc.constantFrom("right_to_use" as const, "pak" as const),
  name: nonEmptyName,
  entitlement_tag: tag,
  count: positive,
});

export const requestData: { readonly [T in RequestType]: fc.Arbitrary<RequestData<T>> } = {
  ID_TOKEN_TRUST: fc.record({
    ...enrollment,
    token: nonEmptyName,
    mode: fc.constant("PERMANENT" as const),
    force: fc.boolean(),
  }),
  TRUST_SYNC: fc.record(enrollment),
  LICENSE_USAGE: fc.record({
    ...requestCommon,
    hostname: name,
    software_tag_identifier: tag,
    device_list: fc.array(fc.record({ sudi, product_instance_identifier: uuidOrEmpty, role }), {
      minLength: 1,
      maxLength: 3,
    }),
    rum_reports: fc.array(
      fc.record({
        payload: nonEmptyName,
        header: fc.constant({ type: "rum" as const }),
        signature: fc.record({ sudi, signing_type: fc.constant("builtin" as const), key: tag, value: base64 }),
      }),
      { maxLength: 3 },
    ),
  }),
  POLL_REQ: fc.record({
    ...requestCommon,
    original_request_type: fc.constant("LICENSE_USAGE" as const),
    original_piid: uuidOrEmpty,
    poll_id: decimalId,
  }),
  AUTHORIZATION_REQUEST: fc.record({
    ...requestCommon,
    hostname: name,
    software_tag_identifier: tag,
    software_version: name,
    device_list: fc.array(
      fc.record({
        ...authorizedDevice,
        mode: fc.constantFrom("add" as const, "replace" as const),
        keys: fc.uniqueArray(authorizedLicense, { minLength: 1, maxLength: 3, selector: (one) => one.entitlement_tag }),
        confirm_code: fc.oneof(fc.constant(""), confirmCode),
        remove_code: fc.oneof(fc.constant(""), returnCode),
      }),
      someDevices,
    ),
  }),
  AUTHORIZATION_CONFIRM: fc.record({
    ...requestCommon,
    device_list: fc.array(
      fc.record({ ...authorizedDevice, sequence: fc.maxSafeNat(), confirm_code: confirmCode }),
      someDevices,
    ),
  }),
  AUTHORIZATION_RETURN: fc.record({
    ...requestCommon,
    device_list: fc.array(
      fc.record({ ...authorizedDevice, sequence: fc.maxSafeNat(), return_code: returnCode }),
      someDevices,
    ),
  }),
  HELLO: fc.record(requestCommon),
  REGISTER: fc.record({ ...enrollment, token: nonEmptyName, force: fc.boolean() }),
  RENEW_ID: fc.record({
    ...registeredCommon,
    device_list: fc.array(
      fc.record({ ...registeredDevice, csr: base64.filter((text) => text !== ""), id_cert_sn: decimalSerial }),
      someDevices,
    ),
  }),
  AUTHORIZE: fc.record({
    ...registeredCommon,
    device_list: fc.array(fc.record(registeredDevice), someDevices),
    entitlements: fc.uniqueArray(fc.record({ entitlement_tag: tag, count: positive }), {
      maxLength: 3,
      selector: (one) => one.entitlement_tag,
    }),
  }),
  DEREGISTER: fc.record({
    ...requestCommon,
    product_instance_identifier: uuid,
    device_list: fc.array(fc.record(registeredDevice), someDevices),
  }),
  RELAYED_REQUESTS: fc.record({
    ...requestCommon,
    items: fc.array(
      fc.record({
        item_id: decimalId,
        kind: fc.constantFrom("message" as const, "usage-file" as const),
        received_at: epochMs,
        content: base64,
      }),
      someDevices,
    ),
  }),
  CONVERSION: fc.record({
    ...registeredCommon,
    device_list: fc.array(
      fc.record({
        sudi,
        product_instance_identifier: uuid,
        licenses: fc.uniqueArray(legacyLicense, {
          minLength: 1,
          maxLength: 3,
          selector: ({ kind, name: called }) => `${kind} ${called}`,
        }),
      }),
      someDevices,
    ),
  }),
};

const answerCommon = { nonce, sudi };
const deviceAnswer = {
  sudi,
  product_instance_identifier: uuidOrEmpty,
  smart_license: base64,
  status_code: fc.constantFrom("OK" as const, "FAILED" as const),
  status_message: name,
};
const deviceAnswers = fc.array(fc.record(deviceAnswer), { maxLength: 3 });
const authorizedAnswers = fc.array(
  fc.record({ ...deviceAnswer, code: fc.constantFrom("" as const, "authorization_unknown" as const) }),
  { maxLength: 3 },
);
const enrolled = {
  ...answerCommon,
  smart_account_name: nonEmptyName,
  pool_name: nonEmptyName,
  device_list: deviceAnswers,
};
const registration = {
  ...answerCommon,
  smart_account_name: nonEmptyName,
  pool_name: nonEmptyName,
  export_control_allowed: fc.boolean(),
};
const registered = {
  ...registration,
  device_list: fc.array(
    fc.record({
      sudi,
      product_instance_identifier: uuidOrEmpty,
      id_certificate: base64,
      chain: fc.array(base64, { maxLength: 4 }),
      status_code: fc.constantFrom("OK" as const, "FAILED" as const),
      status_message: name,
    }),
    { maxLength: 3 },
  ),
};
const judgedEntitlement = fc.oneof(
  fc.record({
    entitlement_tag: tag,
    count: positive,
    status: fc.constant("AUTHORIZED" as const),
    shortfall: fc.constant(0),
  }),
  fc.record({
    entitlement_tag: tag,
    count: positive,
    status: fc.constant("OUT_OF_COMPLIANCE" as const),
    shortfall: positive,
  }),
);

export const answerData: { readonly [T in RequestType]: fc.Arbitrary<AnswerData<T>> } = {
  ID_TOKEN_TRUST: fc.record(enrolled),
  TRUST_SYNC: fc.record(enrolled),
  LICENSE_USAGE: fc.record({ ...answerCommon, device_list: deviceAnswers }),
  POLL_REQ: fc.record({ ...answerCommon, device_list: deviceAnswers }),
  AUTHORIZATION_REQUEST: fc.record({ ...answerCommon, device_list: authorizedAnswers }),
  AUTHORIZATION_CONFIRM: fc.record({ ...answerCommon, device_list: authorizedAnswers }),
  AUTHORIZATION_RETURN: fc.record({ ...answerCommon, device_list: authorizedAnswers }),
  HELLO: fc.record({ ...answerCommon, server_time: epochMs }),
  REGISTER: fc.record(registered),
  RENEW_ID: fc.record(registered),
  AUTHORIZE: fc.record({
    ...registration,
    entitlements: fc.uniqueArray(judgedEntitlement, { maxLength: 3, selector: (one) => one.entitlement_tag }),
    renew_after_seconds: fc.integer({ min: 1, max: renewAfterSecondsMax }),
    expires_at: epochMs,
  }),
  DEREGISTER: fc.record(answerCommon),
  RELAYED_REQUESTS: fc.record({
    ...answerCommon,
    items: fc.array(fc.record({ item_id: decimalId, content: base64, code: name, remedy: name }), { maxLength: 3 }),
  }),
  CONVERSION: fc.record({
    ...answerCommon,
    device_list: fc.array(
      fc.record({ ...deviceAnswer, code: fc.constantFrom("" as const, "conversion_not_allowed" as const) }),
      { maxLength: 3 },
    ),
  }),
};
