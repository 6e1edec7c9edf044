// Files: dir, more, delete, copy. What licensing saved goes out of the device by them, and what it imports is looked at; the
// configurations are files beside those of the flash. Questions are those of the field.

import { type DeviceControl, type Refused, refusal } from "../../device-control.ts";
import type { FileAnswer } from "../../file-view.ts";
import {
  configurationFolderJson,
  fileText,
  folderJson,
  renderConfigurationFolder,
  renderFile,
  renderFileSystems,
  renderFlash,
  renderFolder,
} from "../../render/show-files.ts";
import {
  answerOf,
  type CommandContext,
  type CommandHandler,
  type CommandResult,
  type ConsoleNode,
  changing,
  shown,
} from "../command-context.ts";
import { file, keyword, remote } from "../command-node.ts";
import { mergeConfiguration } from "../merge-configuration.ts";
import {
  type ConfigurationName,
  type ConfigurationPath,
  configurationFiles,
  configurationNamed,
  configurationPath,
  configurationText,
} from "./configuration-files.ts";

const exec = ["exec"] as const;

/** The field's own words for files, which need no remedy; a mistaken path says what is wrong with it. */
function refusedFile(refused: Refused): CommandResult {
  if (refused.remedy !== "") return answerOf(refused, "");
  return { outcome: "refused", text: `%${refused.message}`, json: refused };
}

const notReadable = refusal(
  "device_not_running",
  "The device is not running; its files lie in the folder `flash` of its state.",
  "Start it with `countersign device run`, then enter the command again.",
);

/** Runs on a running device only. */
function withFiles(run: (control: DeviceControl, context: CommandContext) => Promise<CommandResult>) {
  return (context: CommandContext): Promise<CommandResult> =>
    context.control === null ? Promise.resolve(answerOf(notReadable, "")) : run(context.control, context);
}

function shownFile<T>(answer: FileAnswer<T>, show: (found: T) => CommandResult): CommandResult {
  return answer.outcome === "refused" ? refusedFile(answer) : show(answer.found);
}

const directory: CommandHandler = async (context, given) => {
  const configuration = configurationPath(given.path ?? "flash:");
  if (configuration !== null) return configurationDirectory(configuration, context);
  return withFiles(async ({ files }, { options }) =>
    shownFile(await files.list(given.path ?? "flash:"), (view) =>
      shown(renderFolder(view, options.zone), folderJson(view)),
    ),
  )(context);
};

/** The one file of it, where there is one. */
function configurationDirectory(path: ConfigurationPath, { reader }: CommandContext): CommandResult {
  const name = configurationFiles[path.system];
  const text = configurationText(name, reader);
  const isWhole = path.name === "";
  if (!isWhole && (configurationNamed(path) === null || text === null)) return refusedFile(missing(path));
  const entries = text === null ? [] : [{ index: 1, name, kind: "file" as const, bytes: fileOf(text).length }];
  const view = { path: `${path.system}:/${isWhole ? "" : name}`, entries };
  return shown(renderConfigurationFolder(view), configurationFolderJson(view));
}

const more: CommandHandler = async (context, given) => {
  const configuration = configurationPath(given.path ?? "");
  if (configuration !== null) return shownFile(configurationBytes(configuration, context), shownContent);
  return withFiles(async ({ files }) => shownFile(await files.read(given.path ?? ""), shownContent))(context);
};

function shownContent(bytes: Uint8Array): CommandResult {
  const text = renderFile(bytes);
  return shown(text, { bytes: bytes.length, text });
}

function fileOf(text: string): Buffer {
  return Buffer.from(`${text}\n`);
}

function configurationBytes(path: ConfigurationPath, { reader }: CommandContext): FileAnswer<Uint8Array> {
  if (path.name === "") return refusal("is_folder", `Error opening ${path.system}:/ (Is a directory)`, "");
  const name = configurationNamed(path);
  const text = name && configurationText(name, reader);
  return text === null ? missing(path) : { outcome: "done", found: fileOf(text) };
}

function missing({ system, name }: ConfigurationPath): Refused {
  return refusal("file_unknown", `Error opening ${system}:/${name} (No such file or directory)`, "");
}

const flash: CommandHandler = withFiles(async ({ files }, { options }) =>
  shownFile(await files.all(), (view) => shown(renderFlash(view, options.zone), folderJson(view))),
);

const systems: CommandHandler = withFiles(async ({ files }) =>
  shownFile(await files.space(), (space) =>
    shown(renderFileSystems(space), {
      fileSystems: [
        { prefixes: ["flash:", "bootflash:"], ...space },
        ...Object.keys(configurationFiles).map((name) => ({
          prefixes: [`${name}:`],
          bytesTotal: null,
          bytesFree: null,
        })),
      ],
    }),
  ),
);

