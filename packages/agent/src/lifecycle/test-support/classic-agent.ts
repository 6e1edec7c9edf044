// A machine under test in the classic model, with a manager's answers.

import type { LegacyLicense, Udi } from "@countersign/protocol";
import { classicOf } from "../classic/classic-state.ts";
import { evaluationRemainingMs } from "../classic/standing.ts";
import type { ClassicResult, RegisteredDevice } from "../event.ts";
import { advantageTag, contact, DrivenAgent, dayMs } from "./driven-agent.ts";

const account = (agent: DrivenAgent) => ({ smartAccount: "Example", virtualAccount: "Lab", asOfMs: agent.now });

export const legacyLicense: LegacyLicense = {
  kind: "right_to_use",
  name: "ipservices",
  entitlement_tag: advantageTag,
  count: 1,
};

export class ClassicAgent extends DrivenAgent {
  static fresh(options: ConstructorParameters<typeof DrivenAgent>[0] = {}): ClassicAgent {
    const agent = new ClassicAgent({ ...options, licensingModel: "classic", softwareVersion: "16.12.4" });
    agent.send({ type: "booted", reason: "first" });
    return agent;
  }

  static registered(options: ConstructorParameters<typeof DrivenAgent>[0] = {}): ClassicAgent {
    const agent = ClassicAgent.fresh(options);
    agent.use(advantageTag, 1);
    agent.register();
    agent.answerRegistration();
    agent.answerAuthorize();
    agent.effects = [];
    return agent;
  }

  register(force = false): void {
    this.send({ type: "registration-requested", token: "token", force });
  }

  /** Gives every device that asked a certificate for a year. */
  answerRegistration(
    serial = "1",
    more: Partial<Extract<ClassicResult, { type: "registration-answered" }>> = {},
  ): void {
    const asked = this.effects.findLast((effect) => effect.type === "register" || effect.type === "renew-id");
    const devices = (asked?.devices ?? []).map(
      ({ udi, keyId }): RegisteredDevice => ({
        udi,
        keyId,
        productInstanceIdentifier: `piid-${udi.serialNumber}`,
        certificateSerial: serial,
        certificate: `certificate ${serial}`,
        expiresAtMs: this.now + 365 * dayMs,
      }),
    );
    this.send({
      type: "registration-answered",
      exchangeId: this.exchangeId,
      contact,
      devices,
      refused: [],
      account: account(this),
      exportControlAllowed: true,
      ...more,
    });
  }

  /** `short`: how many the account lacks of each tag that it lacks. */
  answerAuthorize(short: Readonly<Record<string, number>> = {}): void {
    const asked = this.effects.findLast((effect) => effect.type === "authorize");
    const entitlements = (asked?.entitlements ?? []).map(({ tag, count }) => {
      const shortfall = short[tag] ?? 0;
      const status = shortfall > 0 ? ("OUT_OF_COMPLIANCE" as const) : ("AUTHORIZED" as const);
      return { tag, count, status, shortfall };
    });
    const isShort = entitlements.some(({ shortfall }) => shortfall > 0);
    this.send({
      type: "classic-authorized",
      exchangeId: this.exchangeId,
      contact,
      entitlements,
      renewAfterSeconds: isShort ? 43_200 : 2_592_000,
      expiresAtMs: this.now + 90 * dayMs,
      account: account(this),
      exportControlAllowed: true,
    });
  }

  /** Of one right to use per device. */
  convert(...udis: readonly Udi[]): void {
    const converting = udis.map((udi) => ({ udi, licenses: [legacyLicense] }));
    this.send({ type: "conversion-requested", converting });
  }

  /** Says of every device that asked that it is converted, or why not. */
  answerConversion(refusal: string | null = null): void {
    const asked = this.effects.findLast((effect) => effect.type === "convert")?.converting ?? [];
    this.send({
      type: "conversion-answered",
      exchangeId: this.exchangeId,
      contact,
      given: refusal !== null ? [] : asked.map(({ udi }) => ({ udi, payload: "{}", virtualAccount: "Lab" })),
      refused: refusal === null ? [] : asked.map(({ udi }) => ({ udi, code: refusal, message: refusal })),
    });
  }

  answerDeregistration(): void {
    this.send({ type: "deregistered", exchangeId: this.exchangeId, contact });
  }

  refuse(code: string, message = code): void {
    this.fail({ stage: "refused", code, message });
  }

  get classic() {
    return classicOf(this.state);
  }

  get remainingMs(): number {
    return evaluationRemainingMs(this.state, this.now);
  }

  /** Lets time pass in which every exchange fails. */
  advanceInSilence(ms: number): void {
    const untilMs = this.now + ms;
    while (this.now < untilMs) {
      this.advance(Math.min(untilMs, Math.max(this.wakeAtMs, this.now + 1)) - this.now);
      if (this.requestType !== null) this.fail();
    }
  }
}
