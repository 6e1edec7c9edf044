// The one ID token with which the clients of a torture run enrol.

import { openManager } from "@countersign/manager";

export async function createTortureToken(dataDirectory: string, database = ""): Promise<string> {
  const manager = await openManager({ dataDirectory, database, logLevel: "silent", isProcessMeasured: false });
  try {
    const { text } = await manager.administration.createToken({
      usesMax: 100,
      cause: { kind: "operator", name: "torture" },
    });
    return text;
  } finally {
    await manager.close();
  }
}
