// What happens to a fleet in years, as a table of acts with weights: each one is something a person, a power cut, a disk or
// a manager's administrator does. Nothing here looks at results.

import type { Agent } from "@countersign/agent";
import { ManagerError } from "@countersign/manager";
import { activeIdentifier, type SimulatedProduct, type Slot } from "./simulated-product.ts";
import { cause, enforced, features, virtualAccounts, type World } from "./world.ts";

type Act = {
  readonly name: string;
  readonly weight: number;
  readonly run: (world: World, product: SimulatedProduct) => Promise<unknown> | unknown;
};

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** Each has all of the one before, which stays as it is: its seeds once found mistakes, and shall be the same runs. */
export const workloads = [1, 2, 3] as const;
export type Workload = (typeof workloads)[number];

const firstActs: readonly Act[] = [
  { name: "licences change", weight: 30, run: changeUsage },
  { name: "sync", weight: 10, run: (_, product) => product.run((agent) => agent.sync("all")) },
  { name: "switchover", weight: 8, run: switchOver },
  { name: "member joins", weight: 4, run: addMember },
  { name: "member joins and takes over", weight: 3, run: addActiveMember },
  { name: "member leaves", weight: 2, run: removeMember },
  { name: "clock jumps", weight: 5, run: jumpClock },
  { name: "clock set right", weight: 2, run: (_, product) => product.setClockRight() },
  { name: "power lost", weight: 4, run: (_, product) => product.losePower() },
  { name: "power lost in a write", weight: 7, run: losePowerLater },
  { name: "reload", weight: 2, run: reload },
  { name: "disk errors", weight: 3, run: failDisk },
  { name: "disk full", weight: 2, run: (world, product) => product.fillDisk(world.random.nextBelow(12)) },
  { name: "disk healed", weight: 5, run: (_, product) => product.disk.heal() },
  { name: "cut off", weight: 5, run: (world, product) => world.network.cut(product.name) },
  { name: "joined again", weight: 7, run: (world, product) => world.network.join(product.name) },
  { name: "manager starts again", weight: 4, run: (world) => world.manager.restart() },
  { name: "manager's next commits fail or crash", weight: 9, run: disturbCommits },
  { name: "backup", weight: 10, run: (world) => world.takeBackup() },
  { name: "restore from a backup", weight: 8, run: restoreBackup },
  { name: "policy set", weight: 5, run: setPolicy },
  { name: "transfer", weight: 4, run: transfer },
  { name: "removed in the manager", weight: 2, run: removeInManager },
  { name: "trust sought", weight: 8, run: (world, product) => seekTrust(world, product, false) },
  { name: "trust forced", weight: 2, run: (world, product) => seekTrust(world, product, true) },
  { name: "token used again", weight: 3, run: reuseToken },
  { name: "token revoked", weight: 1, run: revokeToken },
  { name: "hardware replaced", weight: 1, run: replaceHardware },
  { name: "factory reset of trust", weight: 1, run: (world, product) => factoryReset(world, product, "trust") },
  { name: "factory reset of policy", weight: 1, run: (world, product) => factoryReset(world, product, "policy") },
  { name: "factory reset", weight: 1, run: (world, product) => factoryReset(world, product, "all") },
];
const secondActs: readonly Act[] = [
  ...firstActs,
  { name: "usage saved to a file", weight: 24, run: ({ files }, product) => files.saveUsage(product) },
  { name: "file brought to the manager", weight: 24, run: bringFile },
  { name: "files gathered and brought in disorder", weight: 8, run: gatherFiles },
  { name: "policies set, then moved to the other account", weight: 6, run: moveAfterPolicies },
  { name: "authorization asked for", weight: 14, run: askForAuthorization },
  { name: "authorization given back", weight: 6, run: giveAuthorizationBack },
  { name: "authorization made for a device", weight: 4, run: makeAuthorization },
  { name: "authorization withdrawn", weight: 3, run: withdrawAuthorization },
  { name: "file brought back", weight: 16, run: ({ files, products }) => files.bringBack(products) },
];
const thirdActs: readonly Act[] = [
  ...secondActs,
  { name: "trust request saved to a file", weight: 10, run: saveTrustRequest },
  { name: "trust request brought to the manager", weight: 10, run: bringTrustRequest },
  { name: "authorization request saved to a file", weight: 10, run: saveAuthorizationRequest },
  { name: "authorization given back in a file", weight: 6, run: saveAuthorizationReturn },
  { name: "authorization request brought to the manager", weight: 14, run: bringAuthorizationRequest },
  { name: "all carried by hand to a site without a line", weight: 8, run: carryAll },
];
const actsOf: Readonly<Record<Workload, readonly Act[]>> = { 1: firstActs, 2: secondActs, 3: thirdActs };

