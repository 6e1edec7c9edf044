// A file that asks for trust, for a site without a connection (TOP-4): keys first, then one certificate request for each
// device that has no trust. The same devices ask with the same keys, however often the file is written (I9).

import { encodeLicenseFile, sudiOf } from "@countersign/protocol";
import { enrollingDevices } from "./exchange/establish-trust.ts";
import { hostnameOf, versionEntry } from "./exchange/what-is-told.ts";
import { activeMember, trustOf } from "./lifecycle/installation.ts";
import type { AgentState } from "./lifecycle/state.ts";
import type { KeyType } from "./ports.ts";
import type { RuntimePorts } from "./runtime.ts";

export type TrustRequestPorts = Pick<RuntimePorts, "clock" | "keys"> & { readonly keyType: KeyType };

/** Text of the licence file. The state has a key for each device that is asked for. */
export async function trustRequestFile(state: AgentState, ports: TrustRequestPorts): Promise<string> {
  const { installation } = state;
  const seekers = installation.members.flatMap((member) => {
    const trust = trustOf(state, member.udi);
    if (trust.status === "none") return [];
    return [{ ...member, keyId: trust.keyId, wantsCertificate: trust.status === "requested" }];
  });
  const trustRequest = {
    version: "1.0" as const,
    sudi: sudiOf(activeMember(state).udi),
    timestamp: ports.clock.now(),
    hostname: hostnameOf(state),
    software_tag_identifier: installation.productTag,
    ...versionEntry(state),
    device_list: await enrollingDevices(seekers, { ...ports, state }),
  };
  return encodeLicenseFile({ reports: [], managerObjects: [], systemInfo: null, trustRequest });
}
