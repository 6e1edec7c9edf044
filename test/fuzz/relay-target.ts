// Lists of devices, as people write them for a relay.

import { parseDeviceList, RelayError } from "@countersign/relay";
import { type FuzzTarget, takesOrRefuses } from "./fuzz-target.ts";

const list = `name,url,user,password,fingerprint
edge-1,https://10.0.0.1:8443,ada,"a,""b",${"ab".repeat(32)}
edge-2,https://sw.example,bob,pw,
`;

export const relayTarget: FuzzTarget = {
  name: "list of devices of a relay",
  grammar: "csv",
  seeds: [Buffer.from(list)],
  feed: takesOrRefuses(
    (input) => parseDeviceList(input.toString("utf8")),
    (error) => error instanceof RelayError,
  ),
};