type Deletion = { readonly isForced: boolean; readonly withContent: boolean };

const neverDeleted = refusal(
  "configuration_not_deleted",
  "A configuration is no file that could be deleted.",
  "Configure what you want instead, then enter `write memory`.",
);

/** Asks for the name, then whether it is meant; with `/force` for neither. */
function deleting({ isForced, withContent }: Deletion): CommandHandler {
  return (context, given) =>
    withFiles(async ({ files }) => {
      const path = given.path ?? "";
      if (configurationPath(path) !== null) return answerOf(neverDeleted, "");
      const remove = async (name: string): Promise<CommandResult> =>
        shownFile(await files.remove(name, withContent), () => shown("", { outcome: "done" }));
      if (isForced) return remove(path);
      const name = nameIn(path);
      return asking(`Delete filename [${name}]? `, async (typed) => {
        const wanted = typed.trim() === "" ? path : renamed(path, typed.trim());
        const place = await files.find(wanted);
        if (place.outcome === "refused") return refusedFile(place);
        if (place.found.kind === null) return remove(wanted);
        return confirming(`Delete flash:${place.found.path}? [confirm]`, () => remove(wanted));
      });
    })(context);
}

/** Copies into the flash; `write` does it once the name is known. */
function copyingTo(
  destination: string,
  sourceName: string,
  write: (control: DeviceControl, path: string) => Promise<CommandResult>,
): (context: CommandContext) => Promise<CommandResult> {
  return withFiles(async (control) => {
    const proposed = nameIn(destination) === "" ? `${destination}${sourceName}` : destination;
    return asking(`Destination filename [${nameIn(proposed)}]? `, async (typed) => {
      const path = typed.trim() === "" ? proposed : renamed(proposed, typed.trim());
      const place = await control.files.find(path);
      if (place.outcome === "refused") return refusedFile(place);
      if (place.found.kind === null) return write(control, path);
      return confirming(
        "%Warning:There is a file already existing with this name\nDo you want to over write? [confirm]",
        () => write(control, path),
      );
    });
  });
}

const copyFile: CommandHandler = async (context, given) => {
  const [source, destination] = [given.source ?? "", given.destination ?? ""];
  const [from, to] = [configurationPath(source), configurationPath(destination)];
  if (to !== null) return copyingToConfiguration(source, to, context);
  if (from !== null) {
    const name = configurationNamed(from);
    return name === null ? refusedFile(missing(from)) : copyConfiguration(name)(context, given);
  }
  return copyingTo(destination, nameIn(source), async ({ files }, path) =>
    shownFile(await files.copy(source, path), copied),
  )(context);
};

/** `nvram:startup-config` and `system:running-config` as destinations; a file system alone is its file. */
function copyingToConfiguration(source: string, to: ConfigurationPath, context: CommandContext) {
  const name = to.name === "" ? configurationFiles[to.system] : configurationNamed(to);
  const given = { source };
  if (name === null) return refusedFile(onlyIts(to.system));
  if (name === "running-config") return mergeFile(context, given);
  return replaceStartup(context, given);
}

function onlyIts(system: ConfigurationPath["system"]): Refused {
  return refusal(
    "file_unknown",
    `Error opening ${system}:/ (Only ${configurationFiles[system]} can be written there)`,
    "",
  );
}

/** A configuration as it is shown, into a file, or into the other configuration. */
export function copyConfiguration(name: ConfigurationName): CommandHandler {
  return async (context, given) => {
    const destination = given.destination ?? "";
    const to = configurationPath(destination);
    const system = name === "running-config" ? "system" : "nvram";
    if (to !== null) return copyingToConfiguration(`${system}:${name}`, to, context);
    const text = configurationText(name, context.reader);
    if (text === null) return refusedFile(missing({ system, name }));
    return copyingTo(destination, name, async (control, path) => {
      const bytes = fileOf(text);
      const written = await control.writeFile(path, bytes.toString());
      return written.outcome === "refused" ? answerOf(written, "") : copied(bytes.length);
    })(context);
  };
}

export const saved = changing((control) => control.saveConfiguration(), "Building configuration...\n[OK]");

/** As the original asks for the name of the file, which is always the same; one key goes on. */
export const saving: CommandHandler = async (context, given) =>
  asking("Destination filename [startup-config]? ", async (typed) =>
    typed.trim() === "" || typed.trim() === "startup-config" ? saved(context, given) : refusedFile(onlyIts("nvram")),
  );

/** What is saved is what was in force: nobody has checked the lines of a file before they are. */
const replaceStartup: CommandHandler = async (context, given) => {
  const from = configurationPath(given.source ?? "");
  const name = from && configurationNamed(from);
  if (name === "running-config") return saving(context, given);
  if (name === "startup-config")
    return refusedFile(
      refusal("same_file", "Error copying nvram:/startup-config (Source and destination are the same file)", ""),
    );
  return answerOf(notFromFile, "");
};

