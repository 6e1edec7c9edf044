// Who asks: HTTP Basic or a session of the page, checked against the users of the device. Wrong passwords are counted, by
// connection and by address; hashing is bounded, because each hash takes memory that a small device does not have twice.

import { createHmac, randomBytes } from "node:crypto";
import { WrongAttempts } from "../wrong-attempts.ts";
import {
  hashingMax,
  hashingWaitingMax,
  rightPasswordSeconds,
  rightPasswordsMax,
  sessionIdleSeconds,
  sessionSeconds,
  sessionsMax,
} from "./http-limits.ts";
import { HttpProblem } from "./http-problem.ts";
import { type HttpLogin, privilegeNeeded } from "./http-route.ts";

/** A user of the device; somebody unknown is one with privilege null whom no password fits, at the same cost. */
export type HttpUser = {
  readonly privilege: number | null;
  /** Changes with the password. */
  readonly passwordVersion: string;
  matches(password: string): Promise<boolean>;
};

export type HttpUsers = { find(name: string): Promise<HttpUser> };

export type AuthenticationParts = {
  readonly users: HttpUsers;
  monotonicMs(): number;
  /** Told of refusals and logins, for the log; never of a password. */
  note(event: "login" | "refused", name: string, address: string): void;
};

export type Credentials = { readonly name: string; readonly password: string };

type Session = {
  readonly name: string;
  readonly passwordVersion: string;
  readonly startedAtMs: number;
  readonly usedAtMs: number;
};

export class Authentication {
  readonly #parts: AuthenticationParts;
  /** What is kept in memory cannot be used anywhere else. */
  readonly #key = randomBytes(32);
  readonly #right = new Map<string, number>();
  readonly #wrong: WrongAttempts;
  readonly #sessions = new Map<string, Session>();
  #hashing = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(parts: AuthenticationParts) {
    this.#parts = parts;
    this.#wrong = new WrongAttempts(() => parts.monotonicMs());
  }

  /** Null for wrong ones. Throws `too_many_attempts` and `device_busy`. */
  async loginWith({ name, password }: Credentials, address: string): Promise<HttpLogin | null> {
    this.#requireFewAttempts(address);
    const user = await this.#parts.users.find(name);
    const seal = this.#seal(name, password, user.passwordVersion);
    const isKnown = (this.#right.get(seal) ?? Number.NEGATIVE_INFINITY) > this.#now();
    if (!isKnown && !(await this.#isRight(user, password, address))) {
      this.#parts.note("refused", name, address);
      return null;
    }
    if (user.privilege === null) return null;
    if (!isKnown) {
      this.#parts.note("login", name, address);
      remember(this.#right, seal, this.#now() + rightPasswordSeconds * 1000, rightPasswordsMax);
    }
    return { name, privilege: user.privilege };
  }

  /** Answers the secret of a new session; the oldest one ends when there are too many. */
  async openSession(credentials: Credentials, address: string): Promise<{ secret: string; login: HttpLogin } | null> {
    const login = await this.loginWith(credentials, address);
    if (login === null) return null;
    const { passwordVersion } = await this.#parts.users.find(login.name);
    const secret = randomBytes(32).toString("base64url");
    const now = this.#now();
    const session = { name: login.name, passwordVersion, startedAtMs: now, usedAtMs: now };
    remember(this.#sessions, this.#seal(secret), session, sessionsMax);
    return { secret, login };
  }

  /** Null when it ended: by time, or because the user went or has another password. */
  async loginOfSession(secret: string): Promise<HttpLogin | null> {
    const seal = this.#seal(secret);
    const session = this.#sessions.get(seal);
    if (session === undefined) return null;
    const now = this.#now();
    const { name, passwordVersion, startedAtMs, usedAtMs } = session;
    const user = await this.#parts.users.find(name);
    const isOver =
      now - usedAtMs > sessionIdleSeconds * 1000 ||
      now - startedAtMs > sessionSeconds * 1000 ||
      user.passwordVersion !== passwordVersion ||
      user.privilege === null;
    if (isOver || user.privilege === null) {
      this.#sessions.delete(seal);
      return null;
    }
    remember(this.#sessions, seal, { ...session, usedAtMs: now }, sessionsMax);
    return { name, privilege: user.privilege };
  }

  /** Asks later whether a login that holds now would still be let in to read: the user is there, with the same password. */
  async watch(login: HttpLogin | null): Promise<() => Promise<boolean>> {
    if (login === null) return async () => false;
    const { passwordVersion } = await this.#parts.users.find(login.name);
    return async () => {
      const user = await this.#parts.users.find(login.name);
      return (user.privilege ?? 0) >= privilegeNeeded.reading && user.passwordVersion === passwordVersion;
    };
  }

  endSession(secret: string): void {
    this.#sessions.delete(this.#seal(secret));
  }

  endAllSessions(): void {
    this.#sessions.clear();
  }

  #requireFewAttempts(address: string): void {
    const waitMs = this.#wrong.waitMs(address);
    if (waitMs > 0)
      throw new HttpProblem("too_many_attempts", { headers: { "retry-after": String(Math.ceil(waitMs / 1000)) } });
  }

  #isRight(user: HttpUser, password: string, address: string): Promise<boolean> {
    return this.#wrong.judge(address, () => this.#inTurn(() => user.matches(password)));
  }

  /** The turn is handed on, so that nobody who comes between gets a second one. */
  async #inTurn<T>(hash: () => Promise<T>): Promise<T> {
    if (this.#hashing < hashingMax) this.#hashing += 1;
    else if (this.#waiting.length >= hashingWaitingMax) {
      throw new HttpProblem("device_busy", { headers: { "retry-after": "2" } });
    } else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await hash();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#hashing -= 1;
      else next();
    }
  }

  #seal(...parts: readonly string[]): string {
    return createHmac("sha256", this.#key).update(JSON.stringify(parts)).digest("base64");
  }

  #now(): number {
    return this.#parts.monotonicMs();
  }
}

/** The newest stands last; what was not used for longest goes. */
function remember<T>(map: Map<string, T>, key: string, value: T, countMax: number): void {
  map.delete(key);
  map.set(key, value);
  const oldest = map.keys().next();
  if (map.size > countMax && !oldest.done) map.delete(oldest.value);
}

/** RFC 7617; null for anything else. */
export function basicCredentials(header: string | null): Credentials | null {
  const [, encoded] = /^basic ([A-Za-z0-9+/]+=*)$/i.exec(header ?? "") ?? [];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon === -1 ? null : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
