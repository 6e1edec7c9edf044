// A running configuration: its lines that concern licensing, and those that a complete one should have and has not.

import type { FactBook } from "./fact-book.ts";
import type { Line } from "./log-lines.ts";

const wanted =
  /^(ip http |ip (domain|name-server|host)|license |service call-home|call-home|ntp |clock calendar-valid|crypto pki trustpoint|dns |http )/;

export class Configuration {
  readonly #book: FactBook;
  readonly #lines: Line[] = [];
  #parent = "";
  #grandparent = "";
  #profile: { name: string; isActive: boolean; urls: Line[] } | null = null;
  readonly #profiles: { name: string; isActive: boolean; urls: Line[] }[] = [];

  constructor(book: FactBook) {
    this.#book = book;
  }

  read(at: Line): void {
    const text = at.text.trimEnd();
    const line = text.trim();
    if (line === "" || line === "!") return;
    const depth = text.length - text.trimStart().length;
    if (depth === 0) [this.#parent, this.#grandparent, this.#profile] = [line, "", null];
    else if (depth === 1) this.#grandparent = line;
    this.#lines.push({ line: at.line, text: depth === 0 ? line : `${this.#parent} / ${line}` });
    if (depth === 0 && wanted.test(line)) this.#book.add("config", line, at);
    if (this.#parent === "call-home") this.#readCallHome(line, at);
    if (/^license smart url (smart |default |cslu )?https?:/.test(line) || /^license smart proxy/.test(line))
      this.#readTransport(line, at);
  }

  #readCallHome(line: string, at: Line): void {
    const profile = /^profile "?([^"]{1,100})"?$/.exec(line);
    if (profile !== null) {
      this.#profile = { name: profile[1] ?? "", isActive: true, urls: [] };
      this.#profiles.push(this.#profile);
      return;
    }
    if (this.#profile === null) return;
    if (line === "no active") this.#profile.isActive = false;
    if (line === "active") this.#profile.isActive = true;
    if (/^destination address http /.test(line)) this.#profile.urls.push(at);
  }

  #readTransport(line: string, at: Line): void {
    const url = /(https?:\/\/\S{1,500})/.exec(line)?.[1];
    if (url !== undefined) this.#book.add("transport-url", url, at, "license smart");
    if (/^license smart proxy address /.test(line)) this.#book.add("proxy-address", line.split(" ").at(-1) ?? "", at);
  }

  /** At `end`: now what is not there is missing. */
  finish(): void {
    const has = (pattern: RegExp) => this.#lines.some(({ text }) => pattern.test(text));
    const missing = (what: string) =>
      this.#book.add("config-missing", what, { line: 0, text: `There is no line: ${what}` });
    for (const { isActive, urls } of this.#profiles) {
      for (const at of isActive ? urls : [])
        this.#book.add("transport-url", /(https?:\/\/\S{1,500})/.exec(at.text)?.[1] ?? "", at, "call-home");
    }
    const active = this.#profiles.filter(({ isActive }) => isActive);
    if (this.#profiles.length > 0) {
      const names = active.map(({ name }) => name).join(", ") || "none";
      this.#book.add("active-profiles", active.length, { line: 0, text: `Active call-home profiles: ${names}` });
    }
    if (!has(/^(license smart|license boot|service call-home|call-home|call-home \/)/)) return;
    if (!has(/^ip http client source-interface /)) missing("ip http client source-interface");
    if (has(/^ip http secure-trustpoint /) && !has(/^ip http client secure-trustpoint /))
      missing("ip http client secure-trustpoint");
    if (!has(/^(ip name-server|ip host|name-server)/) && !has(/\/ name-server/)) missing("ip name-server or ip host");
    const onPremises = has(/Transportgateway|SmartTransport|license smart transport cslu/i);
    const trustpoint = has(/^crypto pki trustpoint SLA-TrustPoint/);
    if (onPremises && trustpoint && !has(/^crypto pki trustpoint SLA-TrustPoint \/ revocation-check none/))
      missing("revocation-check none under SLA-TrustPoint");
  }
}
