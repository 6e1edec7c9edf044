// The show commands of a device in the classic model.

import { type ClassicView, classicMessageKinds, type LicenseUsageView, type LicenseView } from "../license-view.ts";
import {
  accountLines,
  authorizationStatusLines,
  classicAuthorizationBlock,
  classicHeading,
  conversionBlock,
  exportLine,
  registrationBlock,
  reservationBlock,
} from "./classic-blocks.ts";
import { statisticsJson, statusJson, udiJson } from "./show-json.ts";
import { agentVersionBlock } from "./show-license-all.ts";
import { usageTable } from "./show-license-summary.ts";
import { haBlock } from "./show-license-tech-support.ts";
import { udiLines } from "./show-license-udi.ts";
import { dateOrNone, isoOrNull, joinBlocks, type ShowOptions, showDate, underlined } from "./show-text.ts";
import { exportKeyBlock, privacyBlock, transportBlock, utilityBlock } from "./status-blocks.ts";
import { communicationBlock, jobsBlock } from "./tech-support-communication.ts";

export function renderClassicStatus(view: LicenseView, classic: ClassicView, options: ShowOptions): string {
  return joinBlocks([
    classicHeading,
    utilityBlock(),
    privacyBlock(view),
    transportBlock(view, false),
    registrationBlock(view, classic, options),
    classicAuthorizationBlock(view, classic, options),
    conversionBlock(classic, options),
    exportKeyBlock(),
  ]).join("\n");
}

/** Without dates behind the words (SHO-3, SHO-4). */
export function renderClassicSummary(view: LicenseView, classic: ClassicView, options: ShowOptions): string {
  const { registration, authorization } = classic;
  const { last, nextAtMs } = authorization;
  const date = (atMs: number | null) => (atMs === null ? "None" : showDate(atMs, options.zone));
  const renewal = registration.renewal;
  return joinBlocks([
    classicHeading,
    [
      "Registration:",
      `  Status: ${registration.status}`,
      ...accountLines(view),
      exportLine(view),
      ...(registration.isRegistered
        ? [
            `  Last Renewal Attempt: ${renewal === null ? "None" : renewal.isDone ? "SUCCEEDED" : "FAILED"}`,
            `  Next Renewal Attempt: ${date(registration.nextRenewalAtMs)}`,
          ]
        : []),
    ],
    [
      ...authorizationStatusLines(view, { ...authorization, sinceMs: null }, options),
      ...(last === null ? [] : [`  Last Communication Attempt: ${last.outcome}`]),
      ...(nextAtMs === null ? [] : [`  Next Communication Attempt: ${date(nextAtMs)}`]),
    ],
    ["License Usage:", ...usageTable(used(view), "Entitlement tag", (one) => statusOf(one, classic))],
  ]).join("\n");
}

function used(view: LicenseView): readonly LicenseUsageView[] {
  return view.licenses.filter((license) => license.count > 0);
}

function statusOf({ tag }: LicenseUsageView, { licenseStatuses }: ClassicView): string {
  return licenseStatuses[tag] ?? "WAITING";
}

export function renderClassicUsage(view: LicenseView, classic: ClassicView, options: ShowOptions): string {
  return joinBlocks([
    authorizationStatusLines(view, classic.authorization, options),
    ...licenseBlocks(view, classic),
  ]).join("\n");
}

function licenseBlocks(view: LicenseView, classic: ClassicView): readonly (readonly string[])[] {
  const licenses = used(view);
  if (licenses.length === 0) return [["No licenses in use"]];
  return licenses.map((license) => [
    `${license.name} (${license.heading}):`,
    `  Description: ${license.description}`,
    `  Count: ${license.count}`,
    "  Version: 1.0",
    `  Status: ${statusOf(license, classic)}`,
    `  Export status: ${exportStatus(license, view)}`,
  ]);
}

function exportStatus({ licenseClass }: LicenseUsageView, { trust }: LicenseView): string {
  if (licenseClass !== "export") return "NOT RESTRICTED";
  return trust.exportControlAllowed ? "RESTRICTED - ALLOWED" : "RESTRICTED - NOT ALLOWED";
}

/** With what each licence in use is shown as. */
function allBlocks(
  view: LicenseView,
  classic: ClassicView,
  options: ShowOptions,
  licenses: readonly (readonly string[])[],
): readonly (readonly string[])[] {
  return [
    underlined("Smart Licensing Status"),
    classicHeading,
    registrationBlock(view, classic, options),
    classicAuthorizationBlock(view, classic, options),
    conversionBlock(classic, options),
    exportKeyBlock(),
    utilityBlock(),
    privacyBlock(view),
    transportBlock(view, false),
    underlined("License Usage"),
    ...licenses,
    [...underlined("Product Information"), ...udiLines(view)],
    agentVersionBlock(view),
    reservationBlock,
  ];
}

export function renderClassicAll(view: LicenseView, classic: ClassicView, options: ShowOptions): string {
  return joinBlocks(allBlocks(view, classic, options, licenseBlocks(view, classic))).join("\n");
}

