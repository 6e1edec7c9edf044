// A pasted session holds tokens and passwords. They are taken out before a line becomes a fact, so that no report shows them.

const secrets: readonly (readonly [pattern: RegExp, shown: string])[] = [
  [/\b(idtoken|id_token"?\s*[:=])(\s*)[^\s,}]{1,4000}/gi, "$1$2<token>"],
  [/\b(password|secret|community|key-string|pre-shared-key)(\s+)(?:[0-9]\s+)?[^\s,]{1,400}/gi, "$1$2<hidden>"],
  [/\b(Password|Passwort):\s*(?!<)[^\s]{1,400}/g, "$1: <hidden>"],
  [/:\/\/[^\s/:@]{1,200}:[^\s/@]{1,200}@/g, "://<hidden>@"],
];

export function withoutSecrets(line: string): string {
  return secrets.reduce((text, [pattern, shown]) => text.replace(pattern, shown), line);
}