export const newestWorkload: Workload = 3;

/** The newest when none is named; throws for one that there is not. */
export function asWorkload(text: string | undefined): Workload {
  if (text === undefined) return newestWorkload;
  const found = workloads.find((workload) => `${workload}` === text);
  if (found === undefined) throw new RangeError(`there is no workload ${text}`);
  return found;
}

export function drawAct(world: World): Act {
  const acts = actsOf[world.workload];
  let at = world.random.nextBelow(acts.reduce((sum, { weight }) => sum + weight, 0));
  for (const act of acts) {
    at -= act.weight;
    if (at < 0) return act;
  }
  throw new Error("weights do not add up");
}

/** The very first: a token with a use for every device, or for all but one. */
export async function seekTrust(world: World, product: SimulatedProduct, force: boolean): Promise<void> {
  if (!force && !lacksTrust(product.agent)) return;
  const { random } = world;
  const uses = Math.max(1, product.slots.length - Number(random.nextBelow(4) === 0));
  // Mostly a token of the account it was first put into.
  const virtualAccount = random.nextBelow(5) === 0 ? random.pick(virtualAccounts) : world.homeOf(product);
  const token = await world.createToken(virtualAccount, force ? 10 : uses);
  if (force) expectNewIdentity(world, product);
  await product.run((agent) => agent.trust(token.text, { force }));
}

export function lacksTrust(agent: Agent | null): boolean {
  if (agent === null) return false;
  const { trust } = agent.state();
  if (trust.lostSinceMs !== null) return true;
  return trust.attempt === null && Object.values(trust.members).some(({ status }) => status !== "installed");
}

/** The device's side or the manager's begins anew on purpose. */
export function expectNewIdentity(world: World, product: SimulatedProduct): void {
  world.journal.forgetGrants();
  world.watches.get(product)?.forgetPolicy();
}

async function changeUsage(world: World, product: SimulatedProduct): Promise<void> {
  await product.use(world.random.pick(features), world.random.nextBelow(6));
}

async function switchOver(world: World, product: SimulatedProduct): Promise<void> {
  const { slots } = product;
  if (slots.length < 2) return;
  await product.changeMembers(withActive(slots, 1 + world.random.nextBelow(slots.length - 1)));
}

/** The named one becomes active, the former active one stands by. */
function withActive(slots: readonly Slot[], index: number): readonly Slot[] {
  const others = slots.filter((_, at) => at !== index).map(({ udi }) => udi);
  const [standby, ...members] = others;
  const active = slots[index];
  if (active === undefined || standby === undefined) return slots;
  return [
    { udi: active.udi, role: "Active" },
    { udi: standby, role: "Standby" },
    ...members.map((udi) => ({ udi, role: "Member" as const })),
  ];
}

async function addMember(world: World, product: SimulatedProduct): Promise<void> {
  if (product.slots.length >= 4) return;
  const role = product.slots.length === 1 ? "Standby" : "Member";
  await product.changeMembers([...product.slots, { udi: world.newUdi(), role }]);
}

async function addActiveMember(world: World, product: SimulatedProduct): Promise<void> {
  if (product.slots.length >= 4) return;
  const slots = [...product.slots, { udi: world.newUdi(), role: "Member" as const }];
  await product.changeMembers(withActive(slots, slots.length - 1));
  if (world.random.nextBelow(2) === 0) await product.run((agent) => agent.sync("all"));
}

async function removeMember(world: World, product: SimulatedProduct): Promise<void> {
  const { slots } = product;
  if (slots.length < 2) return;
  const gone = 1 + world.random.nextBelow(slots.length - 1);
  await product.changeMembers(slots.filter((_, at) => at !== gone));
}

function jumpClock(world: World, product: SimulatedProduct): void {
  if (!world.mayClocksJump) return;
  const { random } = world;
  const ms = random.pick([10 * minuteMs, 50 * minuteMs, 3 * 3_600_000, 2 * dayMs, 9 * dayMs]);
  const offsetMs = product.now() - world.time.now();
  // Back and forth around the truth, so that a run's end can wait until every claimed time is over.
  const sign = offsetMs > 0 ? -1 : offsetMs < 0 ? 1 : random.pick([-1, 1]);
  product.jumpClock(sign * ms);
}

function losePowerLater(world: World, product: SimulatedProduct): void {
  if (product.agent !== null) product.disk.crashAtWrite(world.random.nextBelow(25));
}

