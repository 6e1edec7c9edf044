// After a run: the published invariants against the independent model. Each answer begins with the id of what it breaks.

import { ManagerError, type UseCases } from "@countersign/manager";
import { compareHeads, decodeRumReport, type RumReport, type TreeHead } from "@countersign/protocol";
import type { Journal } from "./journal.ts";
import { countSeconds, inUseAt, inUseNow, missingIds, reportsOf } from "./naive-recount.ts";
import { activeIdentifier, type SimulatedProduct } from "./simulated-product.ts";

export type FinishedRun = {
  readonly administration: UseCases;
  readonly journal: Journal;
  readonly products: readonly SimulatedProduct[];
  readonly virtualAccounts: readonly string[];
  /** Of the enforced entitlement. */
  readonly authorizedTotal: (virtualAccount: string) => Promise<number>;
  readonly tokens: readonly { readonly tokenId: string; readonly text: string }[];
};

const pageLimit = 10_000;

/** What must hold at any moment, also in the middle of a run, while clocks are wrong and reports are under way. */
export async function checkSumsNow(run: FinishedRun): Promise<readonly string[]> {
  return [...(await checkSums(run, await registeredInstances(run))), ...(await checkAuthorizedSums(run))];
}

export async function checkInvariants(run: FinishedRun): Promise<readonly string[]> {
  const instances = await registeredInstances(run);
  return [
    ...run.journal.problems,
    ...(await checkAcknowledged(run, instances)),
    ...checkCountedOnce(run.journal),
    ...(await checkHeads(run)),
    ...(await checkAuditTrail(run)),
    ...(await checkSums(run, instances)),
    ...(await checkGaps(run, instances)),
    ...(await checkAuthorizedSums(run)),
    ...(await checkInstalledCodes(run)),
    ...(await checkTruth(run)),
    ...(await Promise.all(run.products.map((product) => checkHistory(product, run.journal)))).flat(),
    ...(await checkTokens(run)),
  ];
}

type Registered = { readonly identifier: string; readonly installationId: number; readonly virtualAccount: string };

/** One registered member of each installation is enough to ask about it. */
async function registeredInstances({ administration, virtualAccounts }: FinishedRun): Promise<readonly Registered[]> {
  const found = new Map<number, Registered>();
  for (const virtualAccount of virtualAccounts) {
    for (const row of await administration.listProductInstances({ virtualAccount, limit: pageLimit })) {
      const { productInstanceIdentifier: identifier, installationId, removedAtMs } = row;
      if (removedAtMs === null) found.set(installationId, { identifier, installationId, virtualAccount });
    }
  }
  return [...found.values()];
}

/** I1: every acknowledged report that can still be asked for is there, with the same hash and at the leaf that was named. */
async function checkAcknowledged(run: FinishedRun, instances: readonly Registered[]): Promise<readonly string[]> {
  const stored = new Map<string, { readonly leafIndex: number; readonly reportId: number }>();
  for (const { identifier, installationId } of instances) {
    for (const row of await run.administration.listReports({ instance: identifier, limit: pageLimit }))
      stored.set(`${installationId} ${row.reportId} ${row.payloadSha256}`, row);
  }
  const registered = new Set(instances.map(({ installationId }) => installationId));
  const problems: string[] = [];
  for (const sent of run.journal.acknowledgements) {
    const { acknowledgement, installationId } = sent;
    if (!registered.has(installationId)) continue;
    for (const entry of acknowledgement.reports) {
      if (entry.outcome === "refused" || run.journal.isForgotten(sent, entry)) continue;
      const row = stored.get(`${installationId} ${entry.report_id} ${entry.payload_sha256}`);
      if (row === undefined) problems.push(`[I1] report ${entry.report_id} was acknowledged and is not in the ledger`);
      else if (row.leafIndex !== entry.leaf_index)
        problems.push(`[I1] report ${entry.report_id} was acknowledged at another leaf`);
    }
  }
  return problems;
}

/** Heads in a run are many; these many of them, evenly spread, are enough to show a fork. */
const headsChecked = 8;

/** I1: the ledger at the end goes on from the heads that ACKs carried. */
async function checkHeads({ administration, journal }: FinishedRun): Promise<readonly string[]> {
  const { treeHead: newest } = await administration.showTreeHead({});
  const heads = new Map<number, TreeHead>();
  for (const { acknowledgement } of journal.acknowledgements) {
    const head = acknowledgement.tree_head;
    if (head?.ledger_id === newest.ledger_id) heads.set(head.size, head);
  }
  const step = Math.max(1, Math.floor(heads.size / headsChecked));
  const problems: string[] = [];
  for (const head of [...heads.values()].filter((_, at) => at % step === 0)) {
    const verdict =
      head.size > newest.size
        ? "rewritten"
        : compareHeads(head, newest, (await administration.showConsistency({ from: head.size })).hashes);
    if (verdict === "rewritten") problems.push(`[I1] the ledger does not go on from the head of ${head.size} entries`);
  }
  return problems;
}

