// node scripts/run.mjs <program> [arguments]: sets the clone up, then runs the program in the place of this
// process as far as one can tell from outside: same stdin, stdout and stderr, signals passed on, same exit code.
// <program> is a source file (run by Node 24) or the name of a tool in node_modules/.bin.

import { spawn } from "node:child_process";
import { constants } from "node:os";
import { extname, join, resolve } from "node:path";
import { isMain, projectRoot, runScript, setUp } from "./setup.mjs";

const passedOn = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR2"];
const sameKeyPressMs = 500;

/** Runs a command to its end and answers its exit code, 128 + n when signal n ended it, as shells do. */
export function runToEnd(command, parameters, { environment, directory = projectRoot }) {
  const child = spawn(command, parameters, { cwd: directory, env: environment, stdio: "inherit" });
  const stopPassing = passSignalsTo(child);
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once("close", (code, signal) => {
      stopPassing();
      done(signal ? 128 + constants.signals[signal] : (code ?? 1));
    });
  });
}

// A terminal sends Ctrl-C to the whole foreground group, so the program has it already, and npm repeats it to its
// child. Passing each of these on would look like the impatient second Ctrl-C that makes programs drop everything.
function passSignalsTo(child) {
  const lastAtMs = new Map();
  const handlers = passedOn.map((signal) => {
    const handler = () => {
      if (signal === "SIGINT" && process.stdin.isTTY) return;
      const isEcho = Date.now() - (lastAtMs.get(signal) ?? 0) < sameKeyPressMs;
      lastAtMs.set(signal, Date.now());
      if (!isEcho) child.kill(signal);
    };
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });
  return () => {
    for (const remove of handlers) remove();
  };
}

async function main() {
  const [program, ...parameters] = process.argv.slice(2);
  if (program === undefined) {
    process.stderr.write("usage: node scripts/run.mjs <source file | tool> [arguments]\n");
    return 2;
  }
  const { node, environment } = setUp();
  if (extname(program) === "") {
    return runToEnd(join(projectRoot, "node_modules", ".bin", program), parameters, { environment });
  }
  return runToEnd(node, [resolve(projectRoot, program), ...parameters], { environment });
}

if (isMain(import.meta.url)) await runScript(main);
