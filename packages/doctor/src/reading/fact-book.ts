// Where a reader writes what it found: each fact with its line, no secret in it, and never more than a report can hold.

import { evidenceText, type Fact, type FactKind, factsMax } from "../diagnosis/fact.ts";
import { withoutSecrets } from "./secrets.ts";

export class FactBook {
  readonly #facts: Fact[] = [];
  readonly #source: string;
  #leftOut = 0;

  constructor(source: string) {
    this.#source = source;
  }

  get facts(): readonly Fact[] {
    return this.#facts;
  }

  get leftOut(): number {
    return this.#leftOut;
  }

  add(
    kind: FactKind,
    value: string | number,
    place: { readonly line: number; readonly text: string },
    about = "",
  ): void {
    if (this.#facts.length >= factsMax) {
      this.#leftOut += 1;
      return;
    }
    const clean = typeof value === "string" ? evidenceText(withoutSecrets(value)) : value;
    const text = evidenceText(withoutSecrets(place.text));
    const where = place.line === 0 ? "whole output" : `line ${place.line}`;
    this.#facts.push({ kind, value: clean, about, evidence: { source: this.#source, place: where, text } });
  }

  /** Takes facts back that something later has put right. */
  withdraw(isOver: (fact: Fact) => boolean): void {
    for (let at = this.#facts.length - 1; at >= 0; at -= 1) {
      const fact = this.#facts[at];
      if (fact !== undefined && isOver(fact)) this.#facts.splice(at, 1);
    }
  }
}
