// ID_TOKEN_TRUST: a token and one certificate request per device become product instances with ID certificates and trust codes.

import type { Environment } from "../ports.ts";
import { enrolByRequest, type InvitingRequest } from "./enrol-by-request.ts";
import { served } from "./reply.ts";
import type { ObjectSigner } from "./sign-objects.ts";
import { trustAnswer } from "./trust-answer.ts";
import type { DeviceReply } from "./use-cases.ts";

export type TrustPorts = { readonly environment: Environment; readonly signer: ObjectSigner };

/** `tenant` is what the address says about where a device without a token belongs. */
export async function establishTrust(
  request: InvitingRequest<"ID_TOKEN_TRUST">,
  ports: TrustPorts,
  tenant?: string | undefined,
): Promise<DeviceReply> {
  const { data, enrolment, productInstanceIdentifier } = await enrolByRequest(request, ports.environment, tenant);
  return served({ data: await trustAnswer(data, enrolment, ports), productInstanceIdentifier });
}
