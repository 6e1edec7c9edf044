// What a recomputation found wrong: the first ones in full, all of them counted.

export const findingCodes = {
  body_altered: "A report's body has another hash than its row.",
  body_missing: "A report's body is gone, and no purge removed it.",
  report_altered: "A report's row says another usage than its body, or that it was signed when it was not.",
  signature_false: "A report's body was not signed by the key of the certificate that its signature names.",
  signer_unknown: "A report's signature names a certificate that is not kept, or one of another device.",
  certificate_altered: "A device's certificate is not of this licensing root, or not of its device and key.",
  act_altered: "A leaf is not that of its administrative act's text.",
  leaf_altered: "A leaf is not that of its report, or of nothing at all.",
  leaf_missing: "The ledger has fewer or more leaves than it says, or a report's or an act's leaf is not among them.",
  tile_altered: "A hash above the leaves is not the root of the leaves below it.",
  head_altered: "A stored tree head is not the root of its tree.",
  acknowledgement_altered: "An acknowledgement names a leaf or a tree head that the ledger does not have.",
  usage_altered: "An installation's usage is not what its reports say.",
  totals_altered: "A sum of usage is not the sum of its installations.",
} as const;
export type FindingCode = keyof typeof findingCodes;

export type Finding = { readonly code: FindingCode; readonly where: string };

export const findingsShownMax = 100;

export class Findings {
  readonly first: Finding[] = [];
  count = 0;

  add(code: FindingCode, where: string): void {
    this.count += 1;
    if (this.first.length < findingsShownMax) this.first.push({ code, where });
  }
}

/** Told now and then, so that people see that something happens. */
export type Progress = (
  done: number,
  what: "entries" | "certificates" | "acknowledgements" | "reports counted",
) => void;
export const progressEvery = 10_000;
