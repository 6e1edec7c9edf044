// A trust request without a token, which a manager on premises may take (TRU-8). The address that it came to says into which
// account; the account says whether such devices come in. In any account a relay stands for the devices behind it: they come into its
// virtual account (TRU-9). A device that is registered here with the key that it shows is
// answered as before, also after the door was closed (I9); with another key nobody comes in without a token.

import { assert, type RequestData } from "@countersign/protocol";
import { DeviceRefusal } from "../errors.ts";
import type { Environment } from "../ports.ts";
import { firstAdmission, namesMeantBy, type Premises } from "../premises/premises.ts";
import type { Readers } from "../storage-ports.ts";
import type { Admission } from "../trust/enrolment-plan.ts";
import type { EnrolmentWish } from "./enrol-devices.ts";
import type { CarriedBy } from "./use-cases.ts";
import type { RequestedDevice } from "./wanted-devices.ts";

type Place = { readonly smartAccountId: number; readonly virtualAccountId: number };
export type UninvitedRequest = {
  readonly data: Pick<RequestData<"ID_TOKEN_TRUST">, "hostname" | "software_version">;
  readonly devices: readonly RequestedDevice[];
  readonly sender: RequestedDevice;
  readonly cause: EnrolmentWish["cause"];
  /** From the address; absent where that names nobody. */
  readonly tenant?: string | undefined;
  readonly vouching?: CarriedBy | undefined;
};

/** Throws the refusals `token_required` where no account is on premises and no relay may vouch, and `tenant_unknown`. */
export async function admissionWish(request: UninvitedRequest, environment: Environment): Promise<EnrolmentWish> {
  const { data, devices, sender, tenant, vouching } = request;
  const { storage, options } = environment;
  const place = vouching ?? (await findPlace(tenant, storage.read));
  // The device has no identifier yet; who stands for it is what the event has to name.
  const cause =
    vouching === undefined || request.cause.kind !== "message"
      ? request.cause
      : { ...request.cause, productInstanceIdentifier: vouching.relayIdentifier };
  return {
    smartAccountId: place.smartAccountId,
    tokenId: null,
    model: "policy",
    devices,
    sender,
    cause,
    admissionOf: (readers) =>
      vouching === undefined ? admissionAt(place, readers) : admissionBehind(place, options.relaysVouch, readers),
    write: {
      virtualAccountId: place.virtualAccountId,
      // Nobody vouches for what such a device may do.
      exportControlAllowed: null,
      hostname: data.hostname,
      softwareVersion: data.software_version ?? "",
      installationId: null,
      movesInstallation: false,
    },
    settle: async () => undefined,
  };
}

async function admissionAt(place: Place, readers: Pick<Readers, "premises">): Promise<Admission> {
  const premises = await readers.premises.findPremises(place.smartAccountId);
  assert(premises !== undefined, "an account on premises stays one");
  return { by: "premises", virtualAccountId: place.virtualAccountId, admission: premises.admission };
}

/** Before an account on premises a relay opens no door that its administrator has closed. */
async function admissionBehind(
  place: Place,
  relaysVouch: boolean,
  readers: Pick<Readers, "premises">,
): Promise<Admission> {
  const { virtualAccountId } = place;
  const premises = await readers.premises.findPremises(place.smartAccountId);
  if (premises !== undefined) return { by: "premises", virtualAccountId, admission: premises.admission };
  return { by: "premises", virtualAccountId, admission: { ...firstAdmission, isOpen: relaysVouch } };
}

async function findPlace(tenant: string | undefined, read: Pick<Readers, "premises" | "accounts">): Promise<Place> {
  const all = await read.premises.listPremises();
  if (all.length === 0) throw new DeviceRefusal("token_required");
  const places = (await Promise.all(all.map((premises) => placesMeant(tenant, premises, read)))).flat();
  const [place, ...others] = places;
  if (place === undefined || others.length > 0) throw new DeviceRefusal("tenant_unknown");
  return place;
}

/** The one place of this account that the name means; none for a name that is another's. */
async function placesMeant(
  tenant: string | undefined,
  { smartAccountId, admission }: Premises,
  { accounts }: Pick<Readers, "accounts">,
): Promise<readonly Place[]> {
  const virtualAccounts = await accounts.listVirtualAccounts(smartAccountId);
  const usual = virtualAccounts.find(({ virtualAccountId, isDefault }) =>
    admission.virtualAccountId === null ? isDefault : virtualAccountId === admission.virtualAccountId,
  );
  assert(usual !== undefined, "the virtual account that devices come into is stored");
  if (tenant === undefined) return [usual];
  const names = namesMeantBy(tenant);
  for (const name of names) {
    const named = virtualAccounts.find((account) => account.name === name);
    if (named !== undefined) return [named];
  }
  const account = (await accounts.listSmartAccounts()).find((each) => each.smartAccountId === smartAccountId);
  return account !== undefined && names.includes(account.name) ? [usual] : [];
}