export function renderClassicTechSupport(view: LicenseView, classic: ClassicView, options: ShowOptions): string {
  return joinBlocks([
    ["Smart Licensing Tech Support info"],
    ...allBlocks(view, classic, options, licenseEntries(view, classic, options)),
    jobsBlock(view, options),
    communicationBlock(view, options),
    certificatesBlock(classic, options),
    haBlock(view),
  ]).join("\n");
}

/** Every licence that was ever asked for, with its handle. */
function licenseEntries(view: LicenseView, classic: ClassicView, options: ShowOptions): readonly (readonly string[])[] {
  if (view.licenses.length === 0) return [["No licenses in use"]];
  return view.licenses.map((license) => [
    `Handle: ${license.handle}`,
    `  License: ${license.name}`,
    `  Entitlement Tag: ${license.tag}`,
    `  Description: ${license.description}`,
    `  Count: ${license.count}`,
    "  Version: 1.0",
    `  Status: ${statusOf(license, classic)}`,
    `  Status time: ${dateOrNone(license.statusAtMs, options.zone)}`,
    `  Request Time: ${license.requestedAtMs === null ? "None" : showDate(license.requestedAtMs, options.zone)}`,
    `  Export status: ${exportStatus(license, view)}`,
  ]);
}

function certificatesBlock({ registration }: ClassicView, options: ShowOptions): readonly string[] {
  const { expiresAtMs } = registration;
  const identity =
    expiresAtMs === null
      ? "Not registered. No certificates installed"
      : `ID Certificate Expires: ${showDate(expiresAtMs, options.zone)}`;
  return [...underlined("License Certificates"), "Production Cert: True", identity];
}

/** `licensingModel` says which of the two shapes an answer has (GEN-1). */
export function classicStatusJson(view: LicenseView, { registration, authorization, conversion }: ClassicView) {
  const outcome = (given: ClassicView["registration"]["initial"]) =>
    given && { succeeded: given.isDone, at: isoOrNull(given.atMs), failureReason: given.reason };
  const { last } = authorization;
  return {
    licensingModel: "classic",
    registration: {
      status: registration.status,
      smartAccount: view.account?.smartAccount ?? null,
      virtualAccount: view.account?.virtualAccount ?? null,
      exportControlAllowed: view.trust.exportControlAllowed,
      initial: outcome(registration.initial),
      nextAttemptAt: isoOrNull(registration.nextAttemptAtMs),
      deregistrationWaitsFor: registration.deregistrationWaitsFor,
      lastRenewal: outcome(registration.renewal),
      nextRenewalAt: isoOrNull(registration.nextRenewalAtMs),
      expiresAt: isoOrNull(registration.expiresAtMs),
    },
    authorization: {
      status: authorization.status,
      since: isoOrNull(authorization.sinceMs),
      evaluationRemainingSeconds:
        authorization.evaluationRemainingMs === null ? null : Math.floor(authorization.evaluationRemainingMs / 1000),
      lastCommunication: last && { outcome: last.outcome, at: isoOrNull(last.atMs), failureReason: last.reason },
      nextCommunicationAt: isoOrNull(authorization.nextAtMs),
      communicationDeadline: isoOrNull(authorization.deadlineAtMs),
      shortages: authorization.shortages,
    },
    conversion: conversion && {
      status: conversion.status,
      lastDataPushAt: isoOrNull(conversion.lastPushAtMs),
      failureReason: conversion.failureReason,
    },
  };
}

export function classicUsageJson(view: LicenseView, classic: ClassicView) {
  const { status } = classic.authorization;
  return {
    licensingModel: "classic",
    authorizationStatus: status,
    licenses: used(view).map((license) => ({
      ...{ name: license.name, description: license.description, tag: license.tag, count: license.count },
      status: statusOf(license, classic),
      exportStatus: exportStatus(license, view),
    })),
  };
}

export function classicSummaryJson(view: LicenseView, classic: ClassicView) {
  return { ...classicStatusJson(view, classic), ...classicUsageJson(view, classic) };
}

export function classicAllJson(view: LicenseView, classic: ClassicView) {
  const { privacy, transport } = statusJson(view);
  return {
    ...classicSummaryJson(view, classic),
    ...udiJson(view),
    privacy,
    transport,
    agentVersion: view.device.agentVersion,
  };
}

export function classicTechSupportJson(view: LicenseView, classic: ClassicView) {
  return {
    ...classicAllJson(view, classic),
    platform: view.device.platform,
    softwareVersion: view.device.softwareVersion,
    productTag: view.device.productTag,
    jobs: view.jobs.map(({ name, next }) => ({ name, next: typeof next === "number" ? isoOrNull(next) : next })),
    communication: Object.fromEntries(
      classicMessageKinds.flatMap((kind) => {
        const statistics = view.communication.statistics[kind];
        return statistics === undefined ? [] : [[kind, statisticsJson(statistics)]];
      }),
    ),
    failingSince: isoOrNull(view.communication.failingSinceMs),
    peer: view.communication.peer,
    agentCapabilities: view.communication.agentCapabilities,
    clockIsAuthoritative: view.clockIsAuthoritative,
  };
}
