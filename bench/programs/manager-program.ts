// The manager under measurement: the real program with its default settings, on a free port of loopback, writing its log
// to a file. Beside that it only tells the bench where it listens, and a token. Parameters: data directory, log file.

import { createWriteStream } from "node:fs";
import { type RunningManager, startManager, tokenUsesMax } from "@countersign/manager";
import { serveParent } from "./serve-parent.ts";

const by = { cause: { kind: "operator", name: "bench" } } as const;

const [dataDirectory = "", logFile = ""] = process.argv.slice(2);
const running = await startManager({ dataDirectory, port: 0, logDestination: createWriteStream(logFile) });
const { port, rootCertificatePem } = running;
serveParent({ port, rootCertificatePem, token: await createToken(running) }, () => running.stop());

/** A new data directory gets its account first. */
async function createToken({ manager: { administration } }: RunningManager): Promise<string> {
  const accounts = await administration.listAccounts();
  if (accounts.length === 0) await administration.createSmartAccount({ name: "Bench", ...by });
  const { text } = await administration.createToken({ usesMax: tokenUsesMax, ...by });
  return text;
}
