// What can be debugged: the words of each command, what `show debugging` calls it, and what it has to see.

export type DebugTopic = {
  /** Words behind `debug`. */
  readonly words: string;
  readonly group: string;
  readonly title: string;
  /** TLS messages are read off the wire. */
  readonly seesBytes?: boolean;
};

const callHome = "Call Home";
const http = "HTTP Client";
const tls = "SSL OpenSSL";
const pki = "Crypto PKI Subsystem";
const licensing = "Smart Licensing";

export const debugTopics = [
  { words: "call-home smart-licensing error", group: callHome, title: "Call Home licensing errors" },
  { words: "call-home smart-licensing trace", group: callHome, title: "Call Home licensing trace" },
  { words: "crypto pki messages", group: pki, title: "Crypto PKI Msg" },
  { words: "crypto pki transactions", group: pki, title: "Crypto PKI Trans" },
  { words: "ip http client api", group: http, title: "HTTP Client API" },
  { words: "ip http client error", group: http, title: "HTTP Client Error" },
  { words: "ip http client main", group: http, title: "HTTP Client Main" },
  { words: "ip http client msg", group: http, title: "HTTP Client Message" },
  { words: "ip http client socket", group: http, title: "HTTP Client Socket" },
  { words: "license agent all", group: licensing, title: "License agent" },
  { words: "license errors", group: licensing, title: "License errors" },
  { words: "license events", group: licensing, title: "License events" },
  { words: "ssl openssl errors", group: tls, title: "TLS errors" },
  { words: "ssl openssl msg", group: tls, title: "TLS messages", seesBytes: true },
  { words: "ssl openssl states", group: tls, title: "TLS states" },
] as const satisfies readonly DebugTopic[];

export type DebugWords = (typeof debugTopics)[number]["words"];

export const topicsOf: Readonly<Record<DebugWords, DebugTopic>> = Object.fromEntries(
  debugTopics.map((topic) => [topic.words, topic]),
) as Record<DebugWords, DebugTopic>;

/** `ip http client` stands for all topics below it. */
export function topicsBelow(words: string): readonly DebugWords[] {
  return debugTopics.map((topic) => topic.words).filter((topic) => topic === words || topic.startsWith(`${words} `));
}
