// Product instances, installations, certificates and enrolments in PostgreSQL.

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
import { type BulkInsert, bulkInsert, type Column, insertAll, replacing } from "./bulk.ts";
import type { Session } from "./connection.ts";
import { insertRow } from "./insert-row.ts";
import { reserveIds } from "./sequences.ts";

const mapped = <T>(row: Row | undefined, map: (row: Row) => T): T | undefined =>
  row === undefined ? undefined : map(row);

export function trustReader(session: Session): TrustReader & CertificateReader {
  return {
    findCertificate: async (serialNumber) =>
      mapped(
        await session.lookUp("select * from device_certificates where serial_number = $1", serialNumber),
        certificateOf,
      ),
    findInstance: async (smartAccountId, instanceId) =>
      mapped(
        await session.first(
          "select * from product_instances where smart_account_id = $1 and instance_id = $2",
          smartAccountId,
          instanceId,
        ),
        instanceOf,
      ),
    findInstanceByIdentifier: async (identifier) =>
      mapped(
        await session.lookUp("select * from product_instances where product_instance_identifier = $1", identifier),
        instanceOf,
      ),
    findInstancesByUdi: async (smartAccountId, pid, serialNumber) =>
      (
        await session.all(
          `select * from product_instances where smart_account_id = $1 and removed_at_ms is null and serial_number = $2
           and pid = $3 order by instance_id`,
          smartAccountId,
          serialNumber,
          pid,
        )
      ).map(instanceOf),
    findInstallation: async (smartAccountId, installationId) =>
      mapped(
        await session.first(
          "select * from installations where smart_account_id = $1 and installation_id = $2",
          smartAccountId,
          installationId,
        ),
        installationOf,
      ),
    findInModel: async (smartAccountId, installationId) =>
      mapped(
        await session.first(
          `select i.*, exists (select 1 from classic_installations c where c.smart_account_id = i.smart_account_id
             and c.installation_id = i.installation_id)::integer as is_classic
           from installations i where i.smart_account_id = $1 and i.installation_id = $2`,
          smartAccountId,
          installationId,
        ),
        installationInModelOf,
      ),
    listMembers: async (smartAccountId, installationId) =>
      (
        await session.all(
          `select * from product_instances where smart_account_id = $1 and installation_id = $2
           order by trust_id, instance_id`,
          smartAccountId,
          installationId,
        )
      ).map(instanceOf),
    listCertificates: async (smartAccountId, instanceId) =>
      (
        await session.all(
          `select * from device_certificates where smart_account_id = $1 and instance_id = $2
           order by issued_at_ms, serial_number collate "C"`,
          smartAccountId,
          instanceId,
        )
      ).map(certificateOf),
    findEnrolment: async (key) =>
      mapped(
        await session.first(
          `select * from enrolments where smart_account_id = $1 and token_id = $2 and serial_number = $3 and pid = $4
           and product_tag = $5 and public_key_sha256 = $6`,
          key.smartAccountId,
          key.tokenId,
          key.udi.serialNumber,
          key.udi.pid,
          key.productTag,
          key.publicKeySha256,
        ),
        enrolmentOf,
      ),
  };
}

const installationColumns: readonly Column<Installation>[] = [
  { name: "installation_id", type: "bigint", of: (one) => one.installationId },
  { name: "identifier", type: "text", of: (one) => one.identifier },
  { name: "virtual_account_id", type: "bigint", of: (one) => one.virtualAccountId },
  { name: "next_sequence", type: "bigint", of: (one) => one.nextSequence },
  { name: "policy_version_sent", type: "bigint", of: (one) => one.policyVersionSent },
  { name: "policy_version_floor", type: "bigint", of: (one) => one.policyVersionFloor },
  { name: "trust_epoch", type: "bigint", of: (one) => one.trustEpoch },
  { name: "report_id_min", type: "bigint", of: (one) => one.reportIdMin },
  { name: "report_id_max", type: "bigint", of: (one) => one.reportIdMax },
  { name: "first_trust_at_ms", type: "bigint", of: (one) => one.firstTrustAtMs },
  { name: "last_contact_at_ms", type: "bigint", of: (one) => one.lastContactAtMs },
];
export const putInstallations: BulkInsert<Installation> = bulkInsert(
  "installations",
  installationColumns,
  replacing(["installation_id"], installationColumns),
);

