// What a manager gives by file: acknowledgements, policies, trust codes and account names, told by content and never by name
// (TOP-4). Each object is verified as if it had come in an answer; what is meant for another device is named and left out.

import {
  confirmationCodeOf,
  decodeAccountInfo,
  decodeAcknowledgement,
  decodeAuthorizationCode,
  decodeLicenseFile,
  decodeTrustCode,
  formatUdi,
  type ManagerObject,
  type Policy,
  ProtocolError,
  type TrustAnchors,
  udiOf,
  verifyManagerObject,
} from "@countersign/protocol";
import { AgentError } from "./agent-error.ts";
import { readAuthorization } from "./exchange/authorize.ts";
import { senderOf } from "./exchange/exchange-context.ts";
import { accountFrom, readPolicy, readTrustCode } from "./exchange/read-trust-answer.ts";
import { acknowledgementFrom } from "./exchange/read-usage-answer.ts";
import { leastSequenceOf } from "./lifecycle/authorization.ts";
import type { AuthorizationGiven, GivenTrust, ReceivedAcknowledgement, TrustedDevice } from "./lifecycle/event.ts";
import { trustOf } from "./lifecycle/installation.ts";
import type { AgentState } from "./lifecycle/state.ts";
import type { Runtime, RuntimePorts } from "./runtime.ts";

export const importedKinds = ["RUM ACK", "POLICY", "TRUST CODE", "AUTH", "ACCOUNT INFO"] as const;
export type ImportedKind = (typeof importedKinds)[number];

/** What became of one object of a file. `detail` names what was installed, or why it was left out. */
export type ImportedObject = {
  readonly kind: ImportedKind;
  readonly outcome: "installed" | "left_out";
  readonly detail: string;
  /** Of an authorization code that was installed. */
  readonly confirmation?: { readonly udi: string; readonly code: string };
};

export type ImportPorts = Pick<RuntimePorts, "clock" | "keys" | "reports"> & { readonly anchors: TrustAnchors };

/**
 * Installs what the file holds for this installation. Throws `import_refused` when it is no licence file, when an object in it
 * cannot be believed, or when nothing in it is for this installation; then nothing was changed.
 */
export async function importFile(
  bytes: Uint8Array,
  runtime: Runtime,
  ports: ImportPorts,
): Promise<readonly ImportedObject[]> {
  const read = await believing(() => readFile(bytes, runtime.state, ports));
  const { objects, trust, authorizations, acknowledgements, policy } = read;
  if (!objects.some(({ outcome }) => outcome === "installed")) {
    throw new AgentError("import_refused", objects.map(({ kind, detail }) => `${kind}: ${detail}.`).join(" "));
  }
  if (trust !== null) await runtime.dispatch({ type: "trust-imported", ...trust });
  if (authorizations.length > 0) await runtime.dispatch({ type: "authorization-imported", given: authorizations });
  for (const each of acknowledgements) await runtime.dispatch({ type: "acknowledgement-imported", ...each });
  if (policy !== null) await runtime.dispatch({ type: "policy-imported", policy });
  return objects;
}

async function believing<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof ProtocolError)
      throw new AgentError("import_refused", `${cause.code}: ${cause.message}`, { cause });
    throw cause;
  }
}

type FileContent = {
  readonly objects: readonly ImportedObject[];
  readonly trust: GivenTrust | null;
  readonly acknowledgements: readonly ReceivedAcknowledgement[];
  readonly authorizations: readonly AuthorizationGiven[];
  readonly policy: Policy | null;
};

type Reading = { readonly state: AgentState; readonly ports: ImportPorts; readonly objects: ImportedObject[] };

async function readFile(bytes: Uint8Array, state: AgentState, ports: ImportPorts): Promise<FileContent> {
  const file = decodeLicenseFile(bytes);
  if (file.managerObjects.length === 0) {
    throw new ProtocolError("file_malformed", "It holds nothing that a manager gives a device.");
  }
  const { anchors, clock } = ports;
  await Promise.all(file.managerObjects.map((object) => verifyManagerObject(object, anchors, clock.now())));
  const reading: Reading = { state, ports, objects: [] };
  const objectsOf = (type: ManagerObject["header"]["type"]) =>
    file.managerObjects.filter((object) => object.header.type === type);
  const devices = await readTrustCodes(objectsOf("trust"), reading);
  const account = await readAccounts(objectsOf("account"), devices, reading);
  const policies = objectsOf("policy");
  const policy = await readPolicy(policies, ports);
  if (policy !== null) note(reading, "POLICY", `"${policy.name}", version ${policy.policy_version}`);
  const hasTrust = devices.length > 0 || account !== null;
  return {
    trust: hasTrust ? { devices, refused: [], account, policy: null } : null,
    acknowledgements: await readAcknowledgements(objectsOf("ack"), reading),
    authorizations: await readAuthorizations(objectsOf("auth"), devices, reading),
    policy,
    objects: reading.objects,
  };
}

