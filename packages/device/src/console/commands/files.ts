// Files of the flash: dir, more, delete, copy. What licensing saved goes out of the device by them, and what it imports is looked
// at; questions are those of the field.

import { type DeviceControl, type Refused, refusal } from "../../device-control.ts";
import type { FileAnswer } from "../../file-view.ts";
import {
  fileText,
  folderJson,
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
  shown,
} from "../command-context.ts";
import { file, keyword, remote } from "../command-node.ts";
import { mergeConfiguration } from "../merge-configuration.ts";

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

const directory: CommandHandler = (context, given) =>
  withFiles(async ({ files }, { options }) =>
    shownFile(await files.list(given.path ?? "flash:"), (view) =>
      shown(renderFolder(view, options.zone), folderJson(view)),
    ),
  )(context);

const more: CommandHandler = (context, given) =>
  withFiles(async ({ files }) =>
    shownFile(await files.read(given.path ?? ""), (bytes) => {
      const text = renderFile(bytes);
      return shown(text, { bytes: bytes.length, text });
    }),
  )(context);

const flash: CommandHandler = withFiles(async ({ files }, { options }) =>
  shownFile(await files.all(), (view) => shown(renderFlash(view, options.zone), folderJson(view))),
);

const systems: CommandHandler = withFiles(async ({ files }) =>
  shownFile(await files.space(), (space) =>
    shown(renderFileSystems(space), { fileSystems: [{ prefixes: ["flash:", "bootflash:"], ...space }] }),
  ),
);

type Deletion = { readonly isForced: boolean; readonly withContent: boolean };

/** Asks for the name, then whether it is meant; with `/force` for neither. */
function deleting({ isForced, withContent }: Deletion): CommandHandler {
  return (context, given) =>
    withFiles(async ({ files }) => {
      const path = given.path ?? "";
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

const copyFile: CommandHandler = (context, given) => {
  const source = given.source ?? "";
  return copyingTo(given.destination ?? "", nameIn(source), async ({ files }, path) =>
    shownFile(await files.copy(source, path), copied),
  )(context);
};

/** A configuration as it is shown, into a file; null where there is none. */
export function copyingText(name: string, textOf: (context: CommandContext) => string | null): CommandHandler {
  return async (context, given) => {
    const text = textOf(context);
    if (text === null)
      return refusedFile(refusal("file_unknown", `Error opening nvram:/${name} (No such file or directory)`, ""));
    return copyingTo(given.destination ?? "", name, async (control, path) => {
      const written = await control.writeFile(path, `${text}\n`);
      return written.outcome === "refused" ? answerOf(written, "") : copied(Buffer.byteLength(text) + 1);
    })(context);
  };
}

/** A configuration, or a part of one, into what is in force. */
const mergeFile: CommandHandler = (context, given) =>
  withFiles(async (control) =>
    asking("Destination filename [running-config]? ", async (typed) => {
      if (typed.trim() !== "" && typed.trim() !== "running-config") return refusedFile(onlyRunning);
      const path = given.source ?? "";
      const read = await control.files.read(path);
      return read.outcome === "refused" ? refusedFile(read) : merge(control, path, read.found, context);
    }),
  )(context);

const onlyRunning = refusal("file_unknown", "Error opening system:/ (Only running-config can be written there)", "");

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
  keyword("dir", "Files of the flash", {
    modes: exec,
    action: directory,
    next: [file("path", "A folder, or a file", { action: directory })],
  }),
  keyword("more", "What a file holds", { modes: exec, next: [file("path", "The file", { action: more })] }),
];

/** Below `show`. */
export const showFileCommands: readonly ConsoleNode[] = [
  ...(["bootflash:", "flash:"] as const).map((name) =>
    keyword(name, "Every file of the flash", { modes: exec, action: flash }),
  ),
  keyword("file", "Files", { modes: exec, next: [keyword("systems", "Where files are kept", { action: systems })] }),
];
