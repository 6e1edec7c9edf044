// The ground of the strict reader: lines without indentation, captions that must match letter by letter, and a refusal
// that names the line. It reads show output the way public parsers do, so that what passes here passes there.

export type Reading = { [key: string]: string | number | Reading };

export class StrictReadError extends Error {
  override readonly name = "StrictReadError";
  readonly line: string;

  constructor(line: string, expected: string) {
    super(`${expected}, but the output says ${JSON.stringify(line.slice(0, 120))}`);
    this.line = line;
  }
}

/** Lines without their indentation and without empty ones; what a console prints before the output is left out. */
export function outputLines(text: string): readonly string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return lines.filter((line) => line !== "" && !isPreamble(line));
}

function isPreamble(line: string): boolean {
  return (
    /^Load for five secs: /.test(line) || /^(No time source|Time source is)/.test(line) || /^show license /.test(line)
  );
}

/** `First report requirement (days)` becomes `first_report_requirement_days`. */
export function keyOf(caption: string): string {
  return caption
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_|_$/g, "");
}

/** Reads `Caption: value` when the caption is one of these, letter by letter. */
export function readPair(line: string, captions: readonly string[], into: Reading): boolean {
  const caption = captions.find((one) => line.startsWith(`${one}:`));
  if (caption === undefined) return false;
  const value = line.slice(caption.length + 1);
  if (value !== "" && !value.startsWith(" ")) return false;
  into[keyOf(caption)] = value.trim();
  return true;
}

export function wholeNumber(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text;
}

export function readingAt(into: Reading, key: string): Reading {
  const present = into[key];
  if (typeof present === "object") return present;
  const created: Reading = {};
  into[key] = created;
  return created;
}

/** `member`, then `member2`, `member3`: a role that several devices have. */
export function freeKey(into: Reading, key: string): string {
  if (!(key in into)) return key;
  let number = 2;
  while (`${key}${number}` in into) number += 1;
  return `${key}${number}`;
}

const udi = /^(Active|Standby|Member):( ?)PID:([^,]+),SN:(\S+)$/;

/** A row of a member. The blank after the role tells a list of members from the blocks of trust and authorization. */
export function readRole(line: string, withBlank: boolean, into: Reading): Reading | null {
  const match = udi.exec(line);
  if (match === null || (match[2] === " ") !== withBlank) return null;
  const [, role = "", , pid = "", sn = ""] = match;
  const device: Reading = { pid, sn };
  into[freeKey(into, role.toLowerCase())] = device;
  return device;
}

/** One part of an output: the line that opens it and what may stand in it. */
export type Section = {
  /** The whole line, or its beginning up to the colon when a value stands on the same line. */
  readonly opening: string;
  readonly key: string;
  /** Takes one line; false when the line does not belong here. */
  readonly take: (line: string, into: Reading) => boolean;
  /** Takes the value that stands on the opening line. */
  readonly takeOpening?: (value: string, into: Reading) => void;
  /** Captions that must all have been seen when the section ends. */
  readonly requires?: readonly string[];
};

export function pairs(opening: string, captions: readonly string[]): Section {
  const take = (line: string, into: Reading): boolean => readPair(line, captions, into);
  return { opening, key: keyOf(opening), take };
}

/** Rules under titles carry nothing. */
export function isRule(line: string): boolean {
  return /^=+$/.test(line) || /^-+$/.test(line);
}

/** Reads sections in any order but refuses every line that none of them takes. Some lines stand between sections. */
export function readSections(
  lines: readonly string[],
  sections: readonly Section[],
  loose: readonly string[],
): Reading {
  const reading: Reading = {};
  let current: Section | undefined;
  let into: Reading = {};
  for (const line of lines) {
    if (isRule(line)) continue;
    if (current?.take(line, into) === true) continue;
    const next = sections.find((section) => opens(section, line));
    if (next === undefined) {
      if (loose.includes(line)) continue;
      throw new StrictReadError(
        line,
        `a line of ${current === undefined ? "the beginning" : current.opening} was expected`,
      );
    }
    requireComplete(current, into);
    current = next;
    into = readingAt(reading, next.key);
    next.takeOpening?.(line.slice(next.opening.length + 1).trim(), into);
  }
  requireComplete(current, into);
  return reading;
}

function opens(section: Section, line: string): boolean {
  if (section.takeOpening !== undefined) return line === section.opening || line.startsWith(`${section.opening}:`);
  return line === section.opening || line === `${section.opening}:`;
}

function requireComplete(section: Section | undefined, into: Reading): void {
  const missing = section?.requires?.find((caption) => !(keyOf(caption) in into));
  if (missing !== undefined) throw new StrictReadError("", `"${missing}" is missing in ${section?.opening ?? ""}`);
}
