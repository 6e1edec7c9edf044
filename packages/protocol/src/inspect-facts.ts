// What inspected things say, as plain names and values. Nothing here verifies.

import { decodeAccountInfo } from "./account-info.ts";
import { decodeAcknowledgement } from "./acknowledgement.ts";
import { confirmationCodeOf, decodeAuthorizationCode } from "./authorization-code.ts";
import { decodeConversion } from "./conversion.ts";
import type { ProvedAct } from "./files/act-proof-file.ts";
import type { ProvedReport } from "./files/proof-file.ts";
import { formatUdi, udiOf } from "./identity.ts";
import { decodeTreeHead } from "./ledger/tree-head.ts";
import { decodePolicy } from "./policy.ts";
import { decodeRumReport, latestMeasurement, type RumReport } from "./rum-report.ts";
import { sha256Hex } from "./signature.ts";
import type { ManagerObject, ManagerObjectType, SignedReport } from "./signed-object.ts";
import { decodeTrustCode } from "./trust-code.ts";

type Facts = Readonly<Record<string, string | number | boolean | null>>;
type Named = { readonly atMs: number; readonly facts: Facts };

/** The time that a manager's object names, as of which its signature is verified, and what it says. Throws `payload_invalid`. */
export function timeNamedIn(object: ManagerObject): Named {
  return readers[object.header.type](object.payload);
}

const readers: Readonly<Record<ManagerObjectType, (payload: string) => Named>> = {
  ack: (payload) => {
    const ack = decodeAcknowledgement(payload);
    const refused = ack.reports.filter(({ outcome }) => outcome === "refused").length;
    const facts = {
      device: formatUdi(udiOf(ack.sudi)),
      productInstance: ack.product_instance_identifier,
      acknowledgedAtMs: ack.acknowledged_at,
      sequence: ack.sequence,
      reportsTaken: ack.reports.length - refused,
      reportsRefused: refused,
      policyVersion: ack.policy_version,
      ledger: ack.tree_head?.ledger_id ?? null,
      ledgerSize: ack.tree_head?.size ?? null,
      ledgerRootSha256: ack.tree_head?.root_sha256 ?? null,
    };
    return { atMs: ack.acknowledged_at, facts };
  },
  policy: (payload) => {
    const policy = decodePolicy(payload);
    const facts = { name: policy.name, policyVersion: policy.policy_version, issuedAtMs: policy.issued_at };
    return { atMs: policy.issued_at, facts: { ...facts, acknowledgementRequired: policy.ack_required.value } };
  },
  trust: (payload) => {
    const code = decodeTrustCode(payload);
    const facts = {
      device: formatUdi(udiOf(code.sudi)),
      productInstance: code.product_instance_identifier,
      smartAccount: code.smart_account_name,
      virtualAccount: code.virtual_account_name,
      issuedAtMs: code.issued_at,
      exportControlAllowed: code.export_control_allowed,
    };
    return { atMs: code.issued_at, facts };
  },
  auth: (payload) => {
    const code = decodeAuthorizationCode(payload);
    const facts = {
      device: formatUdi(udiOf(code.sudi)),
      productInstance: code.product_instance_identifier,
      sequence: code.sequence,
      issuedAtMs: code.issued_at,
      licenses: code.licenses.map(({ entitlement_tag, count }) => `${count} ${entitlement_tag}`).join(", "),
      confirmationCode: confirmationCodeOf(payload),
    };
    return { atMs: code.issued_at, facts };
  },
  account: (payload) => {
    const info = decodeAccountInfo(payload);
    const facts = {
      productInstance: info.product_instance_identifier,
      smartAccount: info.smart_account_name,
      virtualAccount: info.virtual_account_name,
      asOfMs: info.as_of,
    };
    return { atMs: info.as_of, facts };
  },
  "tree-head": (payload) => {
    const head = decodeTreeHead(payload);
    const facts = { ledger: head.ledger_id, ledgerSize: head.size, ledgerRootSha256: head.root_sha256 };
    return { atMs: head.signed_at, facts: { ...facts, signedAtMs: head.signed_at } };
  },
  conversion: (payload) => {
    const conversion = decodeConversion(payload);
    const facts = {
      device: formatUdi(udiOf(conversion.sudi)),
      smartAccount: conversion.smart_account_name,
      virtualAccount: conversion.virtual_account_name,
      convertedAtMs: conversion.converted_at,
      licenses: conversion.licenses.map(({ entitlement_tag, count }) => `${count} ${entitlement_tag}`).join(", "),
    };
    return { atMs: conversion.converted_at, facts };
  },
};

/** Of a report whose payload may be wrong; the signature says who claims to have written it. */
export function factsOfReport({ payload, signature }: SignedReport): Facts {
  const signed = {
    signedBy: formatUdi(udiOf(signature.sudi)),
    signingType: signature.signing_type,
    signedWithCertificate: signature.signing_type === "trust" ? signature.key : null,
  };
  return { payloadSha256: sha256Hex(payload), ...factsOfUsage(decodeRumReport(payload)), ...signed };
}

function factsOfUsage(report: RumReport): Facts {
  const latest = latestMeasurement(report);
  return {
    reportId: latest.reportId,
    device: formatUdi(udiOf(report.asset_identification.instance.sudi)),
    tag: report.meta.entitlement_tag,
    count: latest.count,
    measurements: report.measurements.length,
    startsAtMs: 1000 * Math.min(...report.measurements.map(({ start_time }) => start_time)),
    endsAtMs: 1000 * latest.endsAtSeconds,
  };
}

export function factsOfProof(proved: ProvedReport): Facts {
  const { acknowledgement, treeHead } = proved;
  return {
    payloadSha256: proved.payloadSha256,
    ...(proved.report === null ? {} : factsOfUsage(proved.report)),
    authenticity: proved.authenticity,
    acknowledgedAtMs: acknowledgement.acknowledged_at,
    acknowledgedFor: formatUdi(udiOf(acknowledgement.sudi)),
    leafIndex: proved.leafIndex,
    ledger: treeHead.ledger_id,
    ledgerSize: treeHead.size,
    ledgerRootSha256: treeHead.root_sha256,
    headSignedAtMs: treeHead.signed_at,
    isLedgerContinued: acknowledgement.tree_head?.ledger_id !== treeHead.ledger_id,
    rootSha256: proved.rootSha256,
    isRootTrusted: proved.isRootTrusted,
  };
}

export function factsOfActProof(proved: ProvedAct): Facts {
  const { entry, treeHead } = proved;
  return {
    act: entry.act,
    at: entry.at,
    by: nameOfActor(entry.by),
    reason: entry.reason,
    part: entry.part,
    parts: entry.parts,
    changes: entry.changes.length,
    events: [...new Set(entry.changes.map(({ event }) => event))].join(", "),
    entrySha256: proved.entrySha256,
    leafIndex: proved.leafIndex,
    ledger: treeHead.ledger_id,
    ledgerSize: treeHead.size,
    ledgerRootSha256: treeHead.root_sha256,
    headSignedAtMs: treeHead.signed_at,
    rootSha256: proved.rootSha256,
    isRootTrusted: proved.isRootTrusted,
  };
}

function nameOfActor(by: ProvedAct["entry"]["by"]): string {
  switch (by.kind) {
    case "operator":
      return `operator ${by.name}`;
    case "local":
      return "local administration socket";
    case "message":
      return `product instance ${by.product_instance_identifier}`;
    case "system":
      return `manager: ${by.name}`;
    default:
      return by satisfies never;
  }
}
