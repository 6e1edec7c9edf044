// ID_TOKEN_TRUST: keys first, then one certificate request per device, then nothing is believed before it is verified.
// Every attempt uses the same keys, so that a repetition after a lost answer gets the same result (I9).

import type { EnrollingDevice } from "@countersign/protocol";
import { sudiOf } from "@countersign/protocol";
import type { AgentEffect, TrustSeeker } from "../lifecycle/effect.ts";
import type { ExchangeEvent } from "../lifecycle/event.ts";
import { type ExchangeContext, installedTrust } from "./exchange-context.ts";
import { readTrustAnswer } from "./read-trust-answer.ts";
import { sendRequest } from "./send-request.ts";
import { hostnameOf, versionEntry } from "./what-is-told.ts";

export async function establishTrust(
  effect: Extract<AgentEffect, { type: "establish-trust" }>,
  context: ExchangeContext,
): Promise<ExchangeEvent> {
  const { exchangeId, devices } = effect;
  const { installation } = context.state;
  const { answer, contact } = await sendRequest(
    {
      requestType: "ID_TOKEN_TRUST",
      kind: "trust_establishment",
      // The manager may not know the key any more: that is why trust is sought.
      isSigned: false,
      data: {
        hostname: hostnameOf(context.state),
        ...(effect.token === null ? {} : { token: effect.token }),
        mode: "PERMANENT",
        force: effect.force,
        software_tag_identifier: installation.productTag,
        ...versionEntry(context.state),
        device_list: await enrollingDevices(devices, context),
      },
    },
    context,
  );
  if (answer.statusCode !== "OK")
    return { type: "try-again", exchangeId, contact, afterSeconds: answer.retryTimeSeconds };
  return {
    type: "trust-answered",
    exchangeId,
    contact,
    ...(await readTrustAnswer(answer.data.device_list, devices, context)),
  };
}

/** Makes the keys that are missing and names every device, as for trust sync. */
export async function enrollingDevices(
  devices: readonly TrustSeeker[],
  context: Pick<ExchangeContext, "state" | "keys" | "keyType">,
): Promise<EnrollingDevice[]> {
  const enrolling: EnrollingDevice[] = [];
  for (const device of devices) {
    const trust = installedTrust(context.state, device.udi);
    enrolling.push({
      sudi: sudiOf(device.udi),
      trust_id: device.trustId,
      role: device.role,
      software_tag_identifier: context.state.installation.productTag,
      product_instance_identifier: trust?.productInstanceIdentifier ?? "",
      csr: device.wantsCertificate ? await certificateRequest(device, context) : "",
      id_cert_sn: trust?.certificateSerial ?? "",
    });
  }
  return enrolling;
}

async function certificateRequest(
  device: TrustSeeker,
  { keys, keyType }: Pick<ExchangeContext, "keys" | "keyType">,
): Promise<string> {
  if (!(await keys.has(device.keyId))) await keys.create(device.keyId, keyType);
  return keys.certificateRequest(device.keyId, device.udi);
}
