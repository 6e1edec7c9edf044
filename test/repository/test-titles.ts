// Finds the titles of tests and suites in a source: test("..."), it, describe, suite and t.test.

import type { CallExpression, Expression, SourceFile } from "typescript/unstable/ast";
import {
  isCallExpression,
  isIdentifier,
  isPropertyAccessExpression,
  isTemplateExpression,
} from "typescript/unstable/ast/is";
import { lineOf, literalText, visitAll } from "./syntax.ts";

export interface TestTitle {
  /** The title as written; of a template only what stands before its first `${`. */
  readonly text: string;
  readonly line: number;
}

const testFunctions = new Set(["test", "it", "describe", "suite"]);

/** All titles of one source; a title that begins with a computed part is left out. */
export function testTitlesOf(source: SourceFile): readonly TestTitle[] {
  const titles: TestTitle[] = [];
  visitAll(source, (node) => {
    if (!isCallExpression(node) || !isTestCall(node)) return;
    const text = writtenPart(node.arguments[0]);
    if (text !== undefined) titles.push({ text, line: lineOf(node) });
  });
  return titles;
}

function isTestCall({ expression }: CallExpression): boolean {
  if (isIdentifier(expression)) return testFunctions.has(expression.text);
  return isPropertyAccessExpression(expression) && expression.name.text === "test";
}

function writtenPart(title: Expression | undefined): string | undefined {
  if (title !== undefined && isTemplateExpression(title)) return title.head.text;
  return literalText(title);
}
