// Cuts an answer into screens.

export type Page = { readonly shown: readonly string[]; readonly rest: readonly string[] };

/** The lines that fit into `rows` screen lines of `columns` characters; at least one. 0 rows or columns mean no limit. */
export function cutPage(lines: readonly string[], rows: number, columns: number): Page {
  if (rows === 0) return { shown: lines, rest: [] };
  let used = 0;
  let count = 0;
  for (const line of lines) {
    used += columns === 0 ? 1 : Math.max(1, Math.ceil(line.length / columns));
    if (used > rows && count > 0) break;
    count += 1;
  }
  return { shown: lines.slice(0, count), rest: lines.slice(count) };
}
