// Finds where a source uses a global of JavaScript or Node: `Date.now()`, `process.env`, `setTimeout(...)`. The
// compiler resolves every name, so a parameter or an import that happens to be called `process` is not a global.

import type { Identifier, Node, SourceFile } from "typescript/unstable/ast";
import { SyntaxKind } from "typescript/unstable/ast";
import {
  isBinaryExpression,
  isCallExpression,
  isElementAccessExpression,
  isIdentifier,
  isNewExpression,
  isPropertyAccessExpression,
  isShorthandPropertyAssignment,
  isTypeNode,
} from "typescript/unstable/ast/is";
import type { Symbol as CompilerSymbol, Project } from "typescript/unstable/sync";
import { watchedGlobals } from "./purity-rules.ts";
import { lineOf, literalText, visitAll } from "./syntax.ts";

export interface GlobalUse {
  readonly name: string;
  /** `Date.now` → `now`; `?` when the member is computed; undefined when the global itself is used. */
  readonly member: string | undefined;
  readonly form: "new" | "call" | "instanceof" | "member" | "reference";
  /** How many arguments a call or `new` is given, 0 otherwise. */
  readonly argumentCount: number;
  readonly line: number;
}

/** Uses of watched globals by the file name of the source; sources without any are left out. */
export function globalUsesOf(
  project: Project,
  sources: readonly SourceFile[],
  root: string,
): ReadonlyMap<string, readonly GlobalUse[]> {
  const candidates = sources.flatMap(watchedIdentifiersIn);
  const symbols = symbolsOf(project, candidates);
  const globals = candidates.filter((_, index) => !isDeclaredIn(root, symbols[index]));
  return new Map(
    [...Map.groupBy(globals, (node) => node.getSourceFile().fileName)].map(([file, nodes]) => [file, nodes.map(useOf)]),
  );
}

function watchedIdentifiersIn(source: SourceFile): readonly Identifier[] {
  const found: Identifier[] = [];
  visitAll(source, (node) => {
    if (isIdentifier(node) && watchedGlobals.has(node.text) && isExpressionPlace(node)) found.push(node);
  });
  return found;
}

// Names of members, properties and declarations are not uses of the global, and neither are types.
function isExpressionPlace(node: Identifier): boolean {
  const { parent } = node;
  if (isShorthandPropertyAssignment(parent)) return true;
  const isNamed = "name" in parent && parent.name === node;
  const isImported = parent.kind === SyntaxKind.ImportSpecifier || parent.kind === SyntaxKind.ExportSpecifier;
  return !isNamed && !isImported && !isTypeNode(parent) && parent.kind !== SyntaxKind.QualifiedName;
}

// All names in one question: the compiler runs in a process of its own.
function symbolsOf(project: Project, nodes: readonly Identifier[]): readonly (CompilerSymbol | undefined)[] {
  const symbols = project.checker.getSymbolAtLocation(nodes);
  return nodes.map((node, index) =>
    isShorthandPropertyAssignment(node.parent)
      ? project.checker.getShorthandAssignmentValueSymbol(node.parent)
      : symbols[index],
  );
}

function isDeclaredIn(root: string, symbol: CompilerSymbol | undefined): boolean {
  const declarations = symbol?.declarations ?? [];
  return declarations.some(({ path }) => path.startsWith(`${root}/`) && !path.includes("/node_modules/"));
}

function useOf(node: Identifier): GlobalUse {
  const { parent } = node;
  const use = { name: node.text, line: lineOf(node), member: undefined, argumentCount: 0 };
  if (isNewExpression(parent) && parent.expression === node) {
    return { ...use, form: "new", argumentCount: parent.arguments?.length ?? 0 };
  }
  if (isCallExpression(parent) && parent.expression === node) {
    return { ...use, form: "call", argumentCount: parent.arguments.length };
  }
  const member = memberOf(node, parent);
  if (member !== undefined) return { ...use, form: "member", member };
  const isClassTest = isBinaryExpression(parent) && parent.operatorToken.kind === SyntaxKind.InstanceOfKeyword;
  return { ...use, form: isClassTest ? "instanceof" : "reference" };
}

function memberOf(node: Identifier, parent: Node): string | undefined {
  if (isPropertyAccessExpression(parent) && parent.expression === node) return parent.name.text;
  if (!isElementAccessExpression(parent) || parent.expression !== node) return undefined;
  return literalText(parent.argumentExpression) ?? "?";
}
