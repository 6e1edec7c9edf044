// Certificate chains, right and wrong (spec/protocol.md, section 4).

import type { VectorKeys } from "./stored-keys.ts";
import { accepted, refused, type Vector, type VectorFile } from "./vector.ts";

type ChainRow = readonly [code: string | null, leaf: string, intermediates: readonly string[]];

const chainRows: readonly ChainRow[] = [
  [null, "signing", ["issuing"]],
  [null, "signingRsa", ["issuing"]],
  [null, "signing", ["foreignIssuing", "root", "issuing"]],
  ["certificate_foreign", "signing", []],
  ["certificate_foreign", "foreignSigning", ["foreignIssuing"]],
  ["certificate_foreign", "foreignSigning", ["foreignIssuing", "foreignRoot"]],
  ["certificate_foreign", "impostorSigning", ["issuing"]],
  ["certificate_foreign", "impostorSigning", ["impostorIssuing"]],
  ["certificate_foreign", "signingBelowLower", ["lowerIssuing", "issuing"]],
  ["certificate_foreign", "belowDevice", ["device", "issuing"]],
  ["certificate_foreign", "signing", ["issuing", "issuing", "issuing", "issuing", "issuing"]],
  ["certificate_expired", "signingExpired", ["issuing"]],
  ["certificate_expired", "signingBelowExpired", ["issuingExpired"]],
  ["certificate_not_yet_valid", "signingFuture", ["issuing"]],
  ["certificate_wrong_purpose", "device", ["issuing"]],
  ["certificate_wrong_purpose", "tls", ["issuing"]],
  ["certificate_wrong_purpose", "issuing", ["root"]],
  ["certificate_wrong_purpose", "signingNoUsage", ["issuing"]],
  ["certificate_wrong_purpose", "signingBothUsages", ["issuing"]],
];

const deviceRows: readonly ChainRow[] = [
  [null, "device", ["issuing"]],
  [null, "deviceRsa", ["issuing"]],
  ["certificate_expired", "deviceExpired", ["issuing"]],
  ["certificate_wrong_purpose", "signing", ["issuing"]],
  ["certificate_wrong_purpose", "tls", ["issuing"]],
];

export function chains(keys: VectorKeys): VectorFile {
  const purposes = { "manager-signing": chainRows, "product-instance": deviceRows } as const;
  const vectors = Object.entries(purposes).flatMap(([purpose, rows]) =>
    rows.map(
      ([code, leaf, intermediates]): Vector => ({
        name: `${leaf} over ${intermediates.join(", ") || "nothing"} as ${purpose}`,
        kind: "chain",
        leaf: keys.certificate(leaf),
        intermediates: intermediates.map(keys.certificate),
        anchors: [keys.certificate("root")],
        purpose,
        now: keys.now,
        expected: code === null ? accepted() : refused(code),
      }),
    ),
  );
  return { file: "chains.json", about: "Certificate chains: section 4.", vectors };
}
