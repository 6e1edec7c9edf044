// Reads purchases from CSV or JSON text, told apart by content. All wrong places are collected before anything is refused.
// Columns: tag, quantity, virtual_account, kind, start, end, order_reference. Dates are yyyy-mm-dd (UTC) or a full ISO instant.

import { fileBytesMax, ProtocolError, parseJson, parseTag } from "@countersign/protocol";
import { ManagerError } from "../errors.ts";
import { type PurchaseKind, purchaseKinds } from "./purchase.ts";

/** One purchase as a person writes it. */
export type NewPurchaseText = {
  readonly tag: string;
  readonly quantity: string | number;
  readonly virtualAccount?: string | undefined;
  readonly kind?: string | undefined;
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  readonly orderReference?: string | undefined;
};

export type ReadPurchase = {
  readonly tag: string;
  readonly quantity: number;
  /** Null for the default virtual account. */
  readonly virtualAccount: string | null;
  readonly kind: PurchaseKind;
  readonly startsAtMs: number;
  readonly endsAtMs: number | null;
  readonly orderReference: string;
};

export const purchasesPerImportMax = 100_000;
export const licenseFileBytesMax = fileBytesMax;
const quantityMax = 1_000_000_000;

const columns = ["tag", "quantity", "virtual_account", "kind", "start", "end", "order_reference"] as const;
type Column = (typeof columns)[number];
type Row = Partial<Record<Column, string>>;

/** Throws `input_invalid` with every wrong place. `now` starts a purchase that names no start. */
export function readLicenseFile(text: string, now: number): readonly ReadPurchase[] {
  const rows = /^\s*[[{]/.test(text) ? readJsonRows(text) : readCsvRows(text);
  if (rows.length === 0) throw new ManagerError("input_invalid", "The file has no purchase.");
  if (rows.length > purchasesPerImportMax)
    throw new ManagerError("input_invalid", `More than ${purchasesPerImportMax} purchases.`);
  return checkAll(rows, now);
}

/** The same for one purchase that was typed. */
export function readPurchase(text: NewPurchaseText, now: number): ReadPurchase {
  const row: Row = { tag: text.tag, quantity: String(text.quantity) };
  if (text.virtualAccount !== undefined) row.virtual_account = text.virtualAccount;
  if (text.kind !== undefined) row.kind = text.kind;
  if (text.start !== undefined) row.start = text.start;
  if (text.end !== undefined) row.end = text.end;
  if (text.orderReference !== undefined) row.order_reference = text.orderReference;
  const [purchase] = checkAll([row], now);
  return purchase as ReadPurchase;
}

function checkAll(rows: readonly Row[], now: number): readonly ReadPurchase[] {
  const problems: string[] = [];
  const purchases = rows.map((row, at) =>
    checkRow(row, now, (column, problem) => problems.push(`row ${at + 1}, ${column}: ${problem}`)),
  );
  if (problems.length > 0) throw new ManagerError("input_invalid", problems.slice(0, 50).join("; "));
  return purchases;
}

function checkRow(row: Row, now: number, report: (column: Column, problem: string) => void): ReadPurchase {
  const tag = row.tag ?? "";
  if (!isTag(tag)) report("tag", "is not an entitlement tag");
  const quantity = /^\d{1,10}$/.test(row.quantity ?? "") ? Number(row.quantity) : Number.NaN;
  if (!(quantity >= 1 && quantity <= quantityMax)) report("quantity", `must be 1 to ${quantityMax}`);
  const kind = row.kind === undefined || row.kind === "" ? "perpetual" : row.kind.toLowerCase();
  const knownKind = purchaseKinds.find((known) => known === kind);
  if (knownKind === undefined) report("kind", `must be one of ${purchaseKinds.join(", ")}`);
  const startsAtMs = readDate(row.start, now);
  if (Number.isNaN(startsAtMs)) report("start", "is not a date");
  const endsAtMs = row.end === undefined || row.end === "" ? null : readDate(row.end, now);
  if (endsAtMs !== null && !(endsAtMs > startsAtMs)) report("end", "is not a date after the start");
  if ((row.order_reference ?? "").length > 256) report("order_reference", "is longer than 256");
  return {
    tag,
    quantity,
    virtualAccount: row.virtual_account === undefined || row.virtual_account === "" ? null : row.virtual_account,
    kind: knownKind ?? "perpetual",
    startsAtMs,
    endsAtMs,
    orderReference: row.order_reference ?? "",
  };
}

export function isTag(text: string): boolean {
  try {
    parseTag(text);
    return true;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}

function readDate(text: string | undefined, fallback: number): number {
  if (text === undefined || text === "") return fallback;
  return /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z)?$/.test(text) ? Date.parse(text) : Number.NaN;
}

function readJsonRows(text: string): readonly Row[] {
  const value = parseJsonText(text);
  const list = Array.isArray(value) ? value : (value as { licenses?: unknown }).licenses;
  if (!Array.isArray(list))
    throw new ManagerError("input_invalid", "Expected a list of purchases, alone or as `licenses`.");
  return list.map((item, at) => readJsonRow(item, at));
}

/** Members named twice, half characters and too much depth are refused as in a message. */
function parseJsonText(text: string): object {
  try {
    return parseJson(text) as object;
  } catch (cause) {
    if (cause instanceof ProtocolError) throw new ManagerError("input_invalid", cause.message, { cause });
    throw cause;
  }
}

function readJsonRow(item: unknown, at: number): Row {
  if (typeof item !== "object" || item === null)
    throw new ManagerError("input_invalid", `row ${at + 1}: is not an object`);
  const row: Row = {};
  for (const [key, value] of Object.entries(item)) {
    const column = columns.find((known) => known === key);
    if (column === undefined)
      throw new ManagerError("input_invalid", `row ${at + 1}: unknown member ${JSON.stringify(key.slice(0, 40))}`);
    if (value === null) continue;
    if (typeof value !== "string" && typeof value !== "number")
      throw new ManagerError("input_invalid", `row ${at + 1}, ${key}: is not a text`);
    row[column] = String(value);
  }
  return row;
}

/** Tags contain a comma, so quoting as in RFC 4180 matters here. */
function readCsvRows(text: string): readonly Row[] {
  const [head, ...lines] = splitCsv(text.replace(/^\uFEFF/, ""));
  const names = (head ?? []).map((cell) => cell.trim().toLowerCase().replaceAll(" ", "_"));
  const unknown = names.filter((name) => !columns.some((known) => known === name));
  if (unknown.length > 0 || !names.includes("tag") || !names.includes("quantity")) {
    throw new ManagerError(
      "input_invalid",
      `The first line must name columns out of ${columns.join(", ")}, tag and quantity among them.`,
    );
  }
  return lines.map((cells) => Object.fromEntries(names.map((name, at) => [name, (cells[at] ?? "").trim()])) as Row);
}

function splitCsv(text: string): string[][] {
  const lines: string[][] = [];
  let cells: string[] = [];
  const pattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (match === null)
      throw new ManagerError("input_invalid", `line ${lines.length + 1}: a quotation mark is not closed`);
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
    if (match[3] === ",") continue;
    if (cells.length > 1 || cells[0] !== "") lines.push(cells);
    cells = [];
  }
  if (cells.length > 0) lines.push(cells);
  return lines;
}
