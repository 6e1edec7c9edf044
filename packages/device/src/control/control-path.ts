import { join } from "node:path";

export function controlSocketPath(stateDirectory: string): string {
  return join(stateDirectory, "control.sock");
}
