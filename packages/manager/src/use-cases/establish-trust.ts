// ID_TOKEN_TRUST: a token and one certificate request per device become product instances with ID certificates and trust codes.

import type { Environment } from "../ports.ts";
import { enrolByToken, type TokenRequest } from "./enrol-by-token.ts";
import { served } from "./reply.ts";
import type { ObjectSigner } from "./sign-objects.ts";
import { trustAnswer } from "./trust-answer.ts";
import type { DeviceReply } from "./use-cases.ts";

export type TrustPorts = { readonly environment: Environment; readonly signer: ObjectSigner };

export async function establishTrust(request: TokenRequest<"ID_TOKEN_TRUST">, ports: TrustPorts): Promise<DeviceReply> {
  const { data, enrolment, productInstanceIdentifier } = await enrolByToken(request, ports.environment);
  return served({ data: await trustAnswer(data, enrolment, ports), productInstanceIdentifier });
}
