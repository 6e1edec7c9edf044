// TRUST_SYNC: trust for members that joined later, renewal near expiry, and the newest policy and account names.
// Signed by a trusted device, which vouches for the members it lists; no token is needed or used.

import { assert, formatUdi, type RequestData, type UnverifiedRequest } from "@countersign/protocol";
import type { Environment } from "../ports.ts";
import { type EnrolmentWish, enrolDevices } from "./enrol-devices.ts";
import { served } from "./reply.ts";
import { decodeTimely } from "./request-clock.ts";
import { requireSender, type Sender, type SenderDirectory } from "./sender.ts";
import type { ObjectSigner } from "./sign-objects.ts";
import { trustAnswer } from "./trust-answer.ts";
import type { DeviceReply } from "./use-cases.ts";
import { type RequestedDevice, readDevices } from "./wanted-devices.ts";

export type TrustSyncPorts = {
  readonly environment: Environment;
  readonly directory: SenderDirectory;
  readonly signer: ObjectSigner;
};
type SyncRequest = UnverifiedRequest & { readonly requestType: "TRUST_SYNC" };

export async function syncTrust(request: SyncRequest, ports: TrustSyncPorts): Promise<DeviceReply> {
  const { environment, directory } = ports;
  const now = environment.clock.now();
  // A certificate that ran out while a device was in storage is renewed here, without a visit.
  const sender = await requireSender(request, { directory, now, mayBeExpired: true, mustBeCurrent: true });
  const data = decodeTimely(request, now);
  const devices = await readDevices(data.device_list, data.sudi, environment.issuer);
  const own = devices.find((device) => formatUdi(device.udi) === formatUdi(sender.instance.udi));
  assert(own !== undefined, "a device list names its sender");
  const enrolment = await enrolDevices(wishOf(request, data, sender, devices, own, environment), environment);
  const { productInstanceIdentifier } = sender.instance;
  return served({ data: await trustAnswer(data, enrolment, ports), productInstanceIdentifier });
}

function wishOf(
  request: SyncRequest,
  data: RequestData<"TRUST_SYNC">,
  sender: Sender,
  devices: readonly RequestedDevice[],
  own: RequestedDevice,
  { clock, options }: Environment,
): EnrolmentWish {
  const { smartAccountId, virtualAccountId, installationId, productInstanceIdentifier } = sender.instance;
  const { renewBeforeMs } = options;
  return {
    smartAccountId,
    tokenId: null,
    model: "policy",
    devices,
    sender: own,
    cause: { kind: "message", requestType: request.requestType, nonce: data.nonce, productInstanceIdentifier },
    admissionOf: async () => ({ by: "member", virtualAccountId, now: clock.now(), renewBeforeMs }),
    write: {
      virtualAccountId,
      // A new member may do what the one that vouches for it may do.
      exportControlAllowed: sender.instance.exportControlAllowed,
      hostname: data.hostname,
      softwareVersion: data.software_version ?? "",
      installationId,
      movesInstallation: false,
    },
    settle: async () => undefined,
  };
}