async function reload(_world: World, product: SimulatedProduct): Promise<void> {
  await product.stop();
  product.noteStop();
  await product.start("reload");
  product.declareAll();
}

function failDisk(world: World, product: SimulatedProduct): void {
  const { random } = world;
  product.storageFailures += 1;
  product.disk.failCalls(random.pick(["EIO", "ENOSPC"]), random.nextBelow(10), 1 + random.nextBelow(6));
}

function disturbCommits(world: World): void {
  const { random } = world;
  let left = 1 + random.nextBelow(3);
  world.manager.fateOfCommits(() => {
    if (left <= 0) return "whole";
    left -= 1;
    return random.pick(["fails", "crashes_before", "crashes_after", "whole"] as const);
  });
}

/** The newest one, or one that nobody should have used any more. */
async function restoreBackup(world: World): Promise<void> {
  const { backups, random } = world;
  const backup = random.nextBelow(2) === 0 ? backups.at(-1) : backups[random.nextBelow(Math.max(1, backups.length))];
  if (backup === undefined) return;
  await world.manager.restore(backup);
  for (const product of world.products) product.noteManagerRestored();
}

async function setPolicy(world: World): Promise<void> {
  const { random } = world;
  const classes = {
    perpetual: { first_report_days: random.pick([0, 30, 90]), reporting_frequency_days: random.pick([0, 7, 30, 365]) },
    subscription: { reporting_frequency_days: random.pick([1, 30]), report_on_change_days: random.pick([0, 1, 90]) },
  };
  const virtualAccount = random.pick([undefined, ...virtualAccounts]);
  await administer(world, (administration) => administration.setPolicy({ virtualAccount, layer: { classes }, cause }));
}

async function transfer(world: World, product: SimulatedProduct): Promise<void> {
  const instance = activeIdentifier(product);
  if (instance === null) return;
  const virtualAccount = world.random.pick(virtualAccounts);
  await administer(world, (administration) =>
    administration.transferProductInstance({ instance, virtualAccount, cause }),
  );
}

/** Whoever is moved brings the policy version of where it was. */
async function moveAfterPolicies(world: World, product: SimulatedProduct): Promise<void> {
  for (const moved of [false, true]) {
    if (moved) await transfer(world, product);
    else for (let number = 0; number < 2; number += 1) await setPolicy(world);
    await product.run((agent) => agent.sync("all"));
    await world.pass(5 * minuteMs);
  }
}

async function removeInManager(world: World, product: SimulatedProduct): Promise<void> {
  const instance = activeIdentifier(product);
  if (instance === null) return;
  expectNewIdentity(world, product);
  product.hasLostHistory = true;
  await administer(world, (administration) => administration.removeProductInstance({ instance, cause }));
}

async function reuseToken(world: World, product: SimulatedProduct): Promise<void> {
  if (world.tokens.length === 0 || !lacksTrust(product.agent)) return;
  const token = world.random.pick(world.tokens);
  await product.run((agent) => agent.trust(token.text));
}

async function revokeToken(world: World): Promise<void> {
  if (world.tokens.length === 0) return;
  const { tokenId } = world.random.pick(world.tokens);
  await administer(world, (administration) => administration.revokeToken({ tokenId, cause }));
}

/** The same devices with new disks; the clock is right, as the installer sees to it. */
async function replaceHardware(world: World, product: SimulatedProduct): Promise<void> {
  product.setClockRight();
  product.replaceHardware();
  world.watches.get(product)?.forget();
  await product.start("restart");
  await seekTrust(world, product, true);
}

async function factoryReset(world: World, product: SimulatedProduct, what: "all" | "trust" | "policy"): Promise<void> {
  if (product.agent === null) return;
  expectNewIdentity(world, product);
  if (what === "all") {
    product.loseHistory();
    world.watches.get(product)?.forget();
  }
  await product.run((agent) => agent.factoryReset(what));
  world.watches.get(product)?.forgetPolicy();
}

async function askForAuthorization({ random }: World, product: SimulatedProduct): Promise<void> {
  const wish = { tag: enforced.tag, licenseClass: "enforced", count: 1 + random.nextBelow(3) } as const;
  const how = { mode: random.pick(["add", "replace"] as const), scope: random.pick(["local", "all"] as const) };
  await product.run((agent) => agent.requestAuthorization([wish], how));
}

async function giveAuthorizationBack({ random }: World, product: SimulatedProduct): Promise<void> {
  const scope = random.pick(["local", "all"] as const);
  await product.run((agent) => agent.returnAuthorization({ scope, way: "online" }));
}

