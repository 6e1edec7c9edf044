// What is sent in the clear may hold secrets: the password for a proxy, the token in a message over plain HTTP. Whoever looks
// at bytes gets stars in their place, as many as there were characters, so that lengths and all else stay as they were.

const secrets = [/(proxy-authorization: *basic +)([^\r\n]+)/gi, /(token\\*": *\\*")([^"\\]+)/g];

export function maskSecrets(bytes: Uint8Array): Uint8Array {
  if (isTlsRecord(bytes)) return bytes;
  // Latin-1 keeps every byte as one character.
  let text = Buffer.from(bytes).toString("latin1");
  for (const secret of secrets)
    text = text.replace(secret, (_, head: string, hidden: string) => head + "*".repeat(hidden.length));
  return Buffer.from(text, "latin1");
}

/** Content types 20 to 23, major version 3 (RFC 8446 section 5.1): no text begins like that. */
function isTlsRecord([type = 0, major = 0]: Uint8Array): boolean {
  return type >= 20 && type <= 23 && major === 3;
}
