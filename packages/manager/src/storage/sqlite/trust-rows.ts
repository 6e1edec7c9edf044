// Product instances, installations, certificates and enrolments in SQLite.
// Prepared plain SQL: a report looks its sender up here, and an enrolment writes here.

import type {
  CertificateReader,
  CertificateWriter,
  InstanceListReader,
  TrustReader,
  TrustWriter,
} from "../../storage-ports.ts";
import type { Installation, ProductInstance } from "../../trust/product-instance.ts";
import type { Row } from "../mapping/row.ts";
import {
  certificateOf,
  enrolmentOf,
  installationInModelOf,
  installationOf,
  installationUsageOf,
  instanceOf,
  instanceRowOf,
} from "../mapping/trust-mapping.ts";
import { serialNumberWalk } from "../mapping/udi-walk.ts";
import { flag } from "../schema.ts";
import type { Connection } from "./connection.ts";
import { reserveIds } from "./sequences.ts";

const registered = "smart_account_id = ? and removed_at_ms is null";

// `indexed by`: without statistics SQLite thinks an account has ten rows and walks it by its primary key instead.
export function trustReader(connection: Connection): TrustReader & CertificateReader {
  const one = <T>(sql: string, map: (row: Row) => T, ...values: (string | number)[]): T | undefined => {
    const row = connection.prepare(sql).get(...values);
    return row === undefined ? undefined : map(row as Row);
  };
  return {
    findCertificate: (serialNumber) =>
      one("select * from device_certificates where serial_number = ?", certificateOf, serialNumber),
    findInstance: (smartAccountId, instanceId) =>
      one(
        "select * from product_instances where smart_account_id = ? and instance_id = ?",
        instanceOf,
        smartAccountId,
        instanceId,
      ),
    findInstanceByIdentifier: (identifier) =>
      one("select * from product_instances where product_instance_identifier = ?", instanceOf, identifier),
    findInstancesByUdi: (smartAccountId, pid, serialNumber) =>
      connection
        .prepare(
          `select * from product_instances indexed by product_instances_by_udi
           where ${registered} and serial_number = ? and pid = ? order by instance_id`,
        )
        .all(smartAccountId, serialNumber, pid)
        .map((row) => instanceOf(row as Row)),
    findInstallation: (smartAccountId, installationId) =>
      one(
        "select * from installations where smart_account_id = ? and installation_id = ?",
        installationOf,
        smartAccountId,
        installationId,
      ),
    findInModel: (smartAccountId, installationId) =>
      one(
        `select i.*, exists (select 1 from classic_installations c where c.smart_account_id = i.smart_account_id
           and c.installation_id = i.installation_id) as is_classic
         from installations i where i.smart_account_id = ? and i.installation_id = ?`,
        installationInModelOf,
        smartAccountId,
        installationId,
      ),
    listMembers: (smartAccountId, installationId) =>
      connection
        .prepare(
          `select * from product_instances indexed by product_instances_by_installation
           where smart_account_id = ? and installation_id = ? order by trust_id, instance_id`,
        )
        .all(smartAccountId, installationId)
        .map((row) => instanceOf(row as Row)),
    listCertificates: (smartAccountId, instanceId) =>
      connection
        .prepare(
          "select * from device_certificates where smart_account_id = ? and instance_id = ? order by issued_at_ms, serial_number",
        )
        .all(smartAccountId, instanceId)
        .map((row) => certificateOf(row as Row)),
    findEnrolment: (key) =>
      one(
        `select * from enrolments where smart_account_id = ? and token_id = ? and serial_number = ? and pid = ?
         and product_tag = ? and public_key_sha256 = ?`,
        enrolmentOf,
        key.smartAccountId,
        key.tokenId,
        key.udi.serialNumber,
        key.udi.pid,
        key.productTag,
        key.publicKeySha256,
      ),
  };
}

const putInstallationSql = `insert or replace into installations (smart_account_id, installation_id, identifier, virtual_account_id,
  next_sequence, policy_version_sent, policy_version_floor, trust_epoch, report_id_min, report_id_max, first_trust_at_ms,
  last_contact_at_ms) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const putInstanceSql = `insert or replace into product_instances (smart_account_id, instance_id, product_instance_identifier, pid,
  serial_number, product_tag, installation_id, virtual_account_id, role, trust_id, hostname, software_version,
  export_control_allowed, certificate_serial, trusted_since_ms, removed_at_ms, last_listed_at_ms)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

