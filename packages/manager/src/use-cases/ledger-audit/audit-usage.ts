// Usage counted anew from the reports, installation by installation, and compared with what is stored. The rows it counts were
// compared with their bodies before; the counting itself shares nothing with the code that keeps the sums.

import type { AuditedInstallation, AuditedUsage, AuditReader } from "../../storage-ports.ts";
import { type Findings, type Progress, progressEvery } from "./findings.ts";
import { Peekable } from "./peekable.ts";

type Sum = { verified: number; unverified: number; installations: number };

export async function auditUsage(
  reader: AuditReader,
  smartAccountId: number,
  tell: { readonly findings: Findings; readonly progress: Progress },
): Promise<{ readonly installations: number; readonly inUse: number }> {
  const reported = new Peekable(reader.reportedUsage(smartAccountId));
  const stored = new Peekable(reader.storedUsage(smartAccountId));
  const sums = new Map<string, Sum>();
  let counted = 0;
  let installations = 0;
  for await (const installation of reader.installations(smartAccountId)) {
    installations += 1;
    const { installationId: id } = installation;
    const newest = new Map<number, AuditedUsage>();
    for (let one = await reported.peek(); one !== undefined && one.installationId <= id; one = await reported.peek()) {
      await reported.take();
      counted += 1;
      if (counted % progressEvery === 0) tell.progress(counted, "reports counted");
      if (one.installationId === id && standsOver(one, newest.get(one.tagId))) newest.set(one.tagId, one);
      if (one.installationId < id)
        tell.findings.add("usage_altered", `reports of no installation ${one.installationId}`);
    }
    const kept = await stored.takeWhile((one) => one.installationId <= id);
    // Authorizations of the classic model are no reports: what they left is what the sums are compared with.
    if (!installation.isClassic) compareInstallation(installation, newest, kept, tell.findings);
    for (const one of installation.isClassic ? kept : newest.values())
      if (installation.isRegistered) addTo(sums, installation, one);
  }
  if ((await reported.peek()) !== undefined || (await stored.peek()) !== undefined)
    tell.findings.add("usage_altered", "there is usage of no installation");
  await compareTotals(reader, smartAccountId, sums, tell.findings);
  const inUse = [...sums.values()].reduce((total, sum) => total + sum.verified + sum.unverified, 0);
  return { installations, inUse };
}

/** Verified before unverified, then the later end, then the greater id: spec/protocol.md, section 5. */
function standsOver({ inUse: one }: AuditedUsage, other: AuditedUsage | undefined): boolean {
  if (other === undefined) return true;
  const rank = (value: typeof one) => [Number(value.isVerified), value.endsAtSeconds, value.reportId];
  const [mine, theirs] = [rank(one), rank(other.inUse)];
  const at = mine.findIndex((value, place) => value !== theirs[place]);
  return at !== -1 && (mine[at] as number) > (theirs[at] as number);
}

function compareInstallation(
  { installationId, isRegistered }: AuditedInstallation,
  newest: ReadonlyMap<number, AuditedUsage>,
  kept: readonly AuditedUsage[],
  findings: Findings,
): void {
  const describe = ({ installationId: id, tagId, inUse }: AuditedUsage) =>
    [id, tagId, inUse.count, inUse.endsAtSeconds, inUse.reportId, inUse.isVerified].join(" ");
  const expected = isRegistered ? [...newest.values()].map(describe).sort() : [];
  if (expected.join() !== kept.map(describe).sort().join())
    findings.add("usage_altered", `installation ${installationId}`);
}

function addTo(
  sums: Map<string, Sum>,
  { virtualAccountId }: AuditedInstallation,
  { tagId, inUse }: AuditedUsage,
): void {
  const key = `${virtualAccountId} ${tagId}`;
  const sum = sums.get(key) ?? { verified: 0, unverified: 0, installations: 0 };
  if (inUse.isVerified) sum.verified += inUse.count;
  else sum.unverified += inUse.count;
  if (inUse.count > 0) sum.installations += 1;
  sums.set(key, sum);
}

async function compareTotals(
  reader: AuditReader,
  smartAccountId: number,
  sums: ReadonlyMap<string, Sum>,
  findings: Findings,
): Promise<void> {
  const left = new Map(sums);
  const none: Sum = { verified: 0, unverified: 0, installations: 0 };
  for await (const total of reader.usageTotals(smartAccountId)) {
    const key = `${total.virtualAccountId} ${total.tagId}`;
    const sum = left.get(key) ?? none;
    left.delete(key);
    if (!isSame(sum, total)) findings.add("totals_altered", whereOf(key));
  }
  for (const [key, sum] of left) if (!isSame(sum, none)) findings.add("totals_altered", whereOf(key));
}

function isSame(one: Sum, other: Sum): boolean {
  return (
    one.verified === other.verified && one.unverified === other.unverified && one.installations === other.installations
  );
}

function whereOf(key: string): string {
  const [virtualAccountId, tagId] = key.split(" ");
  return `tag ${tagId} in virtual account ${virtualAccountId}`;
}
