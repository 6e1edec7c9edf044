// ID_TOKEN_TRUST: a token and one certificate request per device become product instances with ID certificates and trust codes.

import type { Environment } from "../ports.ts";
import { enrolByRequest, type InvitingRequest } from "./enrol-by-request.ts";
import { served } from "./reply.ts";
import type { ObjectSigner } from "./sign-objects.ts";
import { trustAnswer } from "./trust-answer.ts";
import type { CarriedBy, DeviceReply } from "./use-cases.ts";

export type TrustPorts = {
  readonly environment: Environment;
  readonly signer: ObjectSigner;
  /** The relay that brought the request, and stands for devices that have no token (TRU-9). */
  readonly vouching?: CarriedBy;
};

/** `tenant` is what the address says about where a device without a token belongs. */
export async function establishTrust(
  request: InvitingRequest<"ID_TOKEN_TRUST">,
  ports: TrustPorts,
  tenant?: string | undefined,
): Promise<DeviceReply> {
  const asked = { tenant, vouching: ports.vouching };
  const { data, enrolment, productInstanceIdentifier } = await enrolByRequest(request, ports.environment, asked);
  return served({ data: await trustAnswer(data, enrolment, ports), productInstanceIdentifier });
}