const notFromFile = refusal(
  "startup_not_from_file",
  "A device starts with a configuration that was in force, not with lines that nobody has checked.",
  "Enter `copy <file> running-config`, look at what it says, then `write memory`.",
);

/** A configuration, or a part of one, into what is in force. */
const mergeFile: CommandHandler = (context, given) =>
  withFiles(async (control) =>
    asking("Destination filename [running-config]? ", async (typed) => {
      if (typed.trim() !== "" && typed.trim() !== "running-config") return refusedFile(onlyIts("system"));
      const path = given.source ?? "";
      const configuration = configurationPath(path);
      const read = configuration === null ? await control.files.read(path) : configurationBytes(configuration, context);
      return read.outcome === "refused" ? refusedFile(read) : merge(control, path, read.found, context);
    }),
  )(context);

export const mergeStartup: CommandHandler = (context) => mergeFile(context, { source: "nvram:startup-config" });

async function merge(
  control: DeviceControl,
  path: string,
  bytes: Uint8Array,
  context: CommandContext,
): Promise<CommandResult> {
  const text = fileText(bytes);
  if (text === null) return refusedFile(refusal("not_text", `Error reading ${path} (It is no text)`, ""));
  const { said, refused, lines } = await mergeConfiguration(text, context);
  const by = `Configured from ${path} by ${context.user}`;
  control.log({ facility: "SYS", severity: 5, mnemonic: "CONFIG_I", text: by });
  const json = { outcome: refused === 0 ? "done" : "refused", bytes: bytes.length, lines, refused };
  const outcome = refused === 0 ? "done" : "refused";
  return { outcome, text: [...said, `${bytes.length} bytes copied`].join("\n"), json };
}

function copied(bytes: number): CommandResult {
  return shown(`${bytes} bytes copied`, { outcome: "done", bytes });
}

function asking(question: string, answer: (text: string) => Promise<CommandResult>): CommandResult {
  return { ...shown("", { outcome: "done" }), session: { type: "ask", question, fallback: "", answer } };
}

function confirming(question: string, proceed: () => Promise<CommandResult>): CommandResult {
  const lines = question.split("\n");
  const session = { type: "confirm", question: lines.at(-1) ?? "", proceed } as const;
  return { ...shown(lines.slice(0, -1).join("\n"), { outcome: "done" }), session };
}

/** The last name of a path; empty for a file system or a folder alone. */
function nameIn(path: string): string {
  return /[^/:]*$/.exec(path)?.[0] ?? "";
}

/** Another name in the same folder, or another path where one was typed. */
function renamed(path: string, typed: string): string {
  return /[:/]/.test(typed) ? typed : path.slice(0, path.length - nameIn(path).length) + typed;
}

function deletion(isForced: boolean, withContent: boolean): ConsoleNode {
  return file("path", "The file", { action: deleting({ isForced, withContent }) });
}

/** Below `copy`. */
export const copyFileBranch: ConsoleNode = remote("source", "A file of the flash", {
  next: [
    remote("destination", "Another one", { action: copyFile }),
    keyword("running-config", "Its lines into the configuration in force", { action: mergeFile }),
    keyword("startup-config", "The configuration of the next start", { action: replaceStartup }),
  ],
});

/** At the root of the tree. */
export const fileCommands: readonly ConsoleNode[] = [
  keyword("delete", "Remove a file", {
    modes: exec,
    next: [
      keyword("/force", "Without a question", {
        next: [
          keyword("/recursive", "A folder with all that is in it", { next: [deletion(true, true)] }),
          deletion(true, false),
        ],
      }),
      keyword("/recursive", "A folder with all that is in it", {
        next: [keyword("/force", "Without a question", { next: [deletion(true, true)] }), deletion(false, true)],
      }),
      deletion(false, false),
    ],
  }),
  keyword("dir", "Files of the flash, nvram: and system:", {
    modes: exec,
    action: directory,
    next: [file("path", "A folder, or a file; nvram: and system: have one each", { action: directory })],
  }),
  keyword("more", "What a file holds", {
    modes: exec,
    next: [file("path", "The file; nvram:startup-config and system:running-config too", { action: more })],
  }),
];

/** Below `show`. */
export const showFileCommands: readonly ConsoleNode[] = [
  ...(["bootflash:", "flash:"] as const).map((name) =>
    keyword(name, "Every file of the flash", { modes: exec, action: flash }),
  ),
  keyword("file", "Files", { modes: exec, next: [keyword("systems", "Where files are kept", { action: systems })] }),
];
