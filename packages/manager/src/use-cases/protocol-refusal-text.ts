// What is said publicly about a message that was refused for its form or signature: the documented text where there is one,
// otherwise the meaning and the wrong places. The checker's own words stay inside; they quote what was sent, tokens included.

import { ProtocolError, type ProtocolErrorCode, type RequestType } from "@countersign/protocol";

const documentedTexts: Partial<Record<ProtocolErrorCode, string>> = {
  signature_mismatch: "Data and signature do not match",
};

/** What the field's servers say to a deregistration of an on-prem device whose certificate ran out unnoticed. */
const documentedForDeregistration: Partial<Record<ProtocolErrorCode, string>> = {
  signature_missing: "LS_INVALID_DATA: Missing signing cert serial number field",
  signature_mismatch: "LS_INVALID_DATA: Signed data and certificate does not match",
};

const pathsMax = 10;

export function protocolRefusalText(error: ProtocolError, requestType: RequestType | null = null): string {
  const ofType = requestType === "DEREGISTER" ? documentedForDeregistration[error.code] : undefined;
  const documented = ofType ?? documentedTexts[error.code];
  if (documented !== undefined) return documented;
  const meaning = new ProtocolError(error.code).message;
  const paths = [...new Set(error.issues.map((issue) => issue.path))].slice(0, pathsMax);
  return paths.length === 0 ? meaning : `${meaning} Wrong: ${paths.join(", ")}.`;
}
