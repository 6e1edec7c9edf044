// Ctrl-C must stop the programs a figure started and remove its directory, so it only asks the figure to end.

/** Aborted by the first SIGINT or SIGTERM; a second one ends the process at once. */
export function abortOnSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => controller.abort(new Error(`Stopped by ${name}.`)));
  }
  return controller.signal;
}
