// What tests need from the system beside Node: Debian packages, each with the command or the file it brings and the
// test files it serves, listed in system-packages.json. Installs them when this is root on Debian, otherwise tells what is missing.

import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { matcherOf } from "./test-files.mjs";

/** @typedef {{ package: string, command?: string, file?: string, tests: string[] }} SystemPackage */

/** @returns {SystemPackage[]} every package that any test needs */
export function systemPackages() {
  return JSON.parse(readFileSync(new URL("system-packages.json", import.meta.url), "utf8"));
}

/**
 * For a program that is no test file, such as a long test: installs what can be installed.
 * @param {string} file its path from the project's root
 * @returns {string[]} packages that are missing still
 */
export function installSystemPackages(file) {
  return testFilesLeftOut([file]).flatMap(({ missing }) => missing);
}

/**
 * Answers which of the test files cannot run here and why, after installing what can be installed.
 * @param {string[]} files test files about to run
 * @returns {{ file: string, missing: string[] }[]}
 */
export function testFilesLeftOut(files) {
  const needed = systemPackages().filter((entry) => files.some((file) => serves(entry, file)));
  const missing = needed.filter((entry) => !isPresent(entry));
  if (missing.length > 0 && canInstall()) install(missing.map((entry) => entry.package));
  const stillMissing = missing.filter((entry) => !isPresent(entry));
  for (const entry of stillMissing) {
    process.stderr.write(
      `Missing: ${entry.command === undefined ? entry.file : `the command ${entry.command}`} (Debian package ${entry.package}).\n`,
    );
  }
  return files
    .map((file) => ({
      file,
      missing: stillMissing.filter((entry) => serves(entry, file)).map((entry) => entry.package),
    }))
    .filter((leftOut) => leftOut.missing.length > 0);
}

/** True when the package is needed by the test file. */
export function serves(entry, file) {
  return entry.tests.some((pattern) => matcherOf(pattern)(file));
}

function isPresent({ command, file }) {
  return command === undefined ? existsSync(file) : isOnPath(command);
}

function isOnPath(command) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function canInstall() {
  return process.getuid?.() === 0 && existsSync("/etc/debian_version") && isOnPath("apt-get");
}

// The package lists of a fresh machine may be empty or old, but fetching them takes longer than most packages do:
// only when the first attempt fails.
function install(packages) {
  process.stderr.write(`Installing from Debian: ${packages.join(", ")} ...\n`);
  const installing = ["install", "--yes", "--no-install-recommends", "-qq", ...packages];
  if (aptGet(installing)) return;
  if (aptGet(["update", "-qq"])) aptGet(installing);
}

function aptGet(parameters) {
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return spawnSync("apt-get", parameters, { env: environment, stdio: ["ignore", 2, 2] }).status === 0;
}
