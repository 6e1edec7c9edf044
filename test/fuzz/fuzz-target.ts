// What a fuzzer needs to know of a parser: how to feed it, with what to begin, and which errors are refusals.

export type Grammar = "json" | "xml" | "der" | "words" | "csv";

export type FuzzTarget = {
  readonly name: string;
  readonly grammar: Grammar;
  /** Valid inputs to begin with. */
  readonly seeds: readonly Buffer[];
  /** Gives the parser one input. Resolves when it was taken, or refused in the typed way; rejects for anything else. */
  readonly feed: (input: Buffer) => Promise<void> | void;
};

/** Wraps a reader that throws: errors of the given classes are refusals, everything else is a finding. */
export function takesOrRefuses(
  read: (input: Buffer) => unknown,
  isRefusal: (error: unknown) => boolean,
): FuzzTarget["feed"] {
  return async (input) => {
    try {
      await read(input);
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  };
}
