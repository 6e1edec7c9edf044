// Test files that share a process. Starting Node and loading the same modules for each of some two hundred and fifty files was a
// third of the whole run's processor time; the files of a group are loaded one after the other by one process.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { longestFiles } from "./test-files.mjs";

const filesPerGroup = 16;
/** A hook that belongs to no suite runs before or after everything in its process, so its file has one to itself. */
const hookOfTheWholeProcess = /^(before|after|beforeEach|afterEach)\(/m;

/**
 * The files that are run by themselves, and the others in groups of neighbours, in the order given.
 * @param {readonly string[]} files paths from the project's root
 * @param {(file: string) => string} readText
 * @returns {{ alone: string[], groups: string[][] }}
 */
export function groupsOf(files, readText) {
  const alone = files.filter((file) => wantsItsOwnProcess(file, readText));
  const shared = files.filter((file) => !alone.includes(file));
  const groups = [...Map.groupBy(shared, (file) => file.split("/").slice(0, 2).join("/")).values()].flatMap(chunksOf);
  return { alone, groups };
}

/** Endurance, faults and whole programs measure their own process or are long; other files share, but for what says otherwise. */
const sharingFolders = ["packages/", "test/device/", "test/doctor/", "test/repository/", "test/spec/", "test/vectors/"];

function wantsItsOwnProcess(file, readText) {
  const mayShare = sharingFolders.some((folder) => file.startsWith(folder));
  return !mayShare || longestFiles.includes(file) || hookOfTheWholeProcess.test(readText(file));
}

function chunksOf(files) {
  const chunks = Math.ceil(files.length / filesPerGroup);
  const size = Math.ceil(files.length / chunks);
  return Array.from({ length: chunks }, (_, chunk) => files.slice(chunk * size, (chunk + 1) * size));
}

/**
 * Writes one program for each group into a folder that holds nothing else, and gives everything that is to be run: the files that
 * are alone first, because the longest are among them.
 */
export function writeGroups(root, folder, files) {
  const { alone, groups } = groupsOf(files, (file) => readFileSync(join(root, file), "utf8"));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const programs = groups.map((group, index) => {
    const name = dirname(group[0]).split("/").slice(0, 2).join("-");
    const path = join(folder, `${name}-${index + 1}.mjs`);
    writeFileSync(path, group.length === 1 ? "" : programOf(root, group));
    return group.length === 1 ? group[0] : path;
  });
  return [...alone, ...programs];
}

/** A file that cannot be loaded is a failed test of that name; the others of its group are run all the same. */
function programOf(root, group) {
  const urls = group.map((file) => pathToFileURL(join(root, file)).href);
  return `import { test } from "node:test";
for (const url of ${JSON.stringify(urls)}) {
  try {
    await import(url);
  } catch (error) {
    test(\`\${url} can be loaded\`, () => {
      throw error;
    });
  }
}
`;
}
