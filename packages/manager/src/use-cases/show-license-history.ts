// How one licence of a virtual account stood over the days, up to now: what looks have written, and how it stands at this moment.

import { ManagerError } from "../errors.ts";
import {
  dayOf,
  dayText,
  historyDaysMax,
  historyDaysUnlessAsked,
  inUseOn,
  parseDay,
  stepsFrom,
  withLook,
} from "../licenses/license-day.ts";
import { standingsOf } from "../licenses/standing.ts";
import type { Administration } from "./administer.ts";
import { findSmartAccount, findVirtualAccount } from "./find-account.ts";
import type { LicenseHistory, LicenseHistoryQuery } from "./use-cases.ts";

/** Throws `input_invalid` for what are no days, or too many. */
export async function showLicenseHistory(
  query: LicenseHistoryQuery,
  { storage, clock }: Administration,
): Promise<LicenseHistory> {
  const { tag } = query;
  const { accounts, licenses } = storage.read;
  const { smartAccountId } = await findSmartAccount(query.smartAccount, accounts);
  const { virtualAccountId, name } = await findVirtualAccount(smartAccountId, query.virtualAccount, accounts);
  const now = clock.now();
  const today = dayOf(now);
  const { fromDay, toDay } = daysOf(query, today);
  const written = await licenses.listDays({ smartAccountId, virtualAccountId, tag, fromDay, toDay });
  const readNow = async () => {
    const rows = await licenses.listBalances(smartAccountId, now, virtualAccountId);
    return standingsOf(rows, await licenses.listSubstitutions(smartAccountId)).find((one) => one.tag === tag);
  };
  const days = toDay < today ? written : withLook(written, await readNow(), today);
  return {
    ...{ virtualAccount: name, tag, from: dayText(fromDay), to: dayText(toDay) },
    steps: stepsFrom(fromDay, days).map((one) => ({
      ...{ day: dayText(one.day), purchased: one.purchased, inUseMax: one.inUseMax, inUse: inUseOn(one) },
      ...{ inUseVerified: one.inUseVerified, inUseUnverified: one.inUseUnverified },
      ...{ shortMax: one.shortMax, short: one.short },
    })),
  };
}

/** Nothing is known of days to come, so a question ends today at the latest. */
function daysOf({ from, to }: LicenseHistoryQuery, today: number) {
  const toDay = Math.min(today, to === undefined ? today : requireDay(to));
  const fromDay = from === undefined ? toDay - historyDaysUnlessAsked + 1 : requireDay(from);
  if (fromDay > toDay)
    throw new ManagerError("input_invalid", `${dayText(fromDay)} is later than ${dayText(toDay)}, where it ends.`);
  if (toDay - fromDay + 1 > historyDaysMax)
    throw new ManagerError("input_invalid", `More than ${historyDaysMax} days; ask for fewer.`);
  return { fromDay, toDay };
}

function requireDay(text: string): number {
  const day = parseDay(text);
  if (day === undefined) throw new ManagerError("input_invalid", `${JSON.stringify(text)} is not a day, yyyy-mm-dd.`);
  return day;
}
