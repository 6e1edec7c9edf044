// From what a terminal sends to keys. Sequences may arrive in pieces; an end of line is one key however it is spelled.

export type KeyName =
  | "enter"
  | "tab"
  | "help"
  | "interrupt"
  | "end-of-mode"
  | "redraw"
  | "left"
  | "right"
  | "up"
  | "down"
  | "line-start"
  | "line-end"
  | "word-back"
  | "word-forward"
  | "erase-back"
  | "erase-forward"
  | "erase-to-end"
  | "erase-line"
  | "erase-word";

export type Key = { readonly type: "text"; readonly text: string } | { readonly type: KeyName };

const controls: Readonly<Record<string, KeyName>> = {
  "\r": "enter",
  "\n": "enter",
  "\t": "tab",
  "?": "help",
  "\x01": "line-start",
  "\x02": "left",
  "\x03": "interrupt",
  "\x04": "erase-forward",
  "\x05": "line-end",
  "\x06": "right",
  "\x08": "erase-back",
  "\x0b": "erase-to-end",
  "\x0c": "redraw",
  "\x0e": "down",
  "\x10": "up",
  "\x12": "redraw",
  "\x15": "erase-line",
  "\x17": "erase-word",
  "\x18": "erase-line",
  "\x1a": "end-of-mode",
  "\x7f": "erase-back",
};

const sequences: Readonly<Record<string, KeyName>> = {
  "[A": "up",
  "[B": "down",
  "[C": "right",
  "[D": "left",
  "[H": "line-start",
  "[F": "line-end",
  "[1~": "line-start",
  "[3~": "erase-forward",
  "[4~": "line-end",
  OA: "up",
  OB: "down",
  OC: "right",
  OD: "left",
  OH: "line-start",
  OF: "line-end",
  b: "word-back",
  f: "word-forward",
};

const escapeCharacter = "\x1b";
/** The next character is text whatever it is, so that a question mark can be typed. */
const literal = "\x16";
/** A sequence that is longer is none of ours and is dropped. */
const sequenceCharactersMax = 16;

export class KeyDecoder {
  #pending = "";
  #endedWithReturn = false;

  /** The keys that are complete now; what may still grow is kept for the next piece. */
  decode(piece: string): readonly Key[] {
    const input = this.#pending + piece;
    this.#pending = "";
    const keys: Key[] = [];
    let at = 0;
    while (at < input.length) {
      const taken = this.#next(input.slice(at));
      if (taken === null) {
        this.#pending = input.slice(at);
        break;
      }
      if (taken.key !== null) keys.push(taken.key);
      at += taken.length;
    }
    return keys;
  }

  /** Null when more must arrive first. */
  #next(input: string): { readonly key: Key | null; readonly length: number } | null {
    const character = String.fromCodePoint(input.codePointAt(0) ?? 0);
    const afterReturn = this.#endedWithReturn;
    this.#endedWithReturn = character === "\r";
    if (afterReturn && (character === "\n" || character === "\0")) return { key: null, length: 1 };
    if (character === escapeCharacter) return nextSequence(input);
    if (character === literal) return nextLiteral(input);
    const name = controls[character];
    if (name !== undefined) return { key: { type: name }, length: 1 };
    if (/\p{Cc}/u.test(character)) return { key: null, length: 1 };
    return { key: { type: "text", text: character }, length: character.length };
  }
}

function nextSequence(input: string) {
  const body = /^(?:\[[0-9;]*[A-Za-z~]|O[A-Za-z]|[^[O])/.exec(input.slice(1))?.[0];
  if (body === undefined)
    return input.length > sequenceCharactersMax || /^.[[O][^0-9;]/s.test(input) ? { key: null, length: 1 } : null;
  const name = sequences[body];
  return { key: name === undefined ? null : { type: name }, length: 1 + body.length };
}

function nextLiteral(input: string) {
  if (input.length < 2) return null;
  const character = String.fromCodePoint(input.codePointAt(1) ?? 0);
  const key = /\p{Cc}/u.test(character) ? null : ({ type: "text", text: character } as const);
  return { key, length: 1 + character.length };
}
