// Transcripts of ping and telnet.

import type { FactBook } from "./fact-book.ts";
import type { Line } from "./log-lines.ts";

export class PathTests {
  readonly #book: FactBook;
  #asked: { readonly host: string; readonly port: string } | null = null;
  #tried: { readonly place: string; readonly port: string } | null = null;
  #pinged = "";

  constructor(book: FactBook) {
    this.#book = book;
  }

  /** The words of a command that was typed. */
  command(words: string): void {
    const telnet = /^telnet (\S{1,255}) (\d{1,5})\b/i.exec(words);
    this.#asked = telnet === null ? null : { host: telnet[1] ?? "", port: telnet[2] ?? "" };
    this.#tried = null;
  }

  read(at: Line): boolean {
    const { text } = at;
    const pinged = /ICMP Echos to ([^,\s]{1,255})/.exec(text);
    if (pinged !== null) this.#pinged = pinged[1] ?? "";
    const rate = /^Success rate is (\d{1,3}) percent/.exec(text.trim());
    if (rate !== null) this.#book.add("ping-percent", Number(rate[1]), at, this.#pinged);
    const trying = /Trying ([^\s(,]{1,255})(?: \(([^\s,)]{1,100}))?,? ?(\d{1,5})?/.exec(text);
    if (trying !== null) this.#trying(trying, at);
    const outcome = outcomeOf(text);
    if (outcome !== null && (this.#asked !== null || this.#tried !== null || outcome === "unresolved"))
      this.#book.add("tcp-test", outcome, at, this.#place());
    return pinged !== null || rate !== null || trying !== null || outcome !== null;
  }

  #trying([, host = "", address, plain]: RegExpExecArray, at: Line): void {
    const port = plain ?? /,\s?(\d{1,5})/.exec(at.text)?.[1] ?? "";
    this.#tried = { place: address ?? host, port };
    if (this.#asked !== null && port !== "" && this.#asked.port !== port)
      this.#book.add("tcp-port-mismatch", `${this.#asked.port} asked for, ${port} tried`, at, this.#asked.host);
  }

  #place(): string {
    if (this.#asked !== null) return `${this.#asked.host}:${this.#asked.port}`;
    return this.#tried === null ? "" : `${this.#tried.place}:${this.#tried.port}`;
  }
}

function outcomeOf(text: string): "open" | "refused" | "timed out" | "unresolved" | null {
  if (/Trying .{1,300}Open\s*$|^\s*Open\s*$/.test(text)) return "open";
  if (/% ?Connection refused by remote host/i.test(text)) return "refused";
  if (/% ?(Connection timed out; remote host not responding|Destination unreachable)/i.test(text)) return "timed out";
  if (/% ?(Unrecognized host or address|Bad IP address or host name|Unknown host)/i.test(text)) return "unresolved";
  return null;
}
