// Members that every request's data has, and the device list that several have (MSG-2, MSG-15).

import * as v from "valibot";
import { sudiSchema } from "../identity.ts";
import { proofHashesSchema, treeHeadSchema } from "../ledger/tree-head.ts";
import { devicesPerInstallationMax, trustIdMax } from "../limits.ts";
import { haRoles } from "../rum-report.ts";
import { base64, decimalSerial, epochMs, nonce, tagText, text, uuidOrEmpty, wholeNumber } from "../schema.ts";

export const requestDataEntries = {
  sudi: sudiSchema,
  timestamp: epochMs,
  nonce,
  product_instance_identifier: uuidOrEmpty,
};

/** Members of every answer's data: the request's nonce and device, echoed. */
export const answerDataEntries = { nonce, sudi: sudiSchema };

/** What a device says about the ledger, to a manager that announces `LEDGER`; `refused_tree_head` until it was told once. */
export const ledgerRequestEntries = {
  known_tree_head: v.optional(treeHeadSchema),
  refused_tree_head: v.optional(treeHeadSchema),
};

/** Leads from the head that the request named to that of the ACK; there when the ACK's tree is the larger one. */
export const ledgerAnswerEntries = { consistency_proof: v.optional(proofHashesSchema) };

/** One device of the installation. `csr` is base64 of a DER PKCS#10 request, or "" when no new certificate is asked for. */
export const enrollingDeviceSchema = v.strictObject({
  sudi: sudiSchema,
  trust_id: v.pipe(wholeNumber, v.maxValue(trustIdMax)),
  role: v.picklist(haRoles),
  software_tag_identifier: tagText,
  product_instance_identifier: uuidOrEmpty,
  csr: base64,
  id_cert_sn: v.union([v.literal(""), decimalSerial]),
});
export type EnrollingDevice = v.InferOutput<typeof enrollingDeviceSchema>;

export const enrollingDeviceListSchema = v.pipe(
  v.array(enrollingDeviceSchema),
  v.minLength(1),
  v.maxLength(devicesPerInstallationMax),
);

/** What one device of a device list was given. `smart_license` is base64 of a licence file (spec/files.md), "" when refused. */
export const deviceAnswerSchema = v.strictObject({
  sudi: sudiSchema,
  product_instance_identifier: uuidOrEmpty,
  smart_license: base64,
  status_code: v.picklist(["OK", "FAILED"]),
  status_message: v.string(),
});
export type DeviceAnswer = v.InferOutput<typeof deviceAnswerSchema>;

export const hostname = text;
export const deviceAnswerListSchema = v.pipe(v.array(deviceAnswerSchema), v.maxLength(devicesPerInstallationMax));
