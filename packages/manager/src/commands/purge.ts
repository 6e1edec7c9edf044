// countersign manager purge: removes the bodies of old reports, step by step, while the manager works. Interrupting it loses
// nothing: each step is finished or not begun, and the next run goes on where this one ended.

import type { CommandInput } from "@countersign/terminal";
import type { SmartAccount } from "../accounts/account.ts";
import type { PurgeStep } from "../use-cases/use-cases.ts";
import { accountOption, administrationCommand } from "./administer.ts";
import type { AdministrationClient } from "./administration-client.ts";
import { optionNumber, optionText, requireWords, show, UsageError } from "./output.ts";

type PurgeResult = {
  readonly isDryRun: boolean;
  readonly olderThanDays: number;
  readonly isInterrupted: boolean;
  readonly accounts: readonly {
    readonly smartAccount: string;
    readonly bodies: number;
    readonly bytes: number;
    readonly steps: number;
  }[];
};
type Wish = Pick<PurgeResult, "isDryRun" | "olderThanDays">;

export const purge = administrationCommand({
  name: "purge",
  isAct: true,
  summary: "Purge the bodies of old reports; hashes, ledger and acknowledgements stay",
  usage: "--older-than DAYS [--smart-account NAME] [--dry-run]",
  options: {
    ...accountOption,
    "smart-account": { type: "string", description: "Only this smart account; all of them when left out." },
    "older-than": { type: "string", description: "Days since the receipt of a report, 400 or more." },
    "dry-run": { type: "boolean", description: "Say what would be purged, and change nothing." },
  },
  run: async (client, input) => {
    requireWords(input);
    const olderThanDays = optionNumber(input, "older-than");
    if (olderThanDays === undefined) throw new UsageError("--older-than is missing");
    const wish = { olderThanDays, isDryRun: input.values["dry-run"] === true };
    const accounts: PurgeResult["accounts"][number][] = [];
    for (const name of await namesOf(client, input)) {
      if (!input.signal.aborted) accounts.push(await purgeAccount(client, { ...wish, name }, input.signal));
    }
    return show(input, { ...wish, isInterrupted: input.signal.aborted, accounts }, render);
  },
});

async function namesOf(client: AdministrationClient, input: CommandInput): Promise<readonly string[]> {
  const named = optionText(input, "smart-account");
  if (named !== undefined) return [named];
  return (await client.call<readonly SmartAccount[]>("GET", "/api/v1/accounts")).map(({ name }) => name);
}

async function purgeAccount(
  client: AdministrationClient,
  { name, isDryRun, olderThanDays }: Wish & { readonly name: string },
  signal: AbortSignal,
) {
  const query = { smartAccount: name };
  const next = (fromLeaf: number) =>
    isDryRun
      ? client.call<PurgeStep>("GET", "/api/v1/report-bodies/old", { query: { ...query, olderThanDays, fromLeaf } })
      : client.call<PurgeStep>("POST", "/api/v1/report-bodies/purge", { query, body: { olderThanDays } });
  const sum = { smartAccount: name, bodies: 0, bytes: 0, steps: 0 };
  for (let fromLeaf = 0; !signal.aborted; ) {
    const step = await next(fromLeaf);
    if (step.isFinished) break;
    sum.bodies += step.bodies;
    sum.bytes += step.bytes;
    sum.steps += 1;
    fromLeaf = step.toLeaf;
  }
  return sum;
}

function render({ isDryRun, isInterrupted, accounts }: PurgeResult): string {
  const lines = accounts.map(({ smartAccount, bodies, bytes }) => {
    const amount = `${bodies} report bodies, ${(bytes / 1_048_576).toFixed(1)} MiB`;
    return `${smartAccount}: ${amount} ${isDryRun ? "would be purged" : "were purged"}.\n`;
  });
  const space = isDryRun
    ? ""
    : "The database uses the space again for what comes; `manager compact` gives that of SQLite back to the file system.\n";
  return `${lines.join("")}${space}${isInterrupted ? "Interrupted; the next run goes on from here.\n" : ""}`;
}
