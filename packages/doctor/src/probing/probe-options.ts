// What a probe is told.

export type ProbeOptions = {
  readonly url: URL;
  readonly proxy: {
    readonly host: string;
    readonly port: number;
    readonly username: string | null;
    readonly password: string | null;
  } | null;
  /** Local address that connections leave from; null for whichever the system takes. */
  readonly sourceAddress: string | null;
  /** Name server, `address` or `address:port`; null for the system's resolver. */
  readonly nameServer: string | null;
  /** Roots in PEM that are trusted beside the system's: for TLS, and for the signature of the answer. */
  readonly roots: readonly string[];
  /** A part of the name that the issuer of the server's certificate must have. */
  readonly expectedIssuer: string | null;
  /** For each stage. */
  readonly timeoutMs: number;
};

export type ProbeSources = {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Milliseconds that only grow. */
  readonly elapsed: () => number;
  readonly randomBytes: (count: number) => Uint8Array;
};
