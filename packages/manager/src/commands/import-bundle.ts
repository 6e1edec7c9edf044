// An offline bundle, device by device: each file is taken like one that was carried alone, so one that cannot be taken stops no
// other, and a bundle that is imported again after an interruption changes nothing that was done (REP-16).

import { bundleTime, encodeBundle, readBundle } from "@countersign/protocol";
import { gunzip } from "@countersign/terminal";
import type { ImportedUsage } from "../use-cases/use-cases.ts";
import { type AdministrationClient, AdministrationProblem } from "./administration-client.ts";

export type FileVerdict = { readonly file: string } & (
  | (Pick<ImportedUsage, "reports" | "refused"> & { readonly code: null })
  | { readonly code: string; readonly message: string; readonly remedy: string }
);

export type ImportedBundle = {
  readonly files: readonly FileVerdict[];
  /** The bundle that goes back; null when nothing is acknowledged. */
  readonly answer: Buffer | null;
};

/** Throws what `readBundle` throws; what was taken before that stays taken, and the next import acknowledges it. */
export async function importBundle(
  source: AsyncIterable<Uint8Array>,
  client: AdministrationClient,
  { smartAccount, now }: { readonly smartAccount: string | undefined; readonly now: number },
): Promise<ImportedBundle> {
  const files: FileVerdict[] = [];
  const answers: { name: string; bytes: Buffer }[] = [];
  let archive: string | null = null;
  let virtualAccount = "";
  for await (const file of readBundle(source, gunzip)) {
    archive ??= file.archive;
    virtualAccount = file.virtualAccount ?? virtualAccount;
    const name = `ACK_${file.name}`;
    try {
      const query = { smartAccount };
      const imported = await client.call<ImportedUsage>("POST", "/api/v1/usage-files", { query, file: file.bytes });
      files.push({ file: file.name, code: null, reports: imported.reports, refused: imported.refused });
      if (imported.file !== null) answers.push({ name, bytes: Buffer.from(imported.file) });
    } catch (error) {
      // Only what is wrong with this file: a manager that is gone ends the import.
      if (!(error instanceof AdministrationProblem) || error.status >= 500) throw error;
      const { code, message, remedy } = error;
      files.push({ file: file.name, code, message, remedy });
    }
  }
  if (answers.length === 0) return { files, answer: null };
  const answer = encodeBundle({
    manifest: { createdBy: "countersign manager", smartAccount: smartAccount ?? "", smartAccountId: "" },
    archive: { name: archiveNameOf(archive, now), virtualAccount, virtualAccountId: "" },
    files: answers,
    writtenAtMs: now,
  });
  return { files, answer };
}

function archiveNameOf(archive: string | null, now: number): string {
  const named = archive?.replace(/\.(ta|tar)?\.?gz$|\.tgz$/, "") ?? `UD_VA_${bundleTime(now)}`;
  return `ACK_${named.slice(0, 80)}.tar.gz`;
}
