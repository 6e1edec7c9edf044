// The regular expressions behind the bar of a command. An engine that goes back and forth takes years for patterns such as
// `(.*)*(.*)*x`, and whoever may read could so stop a device; this one goes over a line once, in all states at a time, so that the
// work is the length of the line times that of the pattern. Pure.

export type LinePattern = { test(line: string): boolean };

export const patternCharactersMax = 256;

type Accepts = (character: string) => boolean;
type Part =
  | { readonly type: "one"; readonly accepts: Accepts }
  | { readonly type: "line start" | "line end" }
  | { readonly type: "sequence" | "choice"; readonly parts: readonly Part[] }
  | { readonly type: "repeat"; readonly part: Part; readonly mayBeAbsent: boolean; readonly mayBeMany: boolean };

type Step =
  | { readonly type: "one"; readonly accepts: Accepts }
  | { readonly type: "line start" | "line end" | "match" }
  /** Goes on at each of them. */
  | { readonly type: "go"; readonly to: readonly number[] };

class MalformedPattern extends Error {}

/**
 * Characters, `.`, `[a-z]`, `[^a-z]`, `( )`, `|`, `* + ?`, `^ $`, and a backslash before what would mean something else.
 * Null for what is none, or is too long.
 */
export function compileLinePattern(text: string): LinePattern | null {
  if (text.length > patternCharactersMax) return null;
  if (!/[\\^$.*+?()[\]|]/.test(text)) return { test: (line) => line.includes(text) };
  try {
    const steps: Step[] = [];
    emit(new Reader(text).pattern(), steps);
    steps.push({ type: "match" });
    return { test: (line) => matches(steps, line) };
  } catch (error) {
    if (error instanceof MalformedPattern) return null;
    throw error;
  }
}

