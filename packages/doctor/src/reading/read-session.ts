// A pasted session, of one command or of a whole evening, to facts. What a line is, is told by the line: prompts help, and are not
// needed. Reads anything and throws nothing.

import { evidenceText, type Fact } from "../diagnosis/fact.ts";
import { Configuration } from "./config-lines.ts";
import { FactBook } from "./fact-book.ts";
import { readLogLine, savedBy } from "./log-lines.ts";
import { PathTests } from "./path-tests.ts";
import { lineCharactersMax, sessionBytesMax } from "./reading-limits.ts";
import { ShowLines } from "./show-lines.ts";

export type Reading = {
  readonly facts: readonly Fact[];
  readonly lines: number;
  /** Whether anything of licensing was recognised. */
  readonly isRecognised: boolean;
  /** What was not read, in words; empty when everything was. */
  readonly leftOut: readonly string[];
};

const prompt = /^([A-Za-z][\w.()/-]{0,63})(?:\([\w-]{1,40}\))?[#>] ?(.{0,500})$/;
const configurationBegins = /^(Building configuration|Current configuration\s?:)/;

/** `source` is the name of the file, for the evidence. */
export function readSession(bytes: Uint8Array, source: string): Reading {
  const whole = bytes.byteLength <= sessionBytesMax ? bytes : bytes.subarray(0, sessionBytesMax);
  const lines = new TextDecoder("utf-8").decode(whole).split(/\r\n|\n|\r/);
  const book = new FactBook(evidenceText(source));
  const [shown, tests] = [new ShowLines(book), new PathTests(book)];
  let configuration: Configuration | null = null;
  for (const [index, raw] of lines.entries()) {
    const text = raw.length > lineCharactersMax ? raw.slice(0, lineCharactersMax) : raw;
    const at = { line: index + 1, text };
    const typed = prompt.exec(text)?.[2]?.trim();
    if (typed !== undefined) {
      savedBy(text, book);
      tests.command(typed);
      shown.begin();
      configuration = null;
      continue;
    }
    if (configurationBegins.test(text.trim())) {
      configuration ??= new Configuration(book);
      continue;
    }
    if (configuration !== null) {
      if (text.trim() === "end") {
        configuration.finish();
        configuration = null;
      } else configuration.read(at);
      continue;
    }
    if (readLogLine(at, book) || tests.read(at)) continue;
    readVersion(at, book);
    shown.read(at);
  }
  shown.finish();
  return {
    facts: book.facts,
    lines: lines.length,
    isRecognised: book.facts.length > 0,
    leftOut: [
      ...(whole === bytes ? [] : [`what follows the first ${sessionBytesMax} bytes`]),
      ...(book.leftOut === 0 ? [] : [`${book.leftOut} more facts than a report holds`]),
    ],
  };
}

/** `Cisco IOS XE Software, Version 17.09.02` and `cisco C9300-48UN (X86) processor`. */
function readVersion(at: { readonly line: number; readonly text: string }, book: FactBook): void {
  const version = /^(?:Cisco|Countersign) .{0,120}Version (\d{1,3})\.(\d{1,3})\.(\d{1,3})/.exec(at.text);
  if (version !== null) {
    const [major = 0, minor = 0, patch = 0] = version.slice(1).map(Number);
    book.add("release", major * 10_000 + minor * 100 + patch, at);
  }
  const processor = /^cisco (\S{1,64}) \(/i.exec(at.text);
  if (processor?.[1] !== undefined) book.add("product-id", processor[1], at);
  const upcoming = /^Upcoming license report time[.\s]{0,60}:?\s?(.{1,80})$/.exec(at.text.trim());
  if (upcoming !== null) book.add("access-point-report", upcoming[1] ?? "", at);
}
