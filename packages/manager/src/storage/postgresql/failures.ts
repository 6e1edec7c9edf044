// What a failure of PostgreSQL means for the transaction that met it. Decided from codes, never from texts of the server,
// which are translated.

export type FailureKind =
  /** Another transaction was first: run this one again, at once. */
  | "conflict"
  /** The connection or the server is gone, or the server takes no writes: run again on another connection. */
  | "lost"
  /** Running it again would end the same way. */
  | "final";

/** The server has a commit on its own disk, but somebody made it stop waiting for the standby. */
export class CommitInDoubt extends Error {
  override readonly name = "CommitInDoubt";
}

/** No standby would have to confirm a commit, and one is required. */
export class StandbyMissing extends Error {
  override readonly name = "StandbyMissing";
  override readonly message = "the server names no synchronous standby, and one is required";
}

const conflicts: ReadonlySet<string> = new Set([
  "40001", // serialization failure
  "40P01", // deadlock
  "23505", // unique violation: the row that another process wrote is there to be read the next time
]);

const lostStates: ReadonlySet<string> = new Set([
  "25006", // read-only: a standby, or a primary that was demoted
  "25P03", // the transaction stood idle for too long
  "40003", // it is not known whether the statement was completed
  "53300", // too many connections
  "55P03", // waited too long for a lock: whoever holds it may be waiting for a standby
  "57P01", // shut down by an administrator
  "57P02", // shut down by a crash
  "57P03", // starting up, or a standby not yet open
]);

const lostCodes: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "EAI_AGAIN",
  "ENETUNREACH",
  "ENOENT",
  "EPIPE",
  "ETIMEDOUT",
]);

/** The driver's own failures carry no code. */
const lostMessage =
  /^(Connection terminated|Query read timeout|timeout exceeded when trying to connect|timeout expired$|Client was closed|Client has encountered a connection error)/;

/** A table changed under a prepared statement: a newer version of the program has migrated the database. */
const changedResultType = "0A000";

export function kindOfFailure(error: unknown): FailureKind {
  if (error instanceof CommitInDoubt || error instanceof StandbyMissing) return "lost";
  if (!(error instanceof Error)) return "final";
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (conflicts.has(code)) return "conflict";
  if (lostStates.has(code) || lostCodes.has(code) || /^08...$/.test(code)) return "lost";
  if (code === changedResultType && isFromPlanCache(error)) return "lost";
  return code === "" && lostMessage.test(error.message) ? "lost" : "final";
}

function isFromPlanCache(error: Error): boolean {
  return "routine" in error && error.routine === "RevalidateCachedQuery";
}