/** I2: an installation has each id once. */
function checkCountedOnce({ committed }: Journal): readonly string[] {
  const seen = new Set<string>();
  return committed.flatMap(({ installationId, reportId }) => {
    const name = `${installationId} ${reportId}`;
    if (seen.has(name)) return [`[I2] report ${reportId} of installation ${installationId} was counted twice`];
    seen.add(name);
    return [];
  });
}

/** I6: the trail holds every event that a transaction wrote, in that order, and no other. */
async function checkAuditTrail({ administration, journal }: FinishedRun): Promise<readonly string[]> {
  const stored = (await administration.listEvents({ limit: pageLimit })).toReversed();
  const [told, written] = [stored, journal.events].map((events) => events.map(({ kind, atMs }) => `${kind} ${atMs}`));
  const at = written?.findIndex((event, index) => event !== told?.[index]) ?? -1;
  if (at !== -1) return [`[I6] event ${at + 1} is ${told?.[at] ?? "missing"}, a transaction wrote ${written?.[at]}`];
  return told?.length === written?.length
    ? []
    : [`[I6] the trail ends with ${told?.at(-1)}, which no transaction wrote`];
}

/** I3: what the manager says is in use, per virtual account and tag, is the sum over the raw reports. */
async function checkSums(run: FinishedRun, instances: readonly Registered[]): Promise<readonly string[]> {
  const naive = inUseNow(run.journal.committed);
  const problems: string[] = [];
  for (const virtualAccount of run.virtualAccounts) {
    const expected = new Map<string, number>();
    for (const { installationId } of instances.filter((one) => one.virtualAccount === virtualAccount)) {
      for (const [tag, { count }] of naive.get(installationId) ?? [])
        expected.set(tag, (expected.get(tag) ?? 0) + count);
    }
    for (const { tag, inUse } of await run.administration.listLicenses({ virtualAccount })) {
      const sum = expected.get(tag) ?? 0;
      if (inUse !== sum)
        problems.push(`[I3] ${virtualAccount} ${shortTag(tag)}: ${inUse} in use, the reports say ${sum}`);
      expected.delete(tag);
    }
    for (const [tag, sum] of expected)
      if (sum > 0) problems.push(`[I3] ${virtualAccount} ${shortTag(tag)}: nothing in use, the reports say ${sum}`);
  }
  return problems;
}

/** I3 of authorization codes: the sums by which codes are given are the sums over the codes in force. */
async function checkAuthorizedSums(run: FinishedRun): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const virtualAccount of run.virtualAccounts) {
    const codes = await run.administration.listAuthorizations({ virtualAccount, limit: pageLimit });
    const sum = codes
      .filter(({ state }) => statesInForce.includes(state))
      .flatMap(({ licenses }) => licenses)
      .reduce((total, { count }) => total + count, 0);
    const said = await run.authorizedTotal(virtualAccount);
    if (said !== sum) problems.push(`[I3] ${virtualAccount} has ${said} authorized, its codes in force say ${sum}`);
  }
  return problems;
}

const statesInForce: readonly string[] = ["generated", "confirmed"];

/** At the end: a code that a device shows is in force at its manager. A restored manager may have forgotten it. */
async function checkInstalledCodes({ administration, journal, products }: FinishedRun): Promise<readonly string[]> {
  if (journal.restores > 0) return [];
  const problems: string[] = [];
  for (const { name, agent } of products) {
    const { installed = {} } = agent?.state().authorization ?? {};
    for (const { productInstanceIdentifier: instance, sequence, confirmation } of Object.values(installed)) {
      if ((await showRegistered(administration, instance)) === "removed") continue;
      const codes = await administration.listAuthorizations({ instance, limit: pageLimit });
      const state = codes.find((code) => code.sequence === sequence)?.state ?? "unknown";
      // Whoever withdraws a code that arrived has to see to the device.
      if (state === "withdrawn" && confirmation === "heard") continue;
      if (!statesInForce.includes(state))
        problems.push(`[I3] ${name} shows authorization code ${sequence}, which is ${state} at its manager`);
    }
  }
  return problems;
}

/** I4: what the manager calls missing is what is missing, and without an accident nothing is. */
async function checkGaps(run: FinishedRun, instances: readonly Registered[]): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const { identifier, installationId } of instances) {
    const detail = await run.administration.showProductInstance({ instance: identifier });
    const told = detail.missingReports.flatMap(({ from, to }) => [from, to]).sort((one, other) => one - other);
    const missing = missingIds(run.journal.committed, installationId);
    if (told.join() !== missing.join())
      problems.push(`[I4] installation ${installationId} misses ${missing.join()}, the manager says ${told.join()}`);
  }
  return problems;
}

