// license smart ... of privileged EXEC: what is done at once.

import type { AuthorizationWish, UsageSelection } from "../../device-control.ts";
import type { FactoryReset } from "../../license-view.ts";
import { renderFactoryResetPreview } from "../../render/factory-reset-preview.ts";
import { renderImport, renderReturnCodes } from "../../render/import-result.ts";
import { answerOf, type CommandHandler, type ConsoleNode, changing, notRunning, shown } from "../command-context.ts";
import { keyword, line, number, word } from "../command-node.ts";
import type { Arguments } from "../parse-command.ts";

/** `[OK]` says that the command was taken; how it went is logged and shown (TRU-11, TRU-12). */
function trust(scope: "local" | "all", force: boolean): CommandHandler {
  return changing((control, given) => control.trust(given.token ?? "", scope, force), "[OK]");
}

function scoped(scope: "local" | "all", help: string): ConsoleNode {
  return keyword(scope, help, {
    action: trust(scope, false),
    next: [keyword("force", "Replace trust that is installed", { action: trust(scope, true) })],
  });
}

const trustBranch: readonly ConsoleNode[] = [
  keyword("idtoken", "With a token of the manager", {
    next: [
      word("token", "The token", {
        next: [scoped("all", "Every device of the installation"), scoped("local", "The active device only")],
      }),
    ],
  }),
];

const syncAll = changing((control) => control.sync("all"));
const syncBranch: readonly ConsoleNode[] = [
  keyword("all", "Every device of the installation", { action: syncAll }),
  keyword("local", "The active device only", { action: changing((control) => control.sync("local")) }),
];

function saving(selectionOf: (given: Arguments) => UsageSelection): readonly ConsoleNode[] {
  const action = changing((control, given) => control.saveUsage(selectionOf(given), given.path ?? ""));
  return [keyword("file", "Into a file", { next: [line("path", "Path in the flash of the device", { action })] })];
}

const usageBranch: readonly ConsoleNode[] = [
  keyword("all", "All reports", { next: saving(() => ({ select: "all" })) }),
  keyword("days", "Reports of the last days", {
    next: [
      number("days", [1, 3650], "Days to look back", {
        next: saving((given) => ({ select: "days", days: Number(given.days) })),
      }),
    ],
  }),
  keyword("rum-id", "One report", {
    next: [
      number("report-id", [0, Number.MAX_SAFE_INTEGER], "Report id", {
        next: saving((given) => ({ select: "report", reportId: Number(given["report-id"]) })),
      }),
    ],
  }),
  keyword("unreported", "Reports that were never sent", { next: saving(() => ({ select: "unreported" })) }),
];

/** The field's words, then what was in the file. */
const importFile: CommandHandler = async ({ control }, given) => {
  if (control === null) return answerOf(notRunning, "");
  const outcome = await control.importFile(given.path ?? "");
  if (outcome.outcome === "refused") return answerOf(outcome, "");
  return shown(renderImport(outcome.objects), outcome);
};

type Mode = AuthorizationWish["mode"];

function askingFor(mode: Mode, scope: "local" | "all"): CommandHandler {
  return changing((control, given) => control.requestAuthorization({ mode, scope, feature: given.feature ?? "" }));
}

function requesting(mode: Mode, help: string): ConsoleNode {
  return keyword(mode, help, {
    next: [
      word("feature", "Name of the licence", {
        next: [
          keyword("all", "Every device of the installation", { action: askingFor(mode, "all") }),
          keyword("local", "The active device only", { action: askingFor(mode, "local") }),
        ],
      }),
    ],
  });
}

/** Offline the field prints the code that a person carries; online nothing. */
function returning(scope: "local" | "all", way: "online" | "offline"): CommandHandler {
  return async ({ control }, given) => {
    if (control === null) return answerOf(notRunning, "");
    const outcome = await control.returnAuthorization({ scope, way, path: given.path ?? null });
    if (outcome.outcome === "refused") return answerOf(outcome, "");
    return shown(way === "online" ? "" : renderReturnCodes(outcome.returned), outcome);
  };
}

function returningFrom(scope: "local" | "all", help: string): ConsoleNode {
  const offline = returning(scope, "offline");
  return keyword(scope, help, {
    next: [
      keyword("offline", "Print return codes, to be carried to a manager", {
        action: offline,
        next: [line("path", "Path in the flash of the device, for a file of them", { action: offline })],
      }),
      keyword("online", "Tell the manager", { action: returning(scope, "online") }),
    ],
  });
}

const authorizationBranch: readonly ConsoleNode[] = [
  keyword("request", "Ask for authorization codes", {
    next: [
      requesting("add", "Beside what the device has"),
      requesting("replace", "In place of what the device has"),
      keyword("save", "Save what was asked for into a file", {
        next: [
          line("path", "Path in the flash of the device", {
            action: changing((control, given) => control.saveAuthorizationRequest(given.path ?? "")),
          }),
        ],
      }),
    ],
  }),
  keyword("return", "Give authorization codes back", {
    next: [
      returningFrom("all", "Those of every device of the installation"),
      returningFrom("local", "That of the active device"),
    ],
  }),
];

const saveTrustRequest = line("path", "Path in the flash of the device", {
  action: changing((control, given) => control.saveTrustRequest(given.path ?? "")),
});

export const reloadWarning = '%Warning: reload required after "license smart factory reset" command';

/** Looked at before it is done, also on a device that does not run (BET-10). */
function preview(what: FactoryReset): ConsoleNode {
  return keyword("preview", "Show what would be removed and kept; remove nothing", {
    action: async ({ reader }) => {
      const found = reader.factoryResetPreview(what);
      return shown(renderFactoryResetPreview(found), found);
    },
  });
}

const factoryReset = keyword("reset", "Remove all licensing information", {
  action: changing((control) => control.factoryReset("all"), reloadWarning),
  next: [
    keyword("policy", "Remove the policy only, without a reload", {
      action: changing((control) => control.factoryReset("policy")),
      next: [preview("policy")],
    }),
    preview("all"),
    keyword("trust", "Remove trust only, without a reload", {
      action: changing((control) => control.factoryReset("trust")),
      next: [preview("trust")],
    }),
  ],
});

const exec = ["exec"] as const;

/** Below `license smart`. */
export const licenseSmartExec: readonly ConsoleNode[] = [
  keyword("authorization", "Authorization codes for enforced and export-controlled licences", {
    modes: exec,
    next: authorizationBranch,
  }),
  keyword("clear", "Empty a log", {
    modes: exec,
    next: [keyword("eventlog", "The event log", { action: changing((control) => control.clearEventLog()) })],
  }),
  keyword("factory", "Factory state", { modes: exec, next: [factoryReset] }),
  keyword("import", "Install what a manager gave in a file", {
    modes: exec,
    next: [line("path", "Path in the flash of the device", { action: importFile })],
  }),
  keyword("save", "Save into a file", {
    modes: exec,
    next: [
      keyword("trust-request", "A request for trust, to be carried to a manager", { next: [saveTrustRequest] }),
      keyword("usage", "Usage reports", { next: usageBranch }),
    ],
  }),
  keyword("sync", "Synchronise with the manager now", { modes: exec, action: syncAll, next: syncBranch }),
  keyword("trust", "Establish trust", { modes: exec, next: trustBranch }),
];
