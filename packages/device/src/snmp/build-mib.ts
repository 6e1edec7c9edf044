// The tree of values that one request is answered from: the system group, and the licensing of this moment.

import snmp from "net-snmp";
import type { LicenseView } from "../license-view.ts";
import type { SnmpConfiguration } from "../snmp-configuration.ts";
import {
  type ColumnRow,
  displayString,
  entitlementColumns,
  exchangeColumns,
  exchangeRows,
  instanceColumns,
  mibRoot,
  type SnmpSyntax,
  type SnmpValue,
  scalars,
} from "./license-mib.ts";

export type MibFacts = {
  readonly view: LicenseView;
  readonly configuration: SnmpConfiguration;
  readonly nowMs: number;
  readonly upTimeCentiseconds: number;
};

type Mib = ReturnType<typeof snmp.createMib>;

const systemGroup = "1.3.6.1.2.1.1";

const syntaxes: Readonly<Record<SnmpSyntax, number>> = {
  integer: snmp.ObjectType.Integer,
  text: snmp.ObjectType.OctetString,
  date: snmp.ObjectType.OctetString,
  gauge: snmp.ObjectType.Gauge,
  counter: snmp.ObjectType.Counter,
};

export function buildMib(facts: MibFacts): Mib {
  const mib = snmp.createMib({});
  addSystemGroup(mib, facts);
  for (const { name, number, syntax, value } of scalars) {
    const wire = onWire(value(facts.view, facts.nowMs), syntax);
    addScalar(mib, { name, oid: `${mibRoot}.1.1.${number}`, type: syntaxes[syntax], value: wire });
  }
  const { licenses, slots } = facts.view;
  const numbered = licenses.map((row) => ({ index: row.handle, row }));
  addTable(mib, { name: "csLicEntitlementEntry", number: 2, columns: entitlementColumns, rows: numbered });
  addTable(mib, { name: "csLicInstanceEntry", number: 3, columns: instanceColumns, rows: inOrder(slots) });
  addTable(mib, {
    name: "csLicExchangeEntry",
    number: 4,
    columns: exchangeColumns,
    rows: inOrder(exchangeRows(facts.view)),
  });
  return mib;
}

/** What every monitor asks first (RFC 3418). */
function addSystemGroup(mib: Mib, { view, configuration, upTimeCentiseconds }: MibFacts): void {
  const { platform, softwareVersion, hostname } = view.device;
  const { OctetString, OID, TimeTicks, Integer } = snmp.ObjectType;
  const rows = [
    { name: "sysDescr", number: 1, type: OctetString, value: `${platform}, software ${softwareVersion}` },
    { name: "sysObjectID", number: 2, type: OID, value: mibRoot },
    { name: "sysUpTime", number: 3, type: TimeTicks, value: upTimeCentiseconds },
    { name: "sysContact", number: 4, type: OctetString, value: configuration.contact ?? "" },
    { name: "sysName", number: 5, type: OctetString, value: hostname },
    { name: "sysLocation", number: 6, type: OctetString, value: configuration.location ?? "" },
    // Layers 2 and 3.
    { name: "sysServices", number: 7, type: Integer, value: 6 },
  ];
  for (const { name, number, type, value } of rows) {
    const wire = typeof value === "string" && type === OctetString ? displayString(value) : value;
    addScalar(mib, { name, oid: `${systemGroup}.${number}`, type, value: wire });
  }
}

type Scalar = { readonly name: string; readonly oid: string; readonly type: number; readonly value: SnmpValue };

function addScalar(mib: Mib, { name, oid, type, value }: Scalar): void {
  const maxAccess = snmp.MaxAccess["read-only"];
  mib.registerProvider({ name, type: snmp.MibProviderType.Scalar, oid, scalarType: type, maxAccess });
  mib.setScalarValue(name, value);
}

type Table<Row> = {
  readonly name: string;
  readonly number: number;
  readonly columns: readonly ColumnRow<Row>[];
  readonly rows: readonly { readonly index: number; readonly row: Row }[];
};

function inOrder<Row>(rows: readonly Row[]): readonly { readonly index: number; readonly row: Row }[] {
  return rows.map((row, place) => ({ index: place + 1, row }));
}

function addTable<Row>(mib: Mib, { name, number, columns, rows }: Table<Row>): void {
  const maxAccess = snmp.MaxAccess["read-only"];
  const index = {
    number: 1,
    name: `${name}Index`,
    type: snmp.ObjectType.Gauge,
    maxAccess: snmp.MaxAccess["not-accessible"],
  };
  mib.registerProvider({
    name,
    type: snmp.MibProviderType.Table,
    oid: `${mibRoot}.1.${number}.1`,
    maxAccess: snmp.MaxAccess["not-accessible"],
    tableColumns: [
      index,
      ...columns.map((one) => ({ number: one.number, name: one.name, type: syntaxes[one.syntax], maxAccess })),
    ],
    tableIndex: [{ columnName: index.name }],
  });
  for (const { index: place, row } of rows) {
    mib.addTableRow(name, [place, ...columns.map((one) => onWire(one.value(row), one.syntax))]);
  }
}

/** Counters and gauges have 32 bits: a counter wraps, a gauge stays at its greatest value. */
export function onWire(value: SnmpValue, syntax: SnmpSyntax): SnmpValue {
  if (typeof value === "string") return displayString(value);
  if (typeof value !== "number") return value;
  if (syntax === "counter") return value % 4_294_967_296;
  return syntax === "gauge" ? Math.min(value, 4_294_967_295) : value;
}
