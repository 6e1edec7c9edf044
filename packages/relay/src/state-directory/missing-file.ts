// A file that is not there, told from one that is and cannot be read: only the former means that nothing was set up yet.

export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
