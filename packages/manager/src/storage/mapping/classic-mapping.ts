// Classic installations from their rows and to them, the same for every adapter.

import { type ClassicInstallation, dueAtMs } from "../../trust/classic-installation.ts";
import type { Row } from "./row.ts";

export function classicInstallationOf(row: Row): ClassicInstallation {
  return {
    smartAccountId: row.smart_account_id as number,
    installationId: row.installation_id as number,
    lastContactAtMs: row.last_contact_at_ms as number,
    askedAtMs: row.asked_at_ms as number,
    certificateEndsAtMs: row.certificate_ends_at_ms as number,
    releasedAtMs: row.released_at_ms as number | null,
  };
}

/** Values in the order of the table's columns. */
export function classicInstallationValues(one: ClassicInstallation) {
  return [
    one.smartAccountId,
    one.installationId,
    one.lastContactAtMs,
    one.askedAtMs,
    one.certificateEndsAtMs,
    one.releasedAtMs,
    dueAtMs(one),
  ] as const;
}
