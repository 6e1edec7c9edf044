// The whole console of a device as one tree. Branches come from the files of commands/.

import type { ConsoleNode } from "./command-context.ts";
import { keyword } from "./command-node.ts";
import { classicPointers } from "./commands/classic-pointers.ts";
import { licenseSmartConfig, noLicenseSmart } from "./commands/license-smart-config.ts";
import { licenseSmartExec } from "./commands/license-smart-exec.ts";
import { sessionCommands, showSessionCommands } from "./commands/session.ts";
import { showLicenseCommands } from "./commands/show-license.ts";
import { httpClientCommands, noHttpClient, showSystemCommands, systemCommands } from "./commands/system.ts";

export function consoleTree(platform: { readonly hasAccessPoints: boolean }): readonly ConsoleNode[] {
  return [
    keyword("ip", "Internet protocol", {
      modes: ["config"],
      next: [keyword("http", "HTTP", { next: [keyword("client", "HTTP client", { next: httpClientCommands })] })],
    }),
    keyword("license", "Licensing", {
      modes: ["exec", "config"],
      next: [
        keyword("smart", "Smart licensing", { next: [...licenseSmartExec, ...classicPointers, ...licenseSmartConfig] }),
      ],
    }),
    keyword("no", "Set back to the default", {
      modes: ["config"],
      next: [
        keyword("ip", "Internet protocol", {
          next: [keyword("http", "HTTP", { next: [keyword("client", "HTTP client", { next: noHttpClient })] })],
        }),
        keyword("license", "Licensing", { next: [keyword("smart", "Smart licensing", { next: noLicenseSmart })] }),
      ],
    }),
    keyword("show", "Show information", {
      modes: ["user", "exec"],
      next: [...showLicenseCommands(platform.hasAccessPoints), ...showSystemCommands, ...showSessionCommands],
    }),
    ...sessionCommands,
    ...systemCommands,
  ];
}
