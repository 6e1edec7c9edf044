// Signs what the manager hands out, always after the transaction that made it durable.

import {
  type AccountInfo,
  encodeAccountInfo,
  encodePolicy,
  encodeTrustCode,
  type ManagerObject,
  serialNumberOf,
  signManagerObject,
  type TrustCode,
} from "@countersign/protocol";
import type { StoredAuthorization } from "../authorizations/authorization.ts";
import { policyInForce, versionInForce } from "../policies/policy-setting.ts";
import type { SigningIdentitySource } from "../ports.ts";
import type { PolicyReader } from "../storage-ports.ts";
import { BoundedCache } from "../trust/bounded-cache.ts";
import type { Installation } from "../trust/product-instance.ts";
import type { StoredAcknowledgement } from "../usage/stored-report.ts";

const policiesKeptMax = 1000;

export class ObjectSigner {
  readonly #signing: SigningIdentitySource;
  readonly #policies: PolicyReader;
  /** One policy goes to many installations, so its signature is made once. */
  readonly #signedPolicies = new BoundedCache<string, Promise<ManagerObject>>(policiesKeptMax);

  constructor(signing: SigningIdentitySource, policies: PolicyReader) {
    this.#signing = signing;
    this.#policies = policies;
  }

  acknowledgement(stored: Pick<StoredAcknowledgement, "payload">): Promise<ManagerObject> {
    return signManagerObject("ack", stored.payload, this.#signing.current());
  }

  /** `payload` is what `encodeTreeHead` makes. */
  treeHead(payload: string): Promise<ManagerObject> {
    return signManagerObject("tree-head", payload, this.#signing.current());
  }

  trustCode(code: TrustCode): Promise<ManagerObject> {
    return signManagerObject("trust", encodeTrustCode(code), this.#signing.current());
  }

  /** The text that is stored, signed anew; who has it once has it again. */
  authorization({ payload }: Pick<StoredAuthorization, "payload">): Promise<ManagerObject> {
    return signManagerObject("auth", payload, this.#signing.current());
  }

  /** `payload` is the text that is stored: who was converted has the same word again. */
  conversion(payload: string): Promise<ManagerObject> {
    return signManagerObject("conversion", payload, this.#signing.current());
  }

  accountInfo(info: AccountInfo): Promise<ManagerObject> {
    return signManagerObject("account", encodeAccountInfo(info), this.#signing.current());
  }

  /** The policy in force for an installation. */
  async policyFor(
    installation: Pick<Installation, "smartAccountId" | "virtualAccountId" | "policyVersionFloor">,
  ): Promise<ManagerObject> {
    const { smartAccountId, virtualAccountId, policyVersionFloor: floor } = installation;
    const settings = await this.#policies.listPolicySettings(smartAccountId);
    const version = versionInForce(settings, virtualAccountId, floor);
    const identity = this.#signing.current();
    const key = `${smartAccountId} ${virtualAccountId} ${version} ${serialNumberOf(identity.certificate)}`;
    let signed = this.#signedPolicies.get(key);
    if (signed === undefined) {
      signed = signManagerObject("policy", encodePolicy(policyInForce(settings, virtualAccountId, floor)), identity);
      signed.catch(() => this.#signedPolicies.delete(key));
      this.#signedPolicies.set(key, signed);
    }
    return signed;
  }
}
