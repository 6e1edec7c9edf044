// Options that several lab commands share.

import type { CommandInput, OptionDescription } from "@countersign/terminal";
import { defaultLabDirectory } from "./lab-directory.ts";

export const directoryOption: Readonly<Record<string, OptionDescription>> = {
  directory: { type: "string", description: `where the lab's state stands (${defaultLabDirectory} when left out)` },
};

export function directoryOf({ values }: CommandInput): string {
  return typeof values.directory === "string" ? values.directory : defaultLabDirectory;
}