const instanceColumns: readonly Column<ProductInstance>[] = [
  { name: "instance_id", type: "bigint", of: (one) => one.instanceId },
  { name: "product_instance_identifier", type: "text", of: (one) => one.productInstanceIdentifier },
  { name: "pid", type: "text", of: (one) => one.udi.pid },
  { name: "serial_number", type: "text", of: (one) => one.udi.serialNumber },
  { name: "product_tag", type: "text", of: (one) => one.productTag },
  { name: "installation_id", type: "bigint", of: (one) => one.installationId },
  { name: "virtual_account_id", type: "bigint", of: (one) => one.virtualAccountId },
  { name: "role", type: "text", of: (one) => one.role },
  { name: "trust_id", type: "integer", of: (one) => one.trustId },
  { name: "hostname", type: "text", of: (one) => one.hostname },
  { name: "software_version", type: "text", of: (one) => one.softwareVersion },
  { name: "export_control_allowed", type: "integer", of: (one) => flag(one.exportControlAllowed) },
  { name: "certificate_serial", type: "text", of: (one) => one.certificateSerial },
  { name: "trusted_since_ms", type: "bigint", of: (one) => one.trustedSinceMs },
  { name: "removed_at_ms", type: "bigint", of: (one) => one.removedAtMs },
  { name: "last_listed_at_ms", type: "bigint", of: (one) => one.lastListedAtMs },
];
const putInstances: BulkInsert<ProductInstance> = bulkInsert(
  "product_instances",
  instanceColumns,
  replacing(["instance_id"], instanceColumns),
);

export function trustWriter(session: Session): TrustWriter {
  const putInstallation = async (one: Installation): Promise<void> => {
    await insertAll(session, putInstallations, one.smartAccountId, [one]);
  };
  const putInstance = async (one: ProductInstance): Promise<void> => {
    await insertAll(session, putInstances, one.smartAccountId, [one]);
  };
  return {
    addInstallation: async (installation) => {
      const installationId = await reserveIds(session, installation.smartAccountId, "installation", 1);
      const added = { ...installation, installationId };
      await putInstallation(added);
      return added;
    },
    putInstallation,
    addInstance: async (instance) => {
      const added = { ...instance, instanceId: await reserveIds(session, instance.smartAccountId, "instance", 1) };
      await putInstance(added);
      return added;
    },
    putInstance,
    changeInstanceCount: async (smartAccountId, virtualAccountId, difference) => {
      await session.run(
        "update virtual_accounts set instances = instances + $3 where smart_account_id = $1 and virtual_account_id = $2",
        smartAccountId,
        virtualAccountId,
        difference,
      );
    },
  };
}

export function certificateWriter(session: Session): CertificateWriter {
  return {
    addCertificate: (one) =>
      insertRow(session, "device_certificates", {
        smart_account_id: one.smartAccountId,
        serial_number: one.serialNumber,
        instance_id: one.instanceId,
        state: one.state,
        issued_at_ms: one.issuedAtMs,
        valid_until_ms: one.validUntilMs,
        public_key_sha256: one.publicKeySha256,
        public_key: one.publicKey,
        certificate: one.certificate,
      }),
    endCertificates: async (smartAccountId, instanceId, state) => {
      await session.run(
        `update device_certificates set state = $3 where smart_account_id = $1 and instance_id = $2
         and state = 'valid'`,
        smartAccountId,
        instanceId,
        state,
      );
    },
    putEnrolment: async (one) => {
      await session.run(
        `insert into enrolments (smart_account_id, token_id, serial_number, pid, product_tag, public_key_sha256,
         instance_id, certificate_serial) values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (smart_account_id, token_id, serial_number, pid, product_tag, public_key_sha256)
         do update set instance_id = excluded.instance_id, certificate_serial = excluded.certificate_serial`,
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

export function instanceListReader(session: Session): InstanceListReader {
  return {
    listInstances: async ({ smartAccountId, virtualAccountIds, page }) => {
      // Of one virtual account, its index has the order.
      const only = virtualAccountIds?.length === 1 ? virtualAccountIds[0] : null;
      const comparison = only === null ? "= any($4)" : "= $4";
      const inAccount = virtualAccountIds === null ? "" : `and p.virtual_account_id ${comparison}`;
      const rows = await session.all(
        `select p.*, i.last_contact_at_ms from product_instances p
         join installations i on i.smart_account_id = p.smart_account_id and i.installation_id = p.installation_id
         where p.smart_account_id = $1 ${inAccount} and p.removed_at_ms is null and p.instance_id > $2
         order by p.instance_id limit $3`,
        smartAccountId,
        page.after ?? 0,
        page.limit,
        ...(virtualAccountIds === null ? [] : [only ?? virtualAccountIds]),
      );
      return rows.map(instanceRowOf);
    },
    listInstancesBySerialNumber: async (query) => {
      const { smartAccountId, virtualAccountIds, serialNumber, walkedMax } = query;
      const comparison = virtualAccountIds === null ? ">=" : "=";
      const sql = `select * from product_instances where smart_account_id = $1 and serial_number ${comparison} $2
        order by serial_number, pid limit $3`;
      const rows = await session.all(sql, smartAccountId, serialNumber, walkedMax);
      return serialNumberWalk(query, rows.map(instanceOf));
    },
    listInstallationUsage: async (smartAccountId, installationId) =>
      (
        await session.all(
          `select t.tag, u.* from installation_usage u
           join entitlement_tags t on t.smart_account_id = u.smart_account_id and t.tag_id = u.tag_id
           where u.smart_account_id = $1 and u.installation_id = $2 order by t.tag collate "C"`,
          smartAccountId,
          installationId,
        )
      ).map(installationUsageOf),
  };
}
