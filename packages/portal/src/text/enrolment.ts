// What somebody types on a device so that it comes in with a token, and in words what a token allows.

import { durationText } from "./durations.ts";

/** `origin`: where this page came from, which is where devices send their messages. */
export function enrolmentLines(origin: string, token: string): string {
  return [
    "configure terminal",
    "license smart transport smart",
    `license smart url smart ${origin}/licservice/license`,
    "end",
    "write memory",
    `license smart trust idtoken ${token} all`,
  ].join("\n");
}

export type TokenWish = {
  readonly virtualAccount: string;
  readonly usesMax: number;
  readonly expiresAfterDays: number;
  readonly exportControlAllowed: boolean;
};

/** The sentence under the form, before the token is made. */
export function promiseOf({ virtualAccount, usesMax, expiresAfterDays, exportControlAllowed }: TokenWish): string {
  const devices = usesMax === 1 ? "1 device" : `up to ${usesMax} devices`;
  const exported = exportControlAllowed ? " and use export-controlled functions" : "";
  return (
    `For ${durationText(expiresAfterDays * 86_400_000)} whoever has this token can let ${devices} into ${virtualAccount}` +
    `${exported}. Every member of a stack or an HA pair counts as one.`
  );
}
