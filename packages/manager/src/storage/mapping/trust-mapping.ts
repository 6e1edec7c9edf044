// Product instances, installations, certificates and enrolments from their rows, the same for every adapter.

import type { ProductInstanceRow } from "../../storage-ports.ts";
import type {
  CertificateState,
  DeviceCertificate,
  Enrolment,
  Installation,
  InstallationInModel,
  MemberRole,
  ProductInstance,
} from "../../trust/product-instance.ts";
import { lastContactOf } from "../../trust/role-changes.ts";
import type { InstallationUsage } from "../../usage/stored-report.ts";
import type { Row } from "./row.ts";

export function instanceOf(row: Row): ProductInstance {
  return {
    smartAccountId: row.smart_account_id as number,
    instanceId: row.instance_id as number,
    productInstanceIdentifier: row.product_instance_identifier as string,
    udi: { pid: row.pid as string, serialNumber: row.serial_number as string },
    productTag: row.product_tag as string,
    installationId: row.installation_id as number,
    virtualAccountId: row.virtual_account_id as number,
    role: row.role as MemberRole,
    trustId: row.trust_id as number,
    hostname: row.hostname as string,
    softwareVersion: row.software_version as string,
    exportControlAllowed: row.export_control_allowed === 1,
    certificateSerial: row.certificate_serial as string,
    trustedSinceMs: row.trusted_since_ms as number,
    removedAtMs: row.removed_at_ms as number | null,
    lastListedAtMs: row.last_listed_at_ms as number | null,
  };
}

/** Joined with its installation, whose contact is that of every member that is listed. */
export function instanceRowOf(row: Row): ProductInstanceRow {
  const instance = instanceOf(row);
  return { ...instance, lastContactAtMs: lastContactOf(instance, row.last_contact_at_ms as number | null) };
}

export function installationOf(row: Row): Installation {
  return {
    smartAccountId: row.smart_account_id as number,
    installationId: row.installation_id as number,
    identifier: row.identifier as string,
    virtualAccountId: row.virtual_account_id as number,
    nextSequence: row.next_sequence as number,
    policyVersionSent: row.policy_version_sent as number,
    policyVersionFloor: row.policy_version_floor as number,
    trustEpoch: row.trust_epoch as number,
    reportIdMin: row.report_id_min as number | null,
    reportIdMax: row.report_id_max as number | null,
    firstTrustAtMs: row.first_trust_at_ms as number,
    lastContactAtMs: row.last_contact_at_ms as number | null,
  };
}

export function installationInModelOf(row: Row): InstallationInModel {
  return { installation: installationOf(row), model: row.is_classic === 1 ? "classic" : "policy" };
}

export function certificateOf(row: Row): DeviceCertificate {
  return {
    smartAccountId: row.smart_account_id as number,
    serialNumber: row.serial_number as string,
    instanceId: row.instance_id as number,
    publicKey: row.public_key as Uint8Array,
    publicKeySha256: row.public_key_sha256 as string,
    certificate: row.certificate as Uint8Array,
    issuedAtMs: row.issued_at_ms as number,
    validUntilMs: row.valid_until_ms as number,
    state: row.state as CertificateState,
  };
}

export function enrolmentOf(row: Row): Enrolment {
  return {
    smartAccountId: row.smart_account_id as number,
    tokenId: row.token_id as number,
    udi: { pid: row.pid as string, serialNumber: row.serial_number as string },
    productTag: row.product_tag as string,
    publicKeySha256: row.public_key_sha256 as string,
    instanceId: row.instance_id as number,
    certificateSerial: row.certificate_serial as string,
  };
}

export function installationUsageOf(row: Row): InstallationUsage {
  return {
    tag: row.tag as string,
    count: row.use_count as number,
    endsAtSeconds: row.ends_at_s as number,
    reportId: row.report_id as number,
    isVerified: row.is_verified === 1,
  };
}
