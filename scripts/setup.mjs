// Brings a clone to the point where anything in it can run: npm dependencies as the lockfile says, and Node 24.
// Runs on any Node >= 20 and imports nothing but Node itself. Everything it prints goes to stderr, because the
// programs started after it own stdout.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { builtDigest, portalDigest } from "./portal-digest.mjs";

export const projectRoot = dirname(dirname(fileURLToPath(import.meta.url)));

const sourceCondition = "--conditions=countersign-source";
const wantedNodeMajor = 24;

/** A failure the reader can act on; shown as its message alone, without a stack. */
export class SetupError extends Error {}

/**
 * Installs and builds what is missing or stale and answers how to start a program.
 * @returns {{ node: string, environment: NodeJS.ProcessEnv }} the path of a Node 24 and the environment for it
 * @throws {SetupError} when the dependencies cannot be installed or no Node 24 can be found
 */
export function setUp(root = projectRoot) {
  if (!isInstalled(root)) install(root);
  const runtime = { node: findNode(root), environment: environmentFor(root) };
  if (!isPortalBuilt(root)) buildPortal(root, runtime);
  return runtime;
}

/** True when the portal's files are those that its sources make; where there is no portal, nothing is missing. */
export function isPortalBuilt(root) {
  return !existsSync(join(root, "packages", "portal", "src")) || builtDigest(root) === portalDigest(root);
}

/** A failure is told and stops nothing: a manager without these files says so at the portal's address, and all else works. */
function buildPortal(root, { node, environment }) {
  const startedAtMs = Date.now();
  const script = join(root, "scripts", "build-portal.mjs");
  const { status } = spawnSync(node, [script], { cwd: root, env: environment, stdio: ["ignore", 2, 2] });
  const told =
    status === 0
      ? `Built the portal in ${Math.round((Date.now() - startedAtMs) / 1000)} s.`
      : "The portal could not be built; the reason stands above. Everything else works. Repeat with: npm run portal";
  process.stderr.write(`${told}\n`);
}

/**
 * True when node_modules holds exactly what package-lock.json asks for. npm keeps its own record of what it
 * installed beside the packages, written last, so an interrupted installation counts as none.
 */
export function isInstalled(root) {
  const wanted = lockedPackages(join(root, "package-lock.json"));
  const present = lockedPackages(join(root, "node_modules", ".package-lock.json"));
  if (!wanted || !present) return false;
  const isSame = ([path, entry]) => {
    const installed = present[path];
    if (!installed) return entry.optional === true;
    return fingerprint(installed) === fingerprint(entry);
  };
  return Object.entries(wanted).every(isSame) && Object.keys(present).every((path) => path in wanted);
}

function lockedPackages(file) {
  if (!existsSync(file)) return undefined;
  try {
    const { packages } = JSON.parse(readFileSync(file, "utf8"));
    return Object.fromEntries(Object.entries(packages).filter(([path]) => path.startsWith("node_modules/")));
  } catch {
    return undefined;
  }
}

function fingerprint({ version, integrity, link, resolved }) {
  return JSON.stringify([version, integrity, link === true ? resolved : undefined]);
}

function install(root) {
  process.stderr.write("Installing the npm dependencies (npm ci) ...\n");
  const startedAtMs = Date.now();
  // NODE_ENV=production or omit=optional in somebody's settings would leave out the compiler or Node 24 itself.
  const options = ["ci", "--include=dev", "--include=optional", "--loglevel=error"];
  const result = spawnSync(...npmCommand(options), { cwd: root, stdio: ["ignore", 2, 2] });
  if (result.error)
    throw new SetupError(`npm could not be started (${result.error.message}). Install npm, then repeat.`);
  if (result.status !== 0) {
    throw new SetupError(
      `npm ci failed (exit code ${result.status ?? result.signal}); its reason stands above. ` +
        "Nothing was started. Check the network or the npm registry settings, then repeat the same command.",
    );
  }
  process.stderr.write(`Installed in ${Math.round((Date.now() - startedAtMs) / 1000)} s.\n`);
}

// Inside an npm script npm tells where it lives; the same npm is then used again.
function npmCommand(options) {
  const running = process.env.npm_execpath;
  return running && /\.c?js$/.test(running) ? [process.execPath, [running, ...options]] : ["npm", options];
}

/** The Node 24 that the lockfile pins for this platform, or this process's own when it is new enough. */
function findNode(root) {
  const pinned = join(root, "node_modules", ".bin", "node");
  if (existsSync(pinned)) return pinned;
  if (Number.parseInt(process.versions.node, 10) >= wantedNodeMajor) return process.execPath;
  throw new SetupError(missingNodeText(root, `${process.platform}-${process.arch}`));
}

function missingNodeText(root, platform) {
  const { optionalDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const platforms = Object.keys(optionalDependencies).map((name) => name.replace(/^node-(bin-)?/, ""));
  const reason = platforms.includes(platform)
    ? `the Node ${wantedNodeMajor} package for ${platform} could not be fetched`
    : `npm has no Node ${wantedNodeMajor} package for ${platform} (there is one for ${platforms.join(", ")})`;
  return (
    `Countersign runs on Node ${wantedNodeMajor}, this is ${process.versions.node}, and ${reason}. ` +
    `Put a Node ${wantedNodeMajor} first on the PATH and repeat the same command.`
  );
}

/**
 * npm sets the first two variables for its scripts; this makes `node scripts/...` work without npm as well. Half of what a
 * program from source costs before it begins is stripping and compiling the same files again, so that is kept.
 */
export function environmentFor(root, inherited = process.env) {
  const binaries = join(root, "node_modules", ".bin");
  const path = inherited.PATH ?? "";
  const options = inherited.NODE_OPTIONS ?? "";
  return {
    ...inherited,
    PATH: path.split(delimiter)[0] === binaries ? path : `${binaries}${delimiter}${path}`,
    NODE_COMPILE_CACHE: inherited.NODE_COMPILE_CACHE ?? join(root, "node_modules", ".cache", "countersign-compiled"),
    NODE_OPTIONS: options.includes(sourceCondition) ? options : `${options} ${sourceCondition}`.trim(),
  };
}

/** Runs a script's main function; a SetupError ends it with its message and exit code 1. */
export async function runScript(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

/** True when the module with this URL is the one the command line names (module URLs have symbolic links resolved). */
export function isMain(moduleUrl) {
  return process.argv[1] !== undefined && moduleUrl === pathToFileURL(realpathSync(process.argv[1])).href;
}

if (isMain(import.meta.url)) {
  await runScript(() => {
    setUp();
    return 0;
  });
}
