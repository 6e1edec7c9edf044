// A text of the manager, in which what is to be typed stands between backticks.

export function Words({ text }: { readonly text: string }) {
  return text
    .split(/(`[^`]+`)/)
    .map((part) => (part.startsWith("`") ? <code key={part}>{part.slice(1, -1)}</code> : part));
}
