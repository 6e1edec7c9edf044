// monitor capture: packets of the device's own licensing connections, kept and written into a file (DIA-23).

import {
  bufferMegabytesMax,
  bufferMegabytesMin,
  type CaptureDirection,
  type CaptureSettings,
  captureDirections,
  durationSecondsMax,
  packetsMax,
} from "../../capture/capture-view.ts";
import { interfaceName } from "../../network-settings.ts";
import { captureBufferJson, capturesJson, renderCaptureBrief, renderCaptures } from "../../render/show-capture.ts";
import { type CommandHandler, type CommandResult, type ConsoleNode, changing, shown } from "../command-context.ts";
import { keyword, number, word } from "../command-node.ts";
import type { Arguments } from "../parse-command.ts";

const exec = ["exec"] as const;

function defining(settings: (given: Arguments) => Partial<CaptureSettings>): { readonly action: CommandHandler } {
  return {
    action: changing((control, given) =>
      control.capture({ change: "define", name: given.capture ?? "", settings: settings(given) }),
    ),
  };
}

function named(given: Arguments): string {
  return given.capture ?? "";
}

/** Says the field's words with the name of the capture in them. */
function acting(change: "start" | "stop" | "clear" | "remove", words: (name: string) => string): CommandHandler {
  return (context, given) => {
    const name = named(given);
    return changing((control) => control.capture({ change, name }), words(name))(context, given);
  };
}

const any = keyword<CommandHandler>("any", "Everything that licensing sends and receives", {
  ...defining(() => ({ matchesAny: true })),
});

function direction(one: CaptureDirection): ConsoleNode {
  const settings = ({ interface: typed }: Arguments) => ({ interfaceName: interfaceName(typed ?? ""), direction: one });
  return keyword(one, { both: "Both ways", in: "What comes in", out: "What goes out" }[one], {
    ...defining(settings),
    next: [
      keyword("match", "Which packets", {
        next: [
          keyword(
            "any",
            any.help,
            defining((given) => ({ ...settings(given), matchesAny: true })),
          ),
        ],
      }),
    ],
  });
}

const exported: CommandHandler = (context, given) =>
  changing((control) => control.exportCapture(named(given), given.file ?? ""), "Export Started Successfully")(
    context,
    given,
  );

const captureBranch: readonly ConsoleNode[] = [
  keyword("buffer", "How much is kept", {
    next: [
      keyword("size", "In megabytes", {
        next: [
          number("megabytes", [bufferMegabytesMin, bufferMegabytesMax], "Megabytes", {
            ...defining(({ megabytes }) => ({ bufferMegabytes: Number(megabytes) })),
          }),
        ],
      }),
    ],
  }),
  keyword("clear", "Forget the packets", { action: acting("clear", (name) => `Cleared capture point : ${name}`) }),
  keyword("export", "Write the packets into a file", {
    next: [keyword("location", "Where", { next: [word("file", "flash:<name>.pcap", { action: exported })] })],
  }),
  keyword("interface", "Whose packets", {
    next: [word("interface", "Interface", { next: captureDirections.map(direction) })],
  }),
  keyword("limit", "When the capture ends by itself", {
    next: [
      keyword("duration", "After so long", {
        next: [
          number("seconds", [1, durationSecondsMax], "Seconds", {
            ...defining(({ seconds }) => ({ durationSeconds: Number(seconds) })),
          }),
        ],
      }),
      keyword("packets", "After so many packets", {
        next: [
          number("packets", [1, packetsMax], "Packets", {
            ...defining(({ packets }) => ({ packets: Number(packets) })),
          }),
        ],
      }),
    ],
  }),
  keyword("match", "Which packets", { next: [any] }),
  keyword("start", "Begin", { action: acting("start", (name) => `Started capture point : ${name}`) }),
  keyword("stop", "End", { action: acting("stop", (name) => `Stopped capture point : ${name}`) }),
];

/** At the root of the tree. */
export const monitorCommands: readonly ConsoleNode[] = [
  keyword("monitor", "Captures", {
    modes: exec,
    next: [
      keyword("capture", "Packets of the device's own licensing connections", {
        next: [word("capture", "Name of the capture", { next: captureBranch })],
      }),
    ],
  }),
];

/** Below `no` of privileged EXEC. */
export const noMonitor: readonly ConsoleNode[] = [
  keyword("monitor", "Captures", {
    next: [
      keyword("capture", "Packets of the device's own licensing connections", {
        next: [word("capture", "Name of the capture", { action: acting("remove", () => "") })],
      }),
    ],
  }),
];

const unknown = (name: string): CommandResult => ({
  outcome: "failed",
  text: `% Capture ${name} does not exist.`,
  json: { outcome: "failed", code: "capture_unknown", message: `Capture ${name} does not exist.` },
});

const captures: CommandHandler = async ({ reader }, given) => {
  const all = reader.watch().captures;
  const wanted = given.capture === undefined ? all : all.filter(({ settings }) => settings.name === given.capture);
  if (given.capture !== undefined && wanted.length === 0) return unknown(given.capture);
  return shown(renderCaptures(wanted), { captures: capturesJson(wanted) });
};

const brief: CommandHandler = async ({ reader }, given) => {
  const capture = reader.watch().captures.find(({ settings }) => settings.name === given.capture);
  if (capture === undefined) return unknown(named(given));
  return shown(renderCaptureBrief(capture), captureBufferJson(capture));
};

/** Below `show`. */
export const showMonitorCommands: readonly ConsoleNode[] = [
  keyword("monitor", "Captures", {
    modes: exec,
    next: [
      keyword("capture", "Capture points", {
        action: captures,
        next: [
          word("capture", "Name of the capture", {
            action: captures,
            next: [
              keyword("buffer", "Its packets", {
                action: brief,
                next: [keyword("brief", "A line each", { action: brief })],
              }),
            ],
          }),
        ],
      }),
    ],
  }),
];