/** The end of the chain: what the manager counts is what the products use; after a restore this is what I8 says. */
async function checkTruth({ administration, journal, products }: FinishedRun): Promise<readonly string[]> {
  const problems: string[] = [];
  const id = journal.restores > 0 ? "I8" : "I3";
  for (const product of products) {
    const instance = activeIdentifier(product);
    if (instance === null) {
      problems.push(`[${id}] ${product.name} has no trust at the end, although everything works again`);
      continue;
    }
    const detail = await showRegistered(administration, instance);
    if (detail === "unknown")
      problems.push(`[${id}] ${product.name} trusts in an identity that the manager does not know`);
    if (detail === "unknown" || detail === "removed") continue;
    const counted = new Map(detail.usage.map(({ tag, count }) => [tag, count]));
    for (const [tag, { count }] of product.counts) {
      const said = counted.get(tag) ?? 0;
      if (said !== count)
        problems.push(`[${id}] ${product.name} uses ${count} of ${shortTag(tag)}, the manager counts ${said}`);
    }
  }
  return problems;
}

/** An administrator may have removed the active device while another member speaks for the installation. */
async function showRegistered(administration: UseCases, instance: string) {
  try {
    return await administration.showProductInstance({ instance });
  } catch (error) {
    if (error instanceof ManagerError && error.code === "instance_removed") return "removed";
    if (error instanceof ManagerError && error.code === "instance_unknown") return "unknown";
    throw error;
  }
}

/** No sampled moment is lost, doubled or changed on its way; where the product was never disturbed, sums are exact. */
async function checkHistory(product: SimulatedProduct, journal: Journal): Promise<readonly string[]> {
  // What a restore made the manager forget was there once, and was right.
  const reports = reportsOf(journal.everCommitted, product.udis);
  const problems: string[] = [];
  // What the manager refused is not lost while the device keeps it.
  const known = [...reports, ...(await refusedReports(product))];
  for (const { atSeconds, counts } of product.samples) {
    for (const [tag, count] of counts) {
      const said = inUseAt(known, tag, atSeconds);
      if (said === "coarse" || said === count || (said === null && count === 0)) continue;
      if (said === null && isMeasuredStill(product, tag, atSeconds, count)) continue;
      const at = new Date(atSeconds * 1000).toISOString();
      problems.push(
        `[I3] ${product.name} used ${count} of ${shortTag(tag)} at ${at}, the reports say ${said ?? "nothing"}`,
      );
      break;
    }
  }
  if (!product.hasClockJumped) problems.push(...reports.flatMap(findDoubledTime));
  if (product.isUndisturbed) {
    for (const tag of product.counts.keys()) {
      const [said, used] = [countSeconds(reports, tag), product.countSecondsOf(tag)];
      if (said > used)
        problems.push(`[I2] ${product.name} used ${shortTag(tag)} for ${used} s, the reports say ${said}`);
    }
  }
  return problems.slice(0, 3);
}

/** What the open report says is not lost: it has not been demanded yet. */
function isMeasuredStill({ agent }: SimulatedProduct, tag: string, atSeconds: number, count: number): boolean {
  const open = agent?.state().metering.usages[tag]?.openReport ?? null;
  return open !== null && open.runningCount === count && open.runningSinceSeconds <= atSeconds;
}

/** I2 within one report: merged or not, no moment is measured twice. */
function findDoubledTime({ measurements, asset_identification: { report_id: id } }: RumReport): readonly string[] {
  const sorted = measurements.toSorted(
    (one, other) => one.start_time - other.start_time || one.end_time - other.end_time,
  );
  const isDoubled = sorted.some((one, at) => at > 0 && one.start_time < (sorted[at - 1]?.end_time ?? 0));
  return isDoubled ? [`[I2] report ${id} measures a moment twice`] : [];
}

async function refusedReports({ agent }: SimulatedProduct): Promise<readonly RumReport[]> {
  const reports: RumReport[] = [];
  for (const { reportId } of agent?.reports({ status: "refused" }) ?? []) {
    const body = (await agent?.report(reportId))?.body;
    if (body?.kind === "signed") reports.push(decodeRumReport(body.report.payload));
  }
  return reports;
}

/** I9: a token counts one use for each device and key that it let in, however often they asked. */
async function checkTokens({
  administration,
  journal,
  tokens,
  virtualAccounts,
}: FinishedRun): Promise<readonly string[]> {
  const uses = new Map<string, number>();
  for (const virtualAccount of virtualAccounts) {
    for (const token of await administration.listTokens({ virtualAccount })) uses.set(token.tokenId, token.uses);
  }
  return tokens.flatMap(({ tokenId, text }) => {
    const asked = [...journal.asked.values()].filter(({ token }) => token === text).length;
    const used = uses.get(tokenId) ?? 0;
    return used > asked ? [`[I9] a token was used ${used} times by ${asked} devices with their keys`] : [];
  });
}

function shortTag(tag: string): string {
  return tag.split(",")[0]?.split(".").at(-1) ?? tag;
}
