// What people give the doctor: pasted sessions and captures, whole or damaged.

import { diagnose, readCapture, readSession } from "@countersign/doctor";
import type { FuzzTarget } from "./fuzz-target.ts";

const session = `sw1#show license tech support
Smart Licensing Using Policy:
  Status: ENABLED
Trust Code Installed:
  Active: PID:C9300-24P,SN:ABC1
    INSTALLED on Jan 24 12:00:00 2031 UTC
Usage Reporting:
  Attempts: Total=2, Success=0, Fail=2  Ongoing Failure: Overall=2 Communication=2
  Last Response: NO REPLY on Jan 24 12:00:00 2031 UTC
    Failure Reason: {"timestamp":["The device date '1526135268653' is offset beyond the allowed tolerance limit."]}
sw1#telnet licences.example.org 443
Trying licences.example.org (192.0.2.7, 443)... Open
Aug 22 12:13:08.425: %SMART_LIC-3-COMM_FAILED: Communications failure with the CSSM : Connection timed out
Current configuration : 4711 bytes
call-home
 profile "Own"
  destination address http https://onprem.example.org/Transportgateway/services/DeviceRequestHandler
end
`;

/** pcap of Ethernet: SYN, SYN and ACK, and a TLS alert of the client. */
const capture = [
  "d4c3b2a1020004000000000000000000ffff000001000000",
  "0100000000000000360000003600000000000000000000000000000008004500002800000000400600c0000002c6336407",
  "0000579901bb000003e80000000050020000000000000000",
  "0100000000000000360000003600000000000000000000000000000008004500002800000000320600c6336407c0000002",
  "000001bb5799000007d00000000050120000000000000000",
  "01000000000000003d0000003d00000000000000000000000000000008004500002f00000000400600c0000002c6336407",
  "0000579901bb000003e90000000050180000000000000000".concat("15030300020230"),
].join("");

/** Whatever is read is also diagnosed. */
export function doctorTargets(): readonly FuzzTarget[] {
  return [
    {
      ...{ name: "pasted session", grammar: "words", seeds: [Buffer.from(session)] },
      feed: (input) => void diagnose(readSession(input, "fuzz").facts),
    },
    {
      ...{ name: "packet capture", grammar: "der", seeds: [Buffer.from(capture, "hex")] },
      feed: (input) => void diagnose(readCapture(input, "fuzz").facts),
    },
  ];
}
