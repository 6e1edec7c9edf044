// A device's clock as show commands print it.

export type NtpServerView = {
  readonly host: string;
  /** That was asked last; null before the first time. */
  readonly address: string | null;
  readonly stratum: number;
  readonly referenceId: string;
  readonly lastAnswerAtMs: number | null;
  /** Of the last eight questions, which were answered: one bit each, the last one lowest. */
  readonly reach: number;
  readonly delayMs: number | null;
  /** By which the device was behind when it was asked last. */
  readonly offsetMs: number | null;
  readonly isPeer: boolean;
  /** Why the last question had no answer that could be used. */
  readonly failure: string | null;
};

export type ClockView = {
  readonly isAuthoritative: boolean;
  readonly source: "NTP" | "user configuration" | "hardware calendar" | null;
  /** Of the device's clock against its machine's. */
  readonly offsetMs: number;
  readonly isSynchronized: boolean;
  readonly pollSeconds: number;
  readonly servers: readonly NtpServerView[];
};

/** Of a device that does not run. */
export const unknownClock: ClockView = {
  ...{ isAuthoritative: false, source: null, offsetMs: 0, isSynchronized: false, pollSeconds: 0, servers: [] },
};
