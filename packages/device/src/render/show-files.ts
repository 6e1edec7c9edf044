// dir, more, show file systems: the files of the device as the field prints them.

import type { FileEntry, FileSpace, FolderView } from "../file-view.ts";
import { isoOrNull, oneLine, type TimeZone } from "./show-text.ts";

export function renderFolder(view: FolderView, zone: TimeZone): string {
  const { path, entries, bytesTotal, bytesFree } = view;
  const width = Math.max(0, ...entries.map(({ index }) => String(index).length));
  return [
    `Directory of flash:${path}`,
    "",
    ...(entries.length === 0 ? ["No files in directory"] : entries.map((entry) => entryLine(entry, width, zone))),
    "",
    `${bytesTotal} bytes total (${bytesFree} bytes free)`,
  ].join("\n");
}

type UndatedEntry = Omit<FileEntry, "modifiedAtMs">;
/** A folder of files that are rendered when they are read: they have no date, and take no room of their own. */
export type ConfigurationFolder = { readonly path: string; readonly entries: readonly UndatedEntry[] };

export function renderConfigurationFolder({ path, entries }: ConfigurationFolder): string {
  return [
    `Directory of ${path}`,
    "",
    ...(entries.length === 0 ? ["No files in directory"] : entries.map((entry) => undatedLine(entry))),
    "",
    "No space information available",
  ].join("\n");
}

export function configurationFolderJson({ path, entries }: ConfigurationFolder) {
  return { path, entries: entries.map((entry) => ({ ...entry, modifiedAt: null })), bytesTotal: null, bytesFree: null };
}

function undatedLine({ index, bytes, name }: UndatedEntry): string {
  return `${String(index)}  -rw- ${String(bytes).padStart(16)}  ${"<no date>".padStart(27)}  ${name}`;
}

function entryLine({ index, kind, bytes, modifiedAtMs, name }: FileEntry, width: number, zone: TimeZone): string {
  const mode = kind === "folder" ? "drwx" : "-rw-";
  const head = `${String(index).padStart(width)}  ${mode} ${String(bytes).padStart(16)}`;
  return `${head}  ${fileTime(modifiedAtMs, zone)}  ${oneLine(name)}`;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

/** `Jan 24 2031 23:02:12 +00:00` */
function fileTime(atMs: number, { offsetMinutes }: TimeZone): string {
  const local = new Date(atMs + offsetMinutes * 60_000);
  const two = (value: number): string => String(value).padStart(2, "0");
  const clock = [local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()].map(two).join(":");
  const away = Math.abs(offsetMinutes);
  const offset = `${offsetMinutes < 0 ? "-" : "+"}${two(Math.floor(away / 60))}:${two(away % 60)}`;
  const day = `${months[local.getUTCMonth()]} ${two(local.getUTCDate())} ${local.getUTCFullYear()}`;
  return `${day} ${clock} ${offset}`;
}

export function folderJson({ path, entries, bytesTotal, bytesFree }: FolderView) {
  return {
    path: `flash:${path}`,
    entries: entries.map(({ modifiedAtMs, ...entry }) => ({ ...entry, modifiedAt: isoOrNull(modifiedAtMs) })),
    bytesTotal,
    bytesFree,
  };
}

/** `show flash:`: every file by its path, numbered in the order of the list. */
export function renderFlash({ entries, bytesTotal, bytesFree }: FolderView, zone: TimeZone): string {
  const rows = entries.map(({ bytes, modifiedAtMs, name }, at) => {
    const fraction = String(modifiedAtMs % 1000)
      .padStart(3, "0")
      .padEnd(10, "0");
    const time = fileTime(modifiedAtMs, zone).replace(/ ([+-])/, `.${fraction} $1`);
    return `${String(at + 1).padStart(3)} ${String(bytes).padStart(10)} ${time} ${oneLine(name)}`;
  });
  return [
    "-#- --length-- ---------date/time--------- path",
    ...rows,
    "",
    `${bytesFree} bytes available (${bytesTotal - bytesFree} bytes used)`,
  ].join("\n");
}

export function renderFileSystems({ bytesTotal, bytesFree }: FileSpace): string {
  const columns = (total: string, free: string, type: string, flags: string, prefixes: string): string =>
    `${total.padStart(14)}${free.padStart(14)}${type.padStart(10)}${flags.padStart(7)}   ${prefixes}`;
  return [
    "File Systems:",
    "",
    columns("Size(b)", "Free(b)", "Type", "Flags", "Prefixes"),
    `*${columns(String(bytesTotal), String(bytesFree), "disk", "rw", "flash: bootflash:").slice(1)}`,
    columns("-", "-", "nvram", "rw", "nvram:"),
    columns("-", "-", "opaque", "rw", "system:"),
  ].join("\n");
}

/** A text as it is; what is none in hexadecimal digits, so that no file can steer the terminal. */
export function renderFile(bytes: Uint8Array): string {
  const text = fileText(bytes);
  if (text !== null) return text.replaceAll("\r\n", "\n").replace(/\n$/, "");
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += bytesPerLine) lines.push(hexadecimalLine(bytes, at));
  return lines.join("\n");
}

/** Null for what is no text. */
export function fileText(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return /[^\P{Cc}\n\r\t]/u.test(text) || /\r(?!\n)/.test(text) ? null : text;
  } catch {
    return null;
  }
}

const bytesPerLine = 16;

/** `00000000: 0A0D0D0A ...   ..M<` */
function hexadecimalLine(bytes: Uint8Array, at: number): string {
  const line = bytes.subarray(at, at + bytesPerLine);
  const digits = Buffer.from(line)
    .toString("hex")
    .toUpperCase()
    .padEnd(bytesPerLine * 2);
  const words = (digits.match(/.{8}/g) ?? []).join(" ");
  const characters = [...line].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
  return `${at.toString(16).toUpperCase().padStart(8, "0")}: ${words}  ${characters}`;
}
