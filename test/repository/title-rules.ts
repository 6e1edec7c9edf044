// The ids at the start of a test's title: only ids that have a wording, only in brackets, only at the start.

import { idsOfTitle } from "../../scripts/requirement-ids.ts";
import type { SourceFacts } from "./source-facts.ts";
import type { Violation } from "./violation.ts";

const bracketedId = /\[[A-Z]{1,5}[- ]?\d+[^\]]*\]/g;

/** Titles that cite a requirement nobody has worded, or cite one where the record of a run does not look. */
export function titleViolations(sources: readonly SourceFacts[], knownIds: ReadonlySet<string>): readonly Violation[] {
  return sources.flatMap(({ path, titles }) =>
    titles.flatMap(({ text, line }) => {
      const cited = idsOfTitle(text);
      const unknown = cited.filter((id) => !knownIds.has(id));
      const misplaced = [...text.matchAll(bracketedId)].slice(cited.length).map(([id]) => id);
      return [...unknown.map((id) => unknownId(id)), ...misplaced.map((id) => misplacedId(id))].map((found) => ({
        place: `${path}:${line}`,
        ...found,
      }));
    }),
  );
}

function unknownId(id: string): Omit<Violation, "place"> {
  const instead = "cite an id of spec/requirements.json, or add it there with a line in our own words";
  return { problem: `the title cites ${id}, which has no wording`, instead };
}

function misplacedId(id: string): Omit<Violation, "place"> {
  return { problem: `${id} is not read as a citation`, instead: "write [TRU-4] [I9] at the very start of the title" };
}
