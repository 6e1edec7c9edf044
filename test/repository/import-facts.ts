// Every way a TypeScript module can reach another one: import and export declarations, `import()` as expression and as
// type, require, import.meta.resolve, and the `new URL("./worker.ts", import.meta.url)` that names a worker.

import { posix } from "node:path";
import type { CallExpression, ImportClause, NewExpression, Node, SourceFile } from "typescript/unstable/ast";
import { SyntaxKind } from "typescript/unstable/ast";
import {
  isCallExpression,
  isExportDeclaration,
  isIdentifier,
  isImportDeclaration,
  isImportTypeNode,
  isLiteralTypeNode,
  isNamedImports,
  isNewExpression,
  isPropertyAccessExpression,
} from "typescript/unstable/ast/is";
import { lineOf, literalText, visitAll } from "./syntax.ts";

export interface ImportFact {
  /** The module as written; undefined when it is computed, so that nobody can tell from the source. */
  readonly specifier: string | undefined;
  readonly line: number;
  /** Imported names; `*` for a whole namespace, `default` for the default export. */
  readonly names: readonly string[];
  /** True when nothing remains of it at run time. */
  readonly isTypeOnly: boolean;
}

/** All imports of one source, in the order they stand there. */
export function importsOf(source: SourceFile): readonly ImportFact[] {
  const found: ImportFact[] = [];
  visitAll(source, (node) => {
    const fact = importIn(node);
    if (fact !== undefined) found.push({ ...fact, line: lineOf(node) });
  });
  return found;
}

/** The path from the root that a relative specifier in the given module means. */
export function resolveRelative(path: string, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(path), specifier));
}

type Found = Omit<ImportFact, "line">;

function importIn(node: Node): Found | undefined {
  if (isImportDeclaration(node)) {
    return { specifier: literalText(node.moduleSpecifier), ...bindingsOf(node.importClause) };
  }
  if (isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    return { specifier: literalText(node.moduleSpecifier), names: ["*"], isTypeOnly: node.isTypeOnly };
  }
  if (isImportTypeNode(node)) {
    const specifier = isLiteralTypeNode(node.argument) ? literalText(node.argument.literal) : undefined;
    return { specifier, names: ["*"], isTypeOnly: true };
  }
  if (isCallExpression(node) && isImportingCall(node)) return atRunTime(node);
  if (isNewExpression(node) && isModuleUrl(node)) return atRunTime(node);
  return undefined;
}

function bindingsOf(clause: ImportClause | undefined): Pick<ImportFact, "names" | "isTypeOnly"> {
  if (clause === undefined) return { names: [], isTypeOnly: false };
  const { name, namedBindings } = clause;
  const elements = namedBindings !== undefined && isNamedImports(namedBindings) ? [...namedBindings.elements] : [];
  const namespace = namedBindings !== undefined && !isNamedImports(namedBindings) ? ["*"] : [];
  const isTypeClause = clause.phaseModifier === SyntaxKind.TypeKeyword;
  const isEveryElementType = elements.length > 0 && elements.every((element) => element.isTypeOnly);
  return {
    names: [
      ...(name === undefined ? [] : ["default"]),
      ...namespace,
      ...elements.map((element) => (element.propertyName ?? element.name).text),
    ],
    isTypeOnly: isTypeClause || (name === undefined && namespace.length === 0 && isEveryElementType),
  };
}

function atRunTime(node: CallExpression | NewExpression): Found {
  return { specifier: literalText(node.arguments?.[0]), names: ["*"], isTypeOnly: false };
}

function isImportingCall({ expression }: CallExpression): boolean {
  if (expression.kind === SyntaxKind.ImportKeyword) return true;
  if (isIdentifier(expression)) return expression.text === "require";
  return isPropertyAccessExpression(expression) && expression.getText() === "import.meta.resolve";
}

// Other uses of `new URL(x, import.meta.url)` reach data files; those are no modules.
function isModuleUrl(node: NewExpression): boolean {
  const [path, base] = node.arguments ?? [];
  const isUrl = isIdentifier(node.expression) && node.expression.text === "URL";
  return isUrl && base?.getText() === "import.meta.url" && /\.[cm]?[jt]s$/.test(literalText(path) ?? "");
}
