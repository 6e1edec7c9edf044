// The tables as the query builder types them. Rows never leave storage/; each adapter maps its own.

import { createRequire } from "node:module";
import type { Dialect, Kysely } from "kysely";

type Flag = 0 | 1;

/** What is numbered within a smart account. */
export type SequenceKind =
  | "virtual_account"
  | "token"
  | "installation"
  | "instance"
  | "tag"
  | "purchase"
  | "event"
  | "operator"
  | "lower_manager"
  | "authorization"
  | "license_transfer"
  | "conversion";

export type Tables = {
  smart_accounts: {
    smart_account_id: number;
    name: string;
    ledger_id: string;
    allow_untrusted_reports: Flag;
    created_at_ms: number;
    newest_policy_version: number;
  };
  virtual_accounts: {
    smart_account_id: number;
    virtual_account_id: number;
    name: string;
    description: string;
    is_default: Flag;
    instances: number;
    created_at_ms: number;
  };
  sequences: { smart_account_id: number; kind: string; next_id: number };
  conversions: {
    smart_account_id: number;
    conversion_id: number;
    pid: string;
    serial_number: string;
    virtual_account_id: number;
    state: string;
    licenses: string;
    asked_at_ms: number;
    changed_at_ms: number;
    payload: string | null;
  };
  id_tokens: {
    smart_account_id: number;
    token_id: number;
    uuid: string;
    token_hash: string;
    virtual_account_id: number;
    description: string;
    created_at_ms: number;
    created_by: string;
    expires_at_ms: number;
    uses_max: number;
    uses: number;
    export_control_allowed: Flag;
    revoked_at_ms: number | null;
  };
  entitlement_tags: { smart_account_id: number; tag_id: number; tag: string };
  purchases: {
    smart_account_id: number;
    purchase_id: number;
    virtual_account_id: number;
    tag_id: number;
    quantity: number;
    kind: string;
    starts_at_ms: number;
    ends_at_ms: number | null;
    order_reference: string;
  };
  policy_settings: {
    smart_account_id: number;
    version: number;
    virtual_account_id: number | null;
    set_at_ms: number;
    layer: string;
  };
  installations: {
    smart_account_id: number;
    installation_id: number;
    identifier: string;
    virtual_account_id: number;
    next_sequence: number;
    policy_version_sent: number;
    policy_version_floor: number;
    trust_epoch: number;
    report_id_min: number | null;
    report_id_max: number | null;
    first_trust_at_ms: number;
    last_contact_at_ms: number | null;
  };
  product_instances: {
    smart_account_id: number;
    instance_id: number;
    product_instance_identifier: string;
    pid: string;
    serial_number: string;
    product_tag: string;
    installation_id: number;
    virtual_account_id: number;
    role: string;
    trust_id: number;
    hostname: string;
    software_version: string;
    export_control_allowed: Flag;
    certificate_serial: string;
    trusted_since_ms: number;
    removed_at_ms: number | null;
    last_listed_at_ms: number | null;
  };
  device_certificates: {
    smart_account_id: number;
    serial_number: string;
    instance_id: number;
    state: string;
    issued_at_ms: number;
    valid_until_ms: number;
    public_key_sha256: string;
    public_key: Uint8Array;
    certificate: Uint8Array;
  };
  enrolments: {
    smart_account_id: number;
    token_id: number;
    serial_number: string;
    pid: string;
    product_tag: string;
    public_key_sha256: string;
    instance_id: number;
    certificate_serial: string;
  };
  reports: {
    smart_account_id: number;
    installation_id: number;
    report_id: number;
    tag_id: number;
    payload_sha256: Uint8Array;
    leaf_index: number;
    acknowledgement_id: number;
    instance_id: number;
    received_at_ms: number;
    starts_at_s: number;
    ends_at_s: number;
    use_count: number;
    measurements: number;
    is_verified: Flag;
    time_mark: number;
  };
  report_evidence: {
    smart_account_id: number;
    installation_id: number;
    report_id: number;
    payload_sha256: Uint8Array;
    instance_id: number;
    received_at_ms: number;
    payload: string;
    signature: string;
  };
  installation_usage: {
    smart_account_id: number;
    installation_id: number;
    tag_id: number;
    use_count: number;
    ends_at_s: number;
    report_id: number;
    is_verified: Flag;
  };
  usage_totals: {
    smart_account_id: number;
    virtual_account_id: number;
    tag_id: number;
    in_use_verified: number;
    in_use_unverified: number;
    installations: number;
  };
  acknowledgements: {
    smart_account_id: number;
    acknowledgement_id: number;
    installation_id: number;
    instance_id: number;
    at_ms: number;
    with_policy: Flag;
    accepted: number;
    payload: string;
  };
  events: {
    smart_account_id: number;
    event_id: number;
    at_ms: number;
    kind: string;
    virtual_account_id: number | null;
    installation_id: number | null;
    cause: string;
    state_before: string;
    state_after: string;
    leaf_index: number | null;
  };
  audit_entries: {
    smart_account_id: number;
    leaf_index: number;
    at_ms: number;
    act: string;
    operator: string | null;
    entry: string;
  };
  authorizations: {
    smart_account_id: number;
    authorization_id: number;
    instance_id: number;
    virtual_account_id: number;
    sequence: number;
    state: string;
    payload: string;
    issued_at_ms: number;
    changed_at_ms: number;
  };
  operators: {
    smart_account_id: number;
    operator_id: number;
    name: string;
    /** "" for an operator with limits. */
    token_sha256: string;
    created_at_ms: number;
    removed_at_ms: number | null;
    /** Null for everything. */
    access: string | null;
    limited_token_sha256: string | null;
  };
  sign_ins: {
    smart_account_id: number;
    secret_sha256: string;
    operator_id: number;
    created_at_ms: number;
    ends_at_ms: number;
  };
  premises: {
    smart_account_id: number;
    admission: string;
    /** Null until it is connected. */
    upstream: string | null;
  };
  lower_managers: {
    smart_account_id: number;
    manager_id: number;
    identifier: string;
    virtual_account_id: number;
    token_sha256: string;
    facts: string;
  };
};

type QueryLibrary = typeof import("kysely");
export type QueryBuilder = Kysely<Tables>;

/** Builds queries in one dialect's words; running them is the connection's business. */
export function queriesIn(dialectOf: (library: QueryLibrary) => Dialect): () => QueryBuilder {
  let builder: QueryBuilder | undefined;
  return () => {
    builder ??= new (queryLibrary().Kysely)<Tables>({ dialect: dialectOf(queryLibrary()) });
    return builder;
  };
}

export const queries = queriesIn(({ DummyDriver, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler }) => ({
  createAdapter: () => new SqliteAdapter(),
  createDriver: () => new DummyDriver(),
  createIntrospector: (db) => new SqliteIntrospector(db),
  createQueryCompiler: () => new SqliteQueryCompiler(),
}));

/** Loaded when the first query is built: 255 files that neither a start nor the usage thread needs (decision 0084). */
export function queryLibrary(): QueryLibrary {
  return createRequire(import.meta.url)("kysely");
}

export function flag(value: boolean): Flag {
  return value ? 1 : 0;
}
