// The reviewed public surface of the protocol.

export * from "./account-info.ts";
export * from "./acknowledgement.ts";
export * from "./answer.ts";
export * from "./certificate.ts";
export * from "./envelope.ts";
export * from "./errors.ts";
export * from "./files/proof-file.ts";
export * from "./files/smart-license-file.ts";
export type { TrustRequest } from "./files/trust-request.ts";
export * from "./id-token.ts";
export * from "./identity.ts";
export * from "./inspect.ts";
export * from "./json.ts";
export * from "./ledger/merkle-proof.ts";
export * from "./ledger/merkle-tree.ts";
export * from "./ledger/tree-head.ts";
export * from "./limits.ts";
export * from "./messages/message-table.ts";
export type { DeviceAnswer, EnrollingDevice } from "./messages/request-data.ts";
export * from "./policy.ts";
export * from "./reporting-schedule.ts";
export * from "./request.ts";
export * from "./rum-report.ts";
export { check } from "./schema.ts";
export * from "./signature.ts";
export * from "./signed-object.ts";
export * from "./trust-code.ts";
