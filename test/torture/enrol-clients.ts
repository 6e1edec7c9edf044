// Devices with P-256 keys that have established trust and are ready to report.

import { parseCertificate } from "@countersign/protocol";
import { createDeviceKeys } from "../../bench/load/device-keys.ts";
import { createEnrollees } from "../../bench/load/enrolment-messages.ts";
import { type LoadTarget, openConnection } from "../../bench/load/keep-alive-connection.ts";
import { establishTrust } from "../../bench/load/trusted-instances.ts";
import type { AcknowledgedEntry } from "./acknowledged-list.ts";
import { ReportingClient } from "./reporting-client.ts";

export async function enrolClients(
  target: LoadTarget,
  token: string,
  count: number,
  onAcknowledged: (entries: readonly AcknowledgedEntry[]) => void,
): Promise<readonly ReportingClient[]> {
  const enrollees = createEnrollees("TOR", count, await createDeviceKeys("p-256", count));
  const connection = await openConnection(target);
  try {
    const instances = await establishTrust(connection, target.rootCertificatePem, token, enrollees);
    const root = parseCertificate(target.rootCertificatePem);
    return instances.map((instance) => new ReportingClient(instance, root, onAcknowledged));
  } finally {
    connection.close();
  }
}
