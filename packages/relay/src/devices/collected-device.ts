// A device from which the relay collects, and lists of them as people write them.

import { RelayError } from "../relay-error.ts";

export type CollectedDevice = {
  /** A word of the person's own, unique. */
  readonly name: string;
  /** `https://<host>[:port]`, of the device's own HTTPS server. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** SHA-256 of the certificate that the device shows, as hexadecimal digits; "" to verify it by the authorities of this machine. */
  readonly fingerprint: string;
  readonly lastContactAtMs: number | null;
  readonly lastOutcome: string;
  readonly udi: string | null;
};

/** What a person says of one. */
export type DeviceWish = Pick<CollectedDevice, "name" | "url" | "user" | "password" | "fingerprint">;

export type RowVerdict =
  | { readonly row: number; readonly device: DeviceWish; readonly problem: null }
  | { readonly row: number; readonly device: null; readonly problem: string };

export const deviceListBytesMax = 4 * 1024 * 1024;
export const deviceListRowsMax = 10_000;
const columns = ["name", "url", "user", "password", "fingerprint"] as const;

/** Throws `device_list_invalid` for what is no list at all; a wrong row is a verdict, and stops no other. */
export function parseDeviceList(text: string): readonly RowVerdict[] {
  if (Buffer.byteLength(text) > deviceListBytesMax)
    throw new RelayError("device_list_invalid", `It has more than ${deviceListBytesMax} bytes.`);
  const [head, ...lines] = text.replace(/^\ufeff/, "").split(/\r?\n/);
  const names = cells(head ?? "");
  if (names === null || columns.some((column) => column !== "fingerprint" && !names.includes(column)))
    throw new RelayError("device_list_invalid", `The first line has to name the columns ${columns.join(",")}.`);
  const rows = lines.flatMap((line, at) => (line.trim() === "" ? [] : [{ line, row: at + 2 }]));
  if (rows.length > deviceListRowsMax)
    throw new RelayError("device_list_invalid", `It has more than ${deviceListRowsMax} rows.`);
  const seen = new Set<string>();
  return rows.map(({ line, row }) => {
    const values = cells(line);
    if (values === null || values.length !== names.length)
      return { row, device: null, problem: `has not ${names.length} cells` };
    const textIn = (column: string) => values[names.indexOf(column)]?.trim() ?? "";
    const device = {
      name: textIn("name"),
      url: textIn("url"),
      user: textIn("user"),
      password: textIn("password"),
      fingerprint: textIn("fingerprint").replaceAll(":", "").toLowerCase(),
    };
    const problem = seen.has(device.name) ? "names a device twice" : problemOf(device);
    if (problem !== null) return { row, device: null, problem };
    seen.add(device.name);
    return { row, device, problem: null };
  });
}

/** Null for a device that can be taken. No problem quotes a password. */
export function problemOf({ name, url, user, password, fingerprint }: DeviceWish): string | null {
  if (!/^[\w.:-]{1,64}$/.test(name)) return "has no name of 1 to 64 letters, digits, '_', '.', ':' and '-'";
  if (!isHttpsUrl(url)) return "has no URL of the form https://host[:port]";
  if (!/^[^:\p{Cc}]{1,64}$/u.test(user)) return "has no user";
  if (!/^[^\p{Cc}]{1,256}$/u.test(password)) return "has no password";
  if (!/^([0-9a-f]{64})?$/.test(fingerprint)) return "has a fingerprint that is no SHA-256";
  return null;
}

/** Credentials go to it, so never without TLS. */
function isHttpsUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, pathname, search, hash } = new URL(text);
  return (
    protocol === "https:" && username === "" && password === "" && pathname === "/" && search === "" && hash === ""
  );
}

/** Cells of one line: `"` around a cell that has commas, `""` for one of them inside. Null for a quote that stands elsewhere. */
function cells(line: string): readonly string[] | null {
  const found: string[] = [];
  let at = 0;
  for (;;) {
    const cell = line[at] === '"' ? quotedCell(line, at + 1) : plainCell(line, at);
    if (cell === null) return null;
    found.push(cell.text);
    if (cell.end >= line.length) return found;
    if (line[cell.end] !== ",") return null;
    at = cell.end + 1;
  }
}

type Cell = { readonly text: string; readonly end: number };

function plainCell(line: string, from: number): Cell | null {
  const comma = line.indexOf(",", from);
  const end = comma < 0 ? line.length : comma;
  const text = line.slice(from, end);
  return text.includes('"') ? null : { text, end };
}

function quotedCell(line: string, from: number): Cell | null {
  let text = "";
  for (let at = from; ; ) {
    const quote = line.indexOf('"', at);
    if (quote < 0) return null;
    text += line.slice(at, quote);
    if (line[quote + 1] !== '"') return { text, end: quote + 1 };
    text += '"';
    at = quote + 2;
  }
}