function note({ objects }: Reading, kind: ImportedKind, detail: string): void {
  objects.push({ kind, outcome: "installed", detail });
}

function leaveOut({ objects }: Reading, kind: ImportedKind, detail: string): void {
  objects.push({ kind, outcome: "left_out", detail });
}

/** A file for a stack has a code for each member; one for a key that this installation does not have is somebody else's. */
async function readTrustCodes(objects: readonly ManagerObject[], reading: Reading): Promise<readonly TrustedDevice[]> {
  const { state, ports } = reading;
  const devices: TrustedDevice[] = [];
  for (const object of objects) {
    const udi = udiOf(decodeTrustCode(object.payload).sudi);
    const name = formatUdi(udi);
    const trust = trustOf(state, udi);
    const isMember = state.installation.members.some((member) => formatUdi(member.udi) === name);
    if (!isMember) leaveOut(reading, "TRUST CODE", `${name} is no device of this installation`);
    else if (trust.status === "none")
      leaveOut(reading, "TRUST CODE", `${name} asked for none; save a trust request first`);
    else {
      devices.push(await readTrustCode(object, { udi, keyId: trust.keyId }, ports));
      note(reading, "TRUST CODE", name);
    }
  }
  return devices;
}

/** A code that was given back is left out, like one for another device: the rest of the file is taken. */
async function readAuthorizations(
  objects: readonly ManagerObject[],
  given: readonly TrustedDevice[],
  reading: Reading,
): Promise<readonly AuthorizationGiven[]> {
  const { state, ports } = reading;
  const own = identifiersOf(state, given);
  const read: AuthorizationGiven[] = [];
  for (const object of objects) {
    const {
      sudi,
      product_instance_identifier: productInstanceIdentifier,
      sequence,
      licenses,
    } = decodeAuthorizationCode(object.payload);
    const name = formatUdi(udiOf(sudi));
    const isMember = state.installation.members.some((member) => formatUdi(member.udi) === name);
    if (!isMember || !own.has(productInstanceIdentifier)) {
      leaveOut(reading, "AUTH", `${name} is no device of this installation, or has other trust`);
    } else if (sequence < leastSequenceOf(state, name, productInstanceIdentifier)) {
      leaveOut(reading, "AUTH", `${name} has a newer code, or gave this one back`);
    } else {
      read.push(await readAuthorization(object, { sudi, productInstanceIdentifier }, { ...ports, state }));
      const confirmation = { udi: name, code: confirmationCodeOf(object.payload) };
      const detail = `${name}, ${licenses.length === 1 ? "1 licence" : `${licenses.length} licences`}`;
      reading.objects.push({ kind: "AUTH", outcome: "installed", detail, confirmation });
    }
  }
  return read;
}

async function readAccounts(
  objects: readonly ManagerObject[],
  given: readonly TrustedDevice[],
  reading: Reading,
): Promise<GivenTrust["account"]> {
  const own = identifiersOf(reading.state, given);
  let account: GivenTrust["account"] = null;
  for (const object of objects) {
    const identifier = decodeAccountInfo(object.payload).product_instance_identifier;
    if (!own.has(identifier)) leaveOut(reading, "ACCOUNT INFO", `it is for another product instance`);
    else if (account === null) {
      account = await accountFrom(object, identifier, reading.ports);
      note(reading, "ACCOUNT INFO", `${account.smartAccount}, ${account.virtualAccount}`);
    }
  }
  return account;
}

/** Identifiers under which a manager knows devices of this installation, those of the file included. */
function identifiersOf(state: AgentState, given: readonly TrustedDevice[]): ReadonlySet<string> {
  const installed = Object.values(state.trust.members).flatMap((trust) =>
    trust.status === "installed" ? [trust.productInstanceIdentifier] : [],
  );
  return new Set([...installed, ...given.map((device) => device.productInstanceIdentifier)]);
}

async function readAcknowledgements(
  objects: readonly ManagerObject[],
  reading: Reading,
): Promise<readonly ReceivedAcknowledgement[]> {
  const { state, ports } = reading;
  const sender = formatUdi(senderOf(state).udi);
  const read: ReceivedAcknowledgement[] = [];
  for (const object of objects) {
    const { sudi, reports } = decodeAcknowledgement(object.payload);
    const name = formatUdi(udiOf(sudi));
    if (name !== sender) {
      leaveOut(reading, "RUM ACK", `it is for ${name}, and ${sender} reports here`);
      continue;
    }
    const received = await acknowledgementFrom(object, null, { ...ports, state });
    const { taken, refused } = received;
    read.push({ ...received, ledger: { named: null, proof: null } });
    note(reading, "RUM ACK", `${taken.length} reports taken, ${refused.length} refused, ${reports.length} named`);
  }
  return read;
}