export function trustWriter(connection: Connection): TrustWriter {
  const putInstallation = (one: Installation): void => {
    connection
      .prepare(putInstallationSql)
      .run(
        one.smartAccountId,
        one.installationId,
        one.identifier,
        one.virtualAccountId,
        one.nextSequence,
        one.policyVersionSent,
        one.policyVersionFloor,
        one.trustEpoch,
        one.reportIdMin,
        one.reportIdMax,
        one.firstTrustAtMs,
        one.lastContactAtMs,
      );
  };
  const putInstance = (one: ProductInstance): void => {
    connection
      .prepare(putInstanceSql)
      .run(
        one.smartAccountId,
        one.instanceId,
        one.productInstanceIdentifier,
        one.udi.pid,
        one.udi.serialNumber,
        one.productTag,
        one.installationId,
        one.virtualAccountId,
        one.role,
        one.trustId,
        one.hostname,
        one.softwareVersion,
        flag(one.exportControlAllowed),
        one.certificateSerial,
        one.trustedSinceMs,
        one.removedAtMs,
        one.lastListedAtMs,
      );
  };
  return {
    addInstallation: (installation) => {
      const added = {
        ...installation,
        installationId: reserveIds(connection, installation.smartAccountId, "installation", 1),
      };
      putInstallation(added);
      return added;
    },
    putInstallation,
    addInstance: (instance) => {
      const added = { ...instance, instanceId: reserveIds(connection, instance.smartAccountId, "instance", 1) };
      putInstance(added);
      return added;
    },
    putInstance,
    changeInstanceCount: (smartAccountId, virtualAccountId, difference) => {
      connection
        .prepare(
          "update virtual_accounts set instances = instances + ? where smart_account_id = ? and virtual_account_id = ?",
        )
        .run(difference, smartAccountId, virtualAccountId);
    },
  };
}

export function certificateWriter(connection: Connection): CertificateWriter {
  return {
    addCertificate: (one) => {
      connection
        .prepare(
          `insert into device_certificates (smart_account_id, serial_number, instance_id, state, issued_at_ms, valid_until_ms,
           public_key_sha256, public_key, certificate) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
          one.smartAccountId,
          one.serialNumber,
          one.instanceId,
          one.state,
          one.issuedAtMs,
          one.validUntilMs,
          one.publicKeySha256,
          one.publicKey,
          one.certificate,
        );
    },
    endCertificates: (smartAccountId, instanceId, state) => {
      connection
        .prepare(
          "update device_certificates set state = ? where smart_account_id = ? and instance_id = ? and state = 'valid'",
        )
        .run(state, smartAccountId, instanceId);
    },
    putEnrolment: (one) => {
      connection
        .prepare(
          `insert or replace into enrolments (smart_account_id, token_id, serial_number, pid, product_tag, public_key_sha256,
           instance_id, certificate_serial) values (?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
          one.smartAccountId,
          one.tokenId,
          one.udi.serialNumber,
          one.udi.pid,
          one.productTag,
          one.publicKeySha256,
          one.instanceId,
          one.certificateSerial,
        );
    },
  };
}

export function instanceListReader(connection: Connection): InstanceListReader {
  return {
    listInstances: ({ smartAccountId, virtualAccountIds, page }) => {
      const narrowed = virtualAccountIds ?? [];
      const inAccount =
        virtualAccountIds === null ? "" : `and p.virtual_account_id in (${narrowed.map(() => "?").join(", ")})`;
      // Of one virtual account, its index has the order; the planner would walk all devices of the others instead.
      const index = narrowed.length === 1 ? "indexed by product_instances_by_virtual_account" : "";
      const sql = `select p.*, i.last_contact_at_ms from product_instances p ${index}
        join installations i on i.smart_account_id = p.smart_account_id and i.installation_id = p.installation_id
        where p.smart_account_id = ? ${inAccount} and p.removed_at_ms is null and p.instance_id > ?
        order by p.instance_id limit ?`;
      const rows = connection.prepare(sql).all(smartAccountId, ...narrowed, page.after ?? 0, page.limit) as Row[];
      return rows.map(instanceRowOf);
    },
    listInstancesBySerialNumber: (query) => {
      const { smartAccountId, virtualAccountIds, serialNumber, walkedMax } = query;
      const comparison = virtualAccountIds === null ? ">=" : "=";
      const sql = `select * from product_instances indexed by product_instances_by_udi
        where smart_account_id = ? and serial_number ${comparison} ? order by serial_number, pid limit ?`;
      const rows = connection.prepare(sql).all(smartAccountId, serialNumber, walkedMax) as Row[];
      return serialNumberWalk(query, rows.map(instanceOf));
    },
    listInstallationUsage: (smartAccountId, installationId) =>
      connection
        .prepare(
          `select t.tag, u.* from installation_usage u
           join entitlement_tags t on t.smart_account_id = u.smart_account_id and t.tag_id = u.tag_id
           where u.smart_account_id = ? and u.installation_id = ? order by t.tag`,
        )
        .all(smartAccountId, installationId)
        .map((row) => installationUsageOf(row as Row)),
  };
}
