// AUTHORIZE: what a classic installation uses is counted, and each tag answered as authorized or out of compliance by how its virtual
// account stands. The counts are durable before the answer; a message that was overtaken by a later one changes nothing.

import {
  type AnswerData,
  type AuthorizedEntitlement,
  type ClassicEntitlement,
  classicAuthorizationMs,
  classicRenewAfterSeconds,
  formatUdi,
  type RequestData,
  type UnverifiedRequest,
} from "@countersign/protocol";
import type { Cause } from "../events/event.ts";
import { type Standing, standingsOf } from "../licenses/standing.ts";
import type { Installation } from "../trust/product-instance.ts";
import { inRole, roleChanges } from "../trust/role-changes.ts";
import { type InUse, usageDifference } from "../usage/in-use.ts";
import type { UsageTotalChange } from "../usage/stored-report.ts";
import { addEvent, type ChangeContext } from "./installation-changes.ts";
import { type ClassicPorts, type Registered, requireClassicSender, requireRegistered } from "./registered-sender.ts";
import { accountNamesOf, registrationOf } from "./registration-answer.ts";
import { served } from "./reply.ts";
import { decodeTimely } from "./request-clock.ts";
import type { DeviceReply } from "./use-cases.ts";

type AuthorizeRequest = UnverifiedRequest & { readonly requestType: "AUTHORIZE" };

export async function authorizeUsage(request: AuthorizeRequest, ports: ClassicPorts): Promise<DeviceReply> {
  const { clock, storage } = ports.environment;
  const sender = await requireClassicSender(request, ports);
  const data = decodeTimely(request, clock.now());
  const { productInstanceIdentifier } = sender.instance;
  const { requestType } = request;
  const cause: Cause = { kind: "message", requestType, nonce: data.nonce, productInstanceIdentifier };
  const answer = await storage.inTransaction(async (transaction): Promise<AnswerData<"AUTHORIZE">> => {
    const context = { transaction, now: clock.now(), cause };
    const registered = await requireRegistered(sender, request.header, context);
    const { entitlements, overtakenByMs } = await authorize(registered, data, context);
    const names = await accountNamesOf(registered.installation, transaction.accounts);
    const isAuthorized = entitlements.every(({ status }) => status === "AUTHORIZED");
    const renewAfter = classicRenewAfterSeconds[isAuthorized ? "authorized" : "outOfCompliance"];
    return {
      ...{ nonce: data.nonce, sudi: data.sudi },
      ...registrationOf(names, registered.instance),
      entitlements,
      // A clock that was set back reaches the time of the message before; then what it uses is counted.
      renew_after_seconds: overtakenByMs === 0 ? renewAfter : Math.ceil(overtakenByMs / 1000) + 1,
      expires_at: context.now + classicAuthorizationMs,
    };
  });
  return served({ data: answer, productInstanceIdentifier });
}

type Authorized = {
  readonly entitlements: AuthorizedEntitlement[];
  /** By how much a message that was counted before claims to be later; 0 where none does. */
  readonly overtakenByMs: number;
};

async function authorize(
  { installation, instance, classic }: Registered,
  data: RequestData<"AUTHORIZE">,
  context: ChangeContext,
): Promise<Authorized> {
  const { transaction, now } = context;
  const { smartAccountId, virtualAccountId } = installation;
  const overtakenByMs = Math.max(0, classic.askedAtMs - data.timestamp);
  const isCounted = overtakenByMs === 0;
  const counted = isCounted ? await countUsage(installation, data, context) : unchanged;
  const roled = isCounted ? await changeRoles(installation, data, context) : installation;
  await transaction.trust.putInstallation({ ...roled, lastContactAtMs: now });
  const heard = isCounted ? { askedAtMs: data.timestamp, releasedAtMs: null } : {};
  await transaction.classic.putClassic({ ...classic, lastContactAtMs: now, ...heard });
  const rows = await transaction.licenses.listBalances(smartAccountId, now, virtualAccountId);
  const standings = standingsOf(rows, await transaction.licenses.listSubstitutions(smartAccountId));
  const entitlements = data.entitlements.map((wanted) => entitlementOf(wanted, standings));
  if (counted.isChanged) {
    const udi = formatUdi(instance.udi);
    const after = { udi, inUse: counted.after, shortfall: shortfallsOf(entitlements) };
    await addEvent("usage_authorized", installation, { udi, inUse: counted.before }, after, context);
  }
  return { entitlements, overtakenByMs };
}

