// ID_TOKEN_TRUST: a token and one certificate request per device become product instances with ID certificates and trust codes.

import type { Environment } from "../ports.ts";
import { enrolByRequest, type InvitingRequest } from "./enrol-by-request.ts";
import { served } from "./reply.ts";
import type { ObjectSigner } from "./sign-objects.ts";
import { trustAnswer } from "./trust-answer.ts";
import type { DeviceReply, DeviceRequestLimits } from "./use-cases.ts";

export type TrustPorts = {
  readonly environment: Environment;
  readonly signer: ObjectSigner;
};

/** A relay that brought the request stands for devices that have no token (TRU-9); `tenant` says where others without one belong. */
export async function establishTrust(
  request: InvitingRequest<"ID_TOKEN_TRUST">,
  ports: TrustPorts,
  { tenant, carriedBy }: Pick<DeviceRequestLimits, "tenant" | "carriedBy"> = {},
): Promise<DeviceReply> {
  const asked = { tenant, vouching: carriedBy };
  const { data, enrolment, productInstanceIdentifier } = await enrolByRequest(request, ports.environment, asked);
  return served({ data: await trustAnswer(data, enrolment, ports), productInstanceIdentifier });
}
