// docs/manual as a whole: its notes stand beside their steps (spec/manual-notes.json says which and why), and its pages cover what
// the field's guides point to.

import assert from "node:assert/strict";
import { test } from "node:test";
import notesOfManual from "../../spec/manual-notes.json" with { type: "json" };
import { projectFiles, textOf } from "./project-files.ts";

type Note = { readonly id: string; readonly step: string; readonly why: string };

const manual = "docs/manual";
const notesByPage: Readonly<Record<string, readonly Note[]>> = notesOfManual;
const notePattern = /^> (.*) <!-- ([A-Z]+-\d+[a-z]?) -->$/;

/** Subjects that the field's guides lead to, and where ours are. */
const subjects: Readonly<Record<string, readonly string[]>> = {
  "training for a new administrator": ["introduction.md"],
  "creating a token": ["token.md"],
  "direct connection": ["direct-9800.md", "direct-switch.md"],
  "policy configuration": ["policy.md"],
  "air gap on the 9800": ["air-gap.md"],
  "relay, both directions": ["relay.md"],
  "manager on premises": ["on-premises.md"],
  "Transport Gateway": ["transport-gateway.md"],
  "acknowledgement rules of the 9800-CL": ["9800-cl.md"],
  "classic configuration on a Catalyst 9300": ["classic.md"],
  "conversion led by the device": ["device-led-conversion.md"],
  troubleshooting: ["troubleshooting.md"],
  "replacement, reset and upgrade": ["replacement.md"],
  "support and downloads": ["support.md"],
};

type Section = { readonly notes: readonly { readonly id: string; readonly text: string }[]; readonly steps: string };

/** What stands between two headings: notes, and everything that is no note. */
function sectionsOf(text: string): readonly Section[] {
  return text.split(/^#+ (?=.*$)/m).map((section) => {
    const lines = section.split("\n");
    const notes = lines.flatMap((line) => {
      const [, words = "", id = ""] = notePattern.exec(line) ?? [];
      return id === "" ? [] : [{ id, text: words }];
    });
    return { notes, steps: lines.filter((line) => !line.startsWith(">")).join("\n") };
  });
}

/** What is wrong with the notes of a page. */
function problemsOf(page: string, text: string, notes: readonly Note[]): readonly string[] {
  const sections = sectionsOf(text);
  const missing = notes.flatMap(({ id, step, why }): readonly string[] => {
    if (!sections.some((section) => section.notes.some((note) => note.id === id)))
      return [`${page} lacks the note ${id} (${why}); it belongs to the step "${step}"`];
    const besideStep = sections.some(
      (section) => section.steps.includes(step) && section.notes.some((note) => note.id === id),
    );
    return besideStep ? [] : [`${page}: the note ${id} does not stand where "${step}" is done`];
  });
  const listed = new Set(notes.map(({ id }) => id));
  const written = sections.flatMap((section) => section.notes);
  const stray = written.filter(({ id }) => !listed.has(id)).map(({ id }) => `${page}: the note ${id} is not listed`);
  const empty = written
    .filter(({ text: words }) => words.split(" ").length < 6)
    .map(({ id }) => `${page}: ${id} says nothing`);
  const marks = text.match(/<!-- [A-Z]+-\d/g) ?? [];
  const unread = marks.length === written.length ? [] : [`${page} has an id that is not at the end of a note's line`];
  return [...missing, ...stray, ...empty, ...unread];
}

const pages = projectFiles().filter((file) => file.startsWith(`${manual}/`));
const pageText = (page: string) => textOf(`${manual}/${page}`) ?? "";

test("[GEN-22] every note of the field stands beside the step that it belongs to", () => {
  const withoutPage = Object.keys(notesByPage).filter((page) => !pages.includes(`${manual}/${page}`));
  assert.deepEqual(withoutPage, []);
  const problems = pages.flatMap((path) => {
    const page = path.slice(manual.length + 1);
    return problemsOf(page, pageText(page), notesByPage[page] ?? []);
  });
  assert.deepEqual(problems, []);
  assert.ok(Object.values(notesByPage).flat().length > 130);
});

test("a note that is missing, misplaced, unknown or empty is named", () => {
  const wish = [
    { id: "GEN-1", step: "show version", why: "two models" },
    { id: "GEN-2", step: "show clock", why: "old software" },
  ];
  const text =
    "# One\n`show version`\n> Long enough to say something here. <!-- GEN-2 -->\n# Two\n`show clock`\n> No. <!-- TRN-9 -->\n";
  assert.deepEqual(problemsOf("a.md", text, wish), [
    'a.md lacks the note GEN-1 (two models); it belongs to the step "show version"',
    'a.md: the note GEN-2 does not stand where "show clock" is done',
    "a.md: the note TRN-9 is not listed",
    "a.md: TRN-9 says nothing",
  ]);
});

test("[GEN-23] the manual has a page for each subject, and each page is linked from its contents", () => {
  const contents = pageText("README.md");
  assert.match(textOf("docs/README.md") ?? "", /\]\(manual\/README\.md\)/);
  for (const [subject, files] of Object.entries(subjects))
    for (const file of files) {
      assert.ok(pages.includes(`${manual}/${file}`), `${subject}: ${file}`);
      assert.match(pageText(file), /^# .+\n\n[\s\S]+^## /m, `${subject}: ${file} has sections`);
    }
  const named = new Set(Object.values(subjects).flat());
  const others = pages.map((path) => path.slice(manual.length + 1)).filter((page) => page !== "README.md");
  assert.deepEqual(
    others.filter((page) => !named.has(page)),
    [],
  );
  assert.deepEqual(
    others.filter((page) => !contents.includes(`](${page}`)),
    [],
  );
});
