// What a requirement id looks like in a test's title, and where our wording of the requirements is kept.

import { readFileSync } from "node:fs";
import { join } from "node:path";

const idPattern = /^(?:[A-Z]+-[1-9]\d*[a-z]?|I[1-9]\d*)$/;

/** The ids a title cites: bracketed, at its very start, `[TRU-4] [BET-31] force replaces ...`. */
export function idsOfTitle(title: string): readonly string[] {
  const ids: string[] = [];
  let rest = title.trimStart();
  for (;;) {
    const bracket = /^\[([^\]]*)\]\s*/.exec(rest);
    if (!bracket || !idPattern.test(bracket[1] ?? "")) return ids;
    ids.push(bracket[1] ?? "");
    rest = rest.slice(bracket[0].length);
  }
}

/** Our one-line wording of each requirement by id, in the order of spec/requirements.json. */
export function requirementWordings(root: string): ReadonlyMap<string, string> {
  const text = readFileSync(join(root, "spec", "requirements.json"), "utf8");
  return new Map(Object.entries(JSON.parse(text) as Record<string, string>));
}