function entitlementOf(
  { entitlement_tag, count }: ClassicEntitlement,
  standings: readonly Standing[],
): AuthorizedEntitlement {
  const balance = standings.find(({ tag }) => tag === entitlement_tag)?.balance ?? 0;
  const shortfall = Math.max(0, -balance);
  return { entitlement_tag, count, status: shortfall === 0 ? "AUTHORIZED" : "OUT_OF_COMPLIANCE", shortfall };
}

const shortfallsOf = (entitlements: readonly AuthorizedEntitlement[]) =>
  Object.fromEntries(
    entitlements.flatMap(({ entitlement_tag, shortfall }) => (shortfall === 0 ? [] : [[entitlement_tag, shortfall]])),
  );

type Counted = {
  readonly before: Readonly<Record<string, number>>;
  readonly after: Readonly<Record<string, number>>;
  readonly isChanged: boolean;
};

const unchanged: Counted = { before: {}, after: {}, isChanged: false };

/** The message says all that is used, so a tag that it does not name is used no more. */
async function countUsage(
  { smartAccountId, installationId, virtualAccountId }: Installation,
  { entitlements, timestamp }: RequestData<"AUTHORIZE">,
  { transaction: { usage } }: ChangeContext,
): Promise<Counted> {
  const current = new Map((await usage.listInUse(smartAccountId, installationId)).map((one) => [one.tagId, one.inUse]));
  const wanted = new Map<number, ClassicEntitlement>();
  for (const one of entitlements) wanted.set(await usage.tagIdOf(smartAccountId, one.entitlement_tag), one);
  const changes: UsageTotalChange[] = [];
  const before: Record<string, number> = {};
  const after: Record<string, number> = {};
  for (const tagId of new Set([...current.keys(), ...wanted.keys()])) {
    const known = current.get(tagId);
    const inUse: InUse = {
      count: wanted.get(tagId)?.count ?? 0,
      endsAtSeconds: Math.floor(timestamp / 1000),
      reportId: 0,
      isVerified: true,
    };
    if (known?.count === inUse.count && known.isVerified) continue;
    await usage.putInUse(smartAccountId, installationId, tagId, inUse);
    changes.push({ smartAccountId, virtualAccountId, tagId, ...usageDifference(known, inUse) });
    if ((known?.count ?? 0) === inUse.count) continue;
    const name = wanted.get(tagId)?.entitlement_tag ?? `tag ${tagId}`;
    before[name] = known?.count ?? 0;
    after[name] = inUse.count;
  }
  await usage.changeTotals(changes);
  return { before, after, isChanged: Object.keys(after).length > 0 };
}

/** The device list says who is there and in which role, as that of a usage report does. */
async function changeRoles(
  installation: Installation,
  { device_list }: RequestData<"AUTHORIZE">,
  context: ChangeContext,
): Promise<Installation> {
  const { transaction } = context;
  const { smartAccountId, installationId, lastContactAtMs, trustEpoch } = installation;
  const members = (await transaction.trust.listMembers(smartAccountId, installationId)).filter(
    ({ removedAtMs }) => removedAtMs === null,
  );
  const changes = roleChanges(device_list, new Map(members.map((member) => [formatUdi(member.udi), member.role])));
  if (changes.size === 0) return installation;
  const before: Record<string, string> = {};
  for (const member of members) {
    const role = changes.get(formatUdi(member.udi));
    if (role === undefined) continue;
    before[formatUdi(member.udi)] = member.role;
    await transaction.trust.putInstance(inRole(member, role, lastContactAtMs));
  }
  const after = { ...installation, trustEpoch: trustEpoch + 1 };
  await addEvent("device_role_changed", after, before, Object.fromEntries(changes), context);
  return after;
}
