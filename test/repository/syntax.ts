// Small questions about syntax trees that several of the fact readers ask.

import type { Node } from "typescript/unstable/ast";
import { isNoSubstitutionTemplateLiteral, isStringLiteral } from "typescript/unstable/ast/is";

/** Calls the visitor for the node and everything in it, outermost first. */
export function visitAll(node: Node, visitor: (node: Node) => void): void {
  visitor(node);
  node.forEachChild((child) => visitAll(child, visitor));
}

/** The line of the node's first character, counted from 1. */
export function lineOf(node: Node): number {
  const source = node.getSourceFile();
  return source.text.slice(0, node.getStart(source)).split("\n").length;
}

/** The text of a string that is written out, undefined for everything that is computed. */
export function literalText(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined;
  return isStringLiteral(node) || isNoSubstitutionTemplateLiteral(node) ? node.text : undefined;
}
