// How an exchange ends badly: nobody answered (transport), the answer cannot be believed (envelope, signature), or the
// manager said no (refused). One failure for each, with the stage that people and programs look at.

import { ProtocolError } from "@countersign/protocol";
import { AgentError } from "../agent-error.ts";
import type { PeerContact } from "../lifecycle/event.ts";
import type { Failure } from "../lifecycle/state.ts";
import { TransportFailure } from "../transport-failure.ts";

/** A verified answer that says no. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: string;
  readonly contact: PeerContact;
  readonly retryAfterSeconds: number;

  constructor(refusal: { code: string; message: string; contact: PeerContact; retryAfterSeconds: number }) {
    super(refusal.message);
    this.code = refusal.code;
    this.contact = refusal.contact;
    this.retryAfterSeconds = refusal.retryAfterSeconds;
  }
}

export function failureOf(error: unknown, atMs: number): Failure {
  if (error instanceof TransportFailure) return error.toFailure(atMs);
  if (error instanceof Refusal) return { stage: "refused", code: error.code, message: error.message, atMs };
  if (error instanceof ProtocolError) {
    return { stage: isAboutTrust(error) ? "signature" : "envelope", code: error.code, message: error.message, atMs };
  }
  if (error instanceof AgentError) return { stage: "signature", code: error.code, message: error.message, atMs };
  const message = error instanceof Error ? error.message : String(error);
  return { stage: "envelope", code: "internal_error", message, atMs };
}

const aboutTrust = /^(signature_|certificate_|nonce_|identity_|acknowledgement_|policy_replayed|request_type_mismatch)/;

function isAboutTrust(error: ProtocolError): boolean {
  return aboutTrust.test(error.code);
}
