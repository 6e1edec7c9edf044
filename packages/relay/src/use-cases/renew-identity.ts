// The relay's own certificate, renewed for the same key: the manager answers who asks again with the newest one of that key, so a
// lost answer, a crash before the write and a command beside the relay that serves all end with the same certificate.

import { TransportFailure } from "@countersign/agent";
import { ProtocolError } from "@countersign/protocol";
import type { Log } from "../logging/log.ts";
import { type Clock, type IdentityStore, ManagerRefusal, type RenewalNotes, type Renewer } from "../ports.ts";
import {
  afterRenewal,
  type CertificateView,
  certificateState,
  firstRenewal,
  isRenewalDue,
  type Renewal,
  type RenewalEvent,
} from "../renewal/renewal.ts";

export type RenewPorts = {
  readonly identity: IdentityStore;
  readonly notes: RenewalNotes;
  readonly renewer: Renewer;
  readonly clock: Clock;
  readonly log: Log;
};

export class RenewIdentity {
  readonly #ports: RenewPorts;
  #renewal: Renewal;

  constructor(ports: RenewPorts) {
    this.#ports = ports;
    this.#renewal = { ...firstRenewal, failure: ports.notes.renewalFailure() };
  }

  view(): CertificateView {
    const { identity, clock } = this.#ports;
    const validUntilMs = identity.validUntilMs();
    const { failure } = this.#renewal;
    return {
      validUntilMs,
      state: certificateState(validUntilMs, clock.now()),
      renewalFailure: failure?.code ?? null,
      renewalFailingSinceMs: failure?.sinceMs ?? null,
    };
  }

  /** Uses what a person has asked for beside the relay that serves; all that is left to do where the manager is not reached. */
  useStored(): void {
    if (this.view().state !== "valid" && this.#ports.identity.reload()) this.#note({ what: "renewed" });
  }

  /** Asks if it is time; a failure is logged once for each code, and waits for its next time. */
  async runIfDue(): Promise<void> {
    const { identity, clock, log } = this.#ports;
    this.useStored();
    if (!isRenewalDue(identity.validUntilMs(), this.#renewal, clock.now())) return;
    try {
      await this.renew();
    } catch (error) {
      const code = codeOf(error);
      if (code === null) throw error;
      if (this.#renewal.failure?.code !== code) log.warn("certificate_renewal_failed", { code });
      this.#note({ what: "failed", code });
    }
  }

  /** Asks now. Throws `TransportFailure`, `ProtocolError` or `ManagerRefusal`; then the certificate is the one that it was. */
  async renew(): Promise<"renewed" | "unchanged"> {
    const { identity, renewer, log } = this.#ports;
    const given = await renewer.renew();
    const what = (await identity.take(given)) ? "renewed" : "unchanged";
    if (what === "renewed") log.info("certificate_renewed", {});
    this.#note({ what });
    return what;
  }

  #note(event: RenewalEvent): void {
    const { failure: before } = this.#renewal;
    this.#renewal = afterRenewal(this.#renewal, event, this.#ports.clock.now());
    const { failure } = this.#renewal;
    // Last: a disk that takes nothing must not make it forget when to ask again.
    if (failure?.code !== before?.code) this.#ports.notes.noteRenewalFailure(failure);
  }
}

function codeOf(error: unknown): string | null {
  const isForeseen =
    error instanceof TransportFailure || error instanceof ProtocolError || error instanceof ManagerRefusal;
  if (isForeseen) return error.code;
  // The certificate is there and cannot be stored: the system's own name for why.
  return error instanceof Error && "syscall" in error && "code" in error ? String(error.code) : null;
}
