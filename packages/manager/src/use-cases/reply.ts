// Device replies: the content of an answer, before the HTTP side signs and sends it.

import type { AnswerContent, ProtocolError, RequestType, StatusCode } from "@countersign/protocol";
import { type DeviceRefusal, deviceRefusals } from "../errors.ts";
import { protocolRefusalText } from "./protocol-refusal-text.ts";
import type { DeviceReply, ReportCounts } from "./use-cases.ts";

const noReports: ReportCounts = { accepted: 0, known: 0, refused: 0 };

export type ServedReply = {
  readonly statusCode?: StatusCode;
  readonly data: object;
  readonly productInstanceIdentifier: string;
  readonly reports?: ReportCounts;
};

export function served(reply: ServedReply): DeviceReply {
  const statusCode = reply.statusCode ?? "OK";
  const content: AnswerContent = {
    statusCode,
    // As the field's servers do it: the word again (MSG-3).
    statusMessage: statusCode,
    retryTimeSeconds: 0,
    data: reply.data,
  };
  return {
    content,
    productInstanceIdentifier: reply.productInstanceIdentifier,
    refusal: null,
    reports: reply.reports ?? noReports,
  };
}

/** The refusal as the device sees it: documented text, our code and remedy beside it. */
export function refusedBy(refusal: DeviceRefusal, productInstanceIdentifier: string): DeviceReply {
  return refused(refusal.publicText, { code: refusal.code, remedy: refusal.remedy }, productInstanceIdentifier);
}

export function refusedByProtocol(
  error: ProtocolError,
  productInstanceIdentifier: string,
  requestType: RequestType,
): DeviceReply {
  return refused(
    protocolRefusalText(error, requestType),
    { code: error.code, remedy: error.remedy },
    productInstanceIdentifier,
  );
}

/** Too much work is waiting: nothing was done, and the device is told when to come back. */
export function tryAgain(retryTimeSeconds: number, productInstanceIdentifier: string): DeviceReply {
  const { meaning, remedy } = deviceRefusals.overloaded;
  const data = { code: "overloaded", remedy };
  const content: AnswerContent = { statusCode: "OK_TRY_AGAIN", statusMessage: meaning, retryTimeSeconds, data };
  return { content, productInstanceIdentifier, refusal: "overloaded", reports: noReports };
}

function refused(
  statusMessage: string,
  data: { readonly code: string; readonly remedy: string },
  productInstanceIdentifier: string,
): DeviceReply {
  const content: AnswerContent = { statusCode: "FAILED", statusMessage, retryTimeSeconds: 0, data };
  return { content, productInstanceIdentifier, refusal: data.code, reports: noReports };
}
