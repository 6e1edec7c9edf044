// show license authorization, and its part of show license all

import { authorizationRefusals } from "@countersign/protocol";
import type { AuthorizedLicenseView, LicenseView, SlotView } from "../license-view.ts";
import { enforcementWords, joinBlocks, oneLine, roleWithBlank, type ShowOptions, showDate } from "./show-text.ts";

export function renderLicenseAuthorization(view: LicenseView, options: ShowOptions): string {
  return joinBlocks(authorizationBlocks(view, options)).join("\n");
}

export function authorizationBlocks(view: LicenseView, options: ShowOptions): readonly (readonly string[])[] {
  const rows = view.slots.flatMap((slot) => [
    `  ${roleWithBlank(slot.role, slot.udi)}`,
    `      Status: ${authorizationStatus(slot, options)}`,
    ...(slot.authorization === null ? [] : [`      Last Confirmation code: ${slot.authorization.confirmationCode}`]),
    ...(slot.lastReturnCode === null ? [] : [`      Last return code: ${slot.lastReturnCode}`]),
  ]);
  return [["Overall status:", ...rows], ...requestBlock(view, options), ...authorizedBlocks(view), purchasedBlock()];
}

export function authorizationStatus({ authorization }: SlotView, options: ShowOptions): string {
  if (authorization === null) return "NOT INSTALLED";
  return `SMART AUTHORIZATION INSTALLED on ${showDate(authorization.installedAtMs, options.zone)}`;
}

/** What is asked for and why nobody has it yet; nothing where nothing is asked and nobody was refused. */
function requestBlock({ authorization: { attempt, refusal } }: LicenseView, options: ShowOptions) {
  const asked =
    attempt === null
      ? []
      : [
          `  Requested: ${attempt.licenses.join(", ")}`,
          `  Attempts: ${attempt.attempts}`,
          `  Next attempt: ${nextAttempt(attempt, options)}`,
          ...(attempt.lastFailure === null ? [] : [`  Failure reason: ${oneLine(attempt.lastFailure.message)}`]),
        ];
  const refused =
    refusal === null
      ? []
      : [
          `  Refused on: ${showDate(refusal.atMs, options.zone)}`,
          `  Refusal reason: ${oneLine(refusal.message)}`,
          `  Refusal code: ${refusal.code}`,
          ...remedyLine(refusal.code),
        ];
  return asked.length + refused.length === 0 ? [] : [["Authorization Request:", ...asked, ...refused]];
}

type Attempt = NonNullable<LicenseView["authorization"]["attempt"]>;

function nextAttempt({ nextAttemptAtMs: atMs, nextAttemptReason }: Attempt, { zone }: ShowOptions): string {
  return atMs === null ? `<none> (${nextAttemptReason})` : showDate(atMs, zone);
}

/** A code of a newer manager has no remedy that this device knows. */
function remedyLine(code: string): readonly string[] {
  const known = Object.entries(authorizationRefusals).find(([name]) => name === code);
  return known === undefined ? [] : [`  Remedy: ${known[1].remedy}`];
}

/** Each authorized licence once, with the devices that may use it. */
export function authorizedBlocks(view: LicenseView): readonly (readonly string[])[] {
  const byTag = new Map<string, AuthorizedLicenseView>();
  for (const { authorization } of view.slots)
    for (const license of authorization?.licenses ?? []) byTag.set(license.tag, license);
  return byTag.size === 0
    ? []
    : [["Authorizations:", ...[...byTag.values()].flatMap((license) => licenseLines(license, view))]];
}

function licenseLines(license: AuthorizedLicenseView, { slots }: LicenseView): readonly string[] {
  const holders = slots.flatMap((slot) => {
    const own = slot.authorization?.licenses.find(({ tag }) => tag === license.tag);
    return own === undefined ? [] : [{ slot, count: own.count }];
  });
  return [
    `  ${license.name} (${license.description}):`,
    `    Description: ${license.description}`,
    `    Total available count: ${holders.reduce((sum, { count }) => sum + count, 0)}`,
    `    Enforcement type: ${enforcementWords[license.licenseClass]}`,
    "    Term information:",
    ...holders.flatMap(({ slot, count }) => [
      `      ${roleWithBlank(slot.role, slot.udi)}`,
      "        Authorization type: SMART AUTHORIZATION INSTALLED",
      "        License type: PERPETUAL",
      `          Term Count: ${count}`,
    ]),
  ];
}

export function purchasedBlock(): readonly string[] {
  return ["Purchased Licenses:", "  No Purchase Information Available"];
}