class Reader {
  readonly #characters: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#characters = [...text];
  }

  pattern(): Part {
    const part = this.#choice();
    if (this.#at < this.#characters.length) throw new MalformedPattern("a parenthesis that was never opened");
    return part;
  }

  #choice(): Part {
    const parts = [this.#sequence()];
    while (this.#takes("|")) parts.push(this.#sequence());
    return { type: "choice", parts };
  }

  #sequence(): Part {
    const parts: Part[] = [];
    for (let next = this.#next(); next !== undefined && next !== "|" && next !== ")"; next = this.#next()) {
      parts.push(this.#repeated());
    }
    return { type: "sequence", parts };
  }

  #repeated(): Part {
    const part = this.#single();
    const sign = this.#next();
    if (sign !== "*" && sign !== "+" && sign !== "?") return part;
    const isPlace = part.type === "line start" || part.type === "line end";
    if (isPlace) throw new MalformedPattern("nothing that could be repeated");
    this.#at += 1;
    // How much a repetition takes first decides nothing here: only whether the line matches is asked.
    this.#takes("?");
    return { type: "repeat", part, mayBeAbsent: sign !== "+", mayBeMany: sign !== "?" };
  }

  #single(): Part {
    const character = this.#taken();
    switch (character) {
      case "^":
        return { type: "line start" };
      case "$":
        return { type: "line end" };
      case ".":
        return { type: "one", accepts: () => true };
      case "[":
        return { type: "one", accepts: this.#set() };
      case "\\":
        return { type: "one", accepts: escaped(this.#taken()) };
      case "(": {
        const inner = this.#choice();
        if (!this.#takes(")")) throw new MalformedPattern("a parenthesis that is never closed");
        return inner;
      }
      case "*":
      case "+":
      case "?":
        throw new MalformedPattern("nothing that could be repeated");
      default:
        return { type: "one", accepts: (other) => other === character };
    }
  }

  /** Behind its opening bracket; a closing one that stands first is a member. */
  #set(): Accepts {
    const isNegated = this.#takes("^");
    const members: Accepts[] = [];
    do members.push(this.#member());
    while (!this.#takes("]"));
    return (character) => members.some((accepts) => accepts(character)) !== isNegated;
  }

  #member(): Accepts {
    const first = this.#taken();
    if (first === "\\") return escaped(this.#taken());
    const isRange = this.#next() === "-" && this.#characters[this.#at + 1] !== "]";
    if (!isRange) return (character) => character === first;
    this.#at += 1;
    const last = this.#taken();
    if (codeOf(last) < codeOf(first)) throw new MalformedPattern("a range that ends before it begins");
    return (character) => codeOf(character) >= codeOf(first) && codeOf(character) <= codeOf(last);
  }

  #next(): string | undefined {
    return this.#characters[this.#at];
  }

  #takes(wanted: string): boolean {
    const isThere = this.#next() === wanted;
    if (isThere) this.#at += 1;
    return isThere;
  }

  #taken(): string {
    const character = this.#next();
    if (character === undefined) throw new MalformedPattern("an end too early");
    this.#at += 1;
    return character;
  }
}

const kinds: Readonly<Record<string, RegExp>> = { d: /\d/, D: /\D/, s: /\s/, S: /\S/, w: /\w/, W: /\W/ };

function escaped(character: string): Accepts {
  const kind = kinds[character];
  return kind === undefined ? (other) => other === character : (other) => kind.test(other);
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}

function emit(part: Part, steps: Step[]): void {
  switch (part.type) {
    case "sequence":
      for (const each of part.parts) emit(each, steps);
      return;
    case "choice":
      emitChoice(part.parts, steps);
      return;
    case "repeat":
      emitRepeat(part, steps);
      return;
    default:
      steps.push(part);
  }
}

function emitChoice(parts: readonly Part[], steps: Step[]): void {
  const fork = steps.length;
  steps.push({ type: "go", to: [] });
  const [starts, ends]: [number[], number[]] = [[], []];
  for (const part of parts) {
    starts.push(steps.length);
    emit(part, steps);
    ends.push(steps.length);
    steps.push({ type: "go", to: [] });
  }
  steps[fork] = { type: "go", to: starts };
  for (const end of ends) steps[end] = { type: "go", to: [steps.length] };
}

function emitRepeat({ part, mayBeAbsent, mayBeMany }: Part & { readonly type: "repeat" }, steps: Step[]): void {
  const start = steps.length;
  steps.push({ type: "go", to: [] });
  emit(part, steps);
  const end = steps.length;
  steps.push({ type: "go", to: mayBeMany ? [start + 1, end + 1] : [end + 1] });
  steps[start] = { type: "go", to: mayBeAbsent ? [start + 1, end + 1] : [start + 1] };
}

/** Whether it is found anywhere in the line. */
function matches(steps: readonly Step[], line: string): boolean {
  const characters = [...line];
  let waiting: readonly Accepting[] = [];
  for (let at = 0; at <= characters.length; at += 1) {
    const before = at === 0 ? "" : (characters[at - 1] as string);
    const reached = waiting.flatMap(({ accepts, next }) => (accepts(before) ? [next] : []));
    // A match may begin anywhere.
    const found = closure(steps, [0, ...reached], { isStart: at === 0, isEnd: at === characters.length });
    if (found === "match") return true;
    waiting = found;
  }
  return false;
}

type Accepting = { readonly accepts: Accepts; readonly next: number };

/** What waits for a character, once all that takes none is gone through; each step once. */
function closure(
  steps: readonly Step[],
  from: readonly number[],
  place: { readonly isStart: boolean; readonly isEnd: boolean },
): readonly Accepting[] | "match" {
  const seen = new Uint8Array(steps.length);
  const left = [...from];
  const waiting: Accepting[] = [];
  for (let at = left.pop(); at !== undefined; at = left.pop()) {
    if (seen[at] === 1) continue;
    seen[at] = 1;
    const step = steps[at] as Step;
    if (step.type === "match") return "match";
    if (step.type === "go") left.push(...step.to);
    else if (step.type === "one") waiting.push({ accepts: step.accepts, next: at + 1 });
    else if (step.type === "line start" ? place.isStart : place.isEnd) left.push(at + 1);
  }
  return waiting;
}
