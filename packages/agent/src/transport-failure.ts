// How an exchange fails before a manager's answer is there: one of the protocol's closed table, as an error.

import { type CommunicationFailureCode, communicationFailures, type FailureStage } from "@countersign/protocol";
import type { Failure } from "./lifecycle/state.ts";

export type TransportFailureCode = CommunicationFailureCode;

/** What an `Exchange` throws. `detail` is for people: an address, a status, a certificate's dates; never a secret. */
export class TransportFailure extends Error {
  override readonly name = "TransportFailure";
  readonly code: TransportFailureCode;
  readonly detail: string;

  constructor(code: TransportFailureCode, detail = "", options?: ErrorOptions) {
    super(
      detail === "" ? communicationFailures[code].text : `${communicationFailures[code].text} (${detail})`,
      options,
    );
    this.code = code;
    this.detail = detail;
  }

  get stage(): FailureStage {
    return communicationFailures[this.code].stage;
  }

  toFailure(atMs: number): Failure {
    return { stage: this.stage, code: this.code, message: this.message, atMs };
  }
}

export const transportFailureCodes = Object.keys(communicationFailures) as readonly TransportFailureCode[];