/** An administrator makes the code; it stands in a file until somebody brings it. */
async function makeAuthorization(world: World, product: SimulatedProduct): Promise<void> {
  const instance = activeIdentifier(product);
  if (instance === null) return;
  const { random, files } = world;
  const wish = { tag: enforced.tag, licenseClass: "enforced", count: 1 + random.nextBelow(3) } as const;
  const mode = random.pick(["add", "replace"] as const);
  await administer(world, async (administration) => {
    const { file } = await administration.generateAuthorization({ instance, mode, licenses: [wish], cause });
    files.holdAnswer(product, file);
  });
}

async function withdrawAuthorization(world: World, product: SimulatedProduct): Promise<void> {
  const instance = activeIdentifier(product);
  if (instance === null) return;
  await administer(world, (administration) => administration.withdrawAuthorization({ instance, cause }));
}

/** A site without a line: a file every few days, and one day somebody empties the drawer. */
async function gatherFiles(world: World, product: SimulatedProduct): Promise<void> {
  const { files, network, random } = world;
  network.cut(product.name);
  const count = 2 + random.nextBelow(2);
  for (let number = 0; number < count; number += 1) {
    await changeUsage(world, product);
    await world.pass((1 + random.nextBelow(3)) * dayMs);
    await files.saveUsage(product);
  }
  for (let number = 0; number < 2 * count; number += 1) await bringFile(world);
}

async function bringFile(world: World): Promise<void> {
  const { files, journal } = world;
  await administer(world, (administration) => files.bringToManager(administration, cause, journal));
  await world.checkSums();
}

async function saveTrustRequest({ files, random }: World, product: SimulatedProduct): Promise<void> {
  const scope = random.pick(["local", "all"] as const);
  await files.saveRequest("trust", product, (agent, path) => agent.saveTrustRequest(path, scope));
}

/** An operator vouches in the place of a token, mostly for the account of the device. */
async function bringTrustRequest(world: World): Promise<void> {
  const { files, random } = world;
  const force = random.nextBelow(3) === 0;
  const elsewhere = random.nextBelow(5) === 0 ? random.pick(virtualAccounts) : null;
  await administer(world, (administration) =>
    files.bringRequest("trust", async (bytes, from) => {
      const product = productNamed(world, from);
      if (force) expectNewIdentity(world, product);
      const virtualAccount = elsewhere ?? world.homeOf(product);
      const wish = { bytes, virtualAccount, force, exportControlAllowed: false, cause };
      return (await administration.enrolByFile(wish)).file;
    }),
  );
}

async function saveAuthorizationRequest(world: World, product: SimulatedProduct): Promise<void> {
  if (product.agent?.state().authorization.attempt === null) await askForAuthorization(world, product);
  await world.files.saveRequest("authorization", product, (agent, path) => agent.saveAuthorizationRequest(path));
}

async function saveAuthorizationReturn({ files, random }: World, product: SimulatedProduct): Promise<void> {
  const scope = random.pick(["local", "all"] as const);
  await files.saveRequest("authorization", product, (agent, path) =>
    agent.returnAuthorization({ scope, way: "offline", path }),
  );
}

async function bringAuthorizationRequest(world: World): Promise<void> {
  const { files, journal } = world;
  await administer(world, (administration) =>
    files.bringRequest("authorization", async (bytes, from) => {
      const { file } = await administration.importAuthorizationRequest({ bytes, cause });
      if (file !== null) journal.gaveFile(from, file);
      return file;
    }),
  );
  await world.checkSums();
}

/** A site that never has a line: its administrator carries trust, codes and usage, each with days between. */
async function carryAll(world: World, product: SimulatedProduct): Promise<void> {
  const { files, network, random, products } = world;
  network.cut(product.name);
  const steps = [
    () => saveTrustRequest(world, product),
    () => bringTrustRequest(world),
    () => files.bringBack(products),
    () => saveAuthorizationRequest(world, product),
    () => bringAuthorizationRequest(world),
    () => files.bringBack(products),
    () => files.saveUsage(product),
    () => bringFile(world),
    () => files.bringBack(products),
  ];
  for (const carry of steps) {
    await carry();
    await world.pass(random.nextBelow(2) * dayMs);
  }
}

function productNamed({ products }: World, name: string): SimulatedProduct {
  return products.find((product) => product.name === name) as SimulatedProduct;
}

type Administration = World["manager"]["administration"];

/** What the manager refuses was a wrong question of an administrator. */
async function administer(world: World, task: (administration: Administration) => Promise<unknown>): Promise<void> {
  try {
    await task(world.manager.administration);
  } catch (error) {
    if (!(error instanceof ManagerError) || error.code === "input_invalid") throw error;
  }
}
