// Reports leave the device signed: with the sender's key when there is trust, else with a bare hash that proves no
// identity and says so. What was signed keeps its payload for ever; only the signature may be renewed by a newer key.

import { type SignedReport, signReport, sudiOf } from "@countersign/protocol";
import type { SignBody } from "../ports.ts";
import { payloadOf } from "../report-draft.ts";
import { type ExchangeContext, senderOf } from "./exchange-context.ts";

type SigningContext = Pick<ExchangeContext, "state" | "keys">;

export async function reportSigner(context: SigningContext): Promise<SignBody> {
  const { udi, trust } = senderOf(context.state);
  const sudi = sudiOf(udi);
  if (trust === null) {
    const by = { kind: "builtin", sudi, productTag: context.state.installation.productTag } as const;
    return async (body) => (body.kind === "signed" ? body.report : signReport(payloadOf(body.report, ""), by));
  }
  const signer = await context.keys.signer(trust.keyId);
  const by = { kind: "trust", sudi, certificateSerial: trust.certificateSerial, signer } as const;
  return async (body) => {
    if (body.kind === "draft") return signReport(payloadOf(body.report, trust.productInstanceIdentifier), by);
    return isSignedBy(body.report, trust.certificateSerial) ? body.report : signReport(body.report.payload, by);
  };
}

function isSignedBy(report: SignedReport, certificateSerial: string): boolean {
  return report.signature.signing_type === "trust" && report.signature.key === certificateSerial;
}
