// What classic answers say of a registration: whose it is, what its devices may do, and their ID certificates.

import { X509Certificate } from "node:crypto";
import { assert, encodeCertificate, type RegisteredAnswer, sudiOf, type Udi } from "@countersign/protocol";
import { type DeviceRefusalCode, deviceRefusals } from "../errors.ts";
import type { CertificateIssuer } from "../ports.ts";
import type { AccountReader } from "../storage-ports.ts";
import type { DeviceCertificate, Installation, ProductInstance } from "../trust/product-instance.ts";
import { memberAlreadyRegisteredText } from "../trust/refusal-texts.ts";

export type AccountNames = { readonly smartAccount: string; readonly virtualAccount: string };

export async function accountNamesOf(
  { smartAccountId, virtualAccountId }: Pick<Installation, "smartAccountId" | "virtualAccountId">,
  accounts: AccountReader,
): Promise<AccountNames> {
  const smartAccounts = await accounts.listSmartAccounts();
  const virtualAccounts = await accounts.listVirtualAccounts(smartAccountId);
  const smartAccount = smartAccounts.find((account) => account.smartAccountId === smartAccountId)?.name;
  const virtualAccount = virtualAccounts.find((account) => account.virtualAccountId === virtualAccountId)?.name;
  assert(smartAccount !== undefined && virtualAccount !== undefined, "the accounts of an installation are stored");
  return { smartAccount, virtualAccount };
}

/** The members that all answers about a registration have. */
export function registrationOf(
  names: AccountNames,
  { exportControlAllowed }: Pick<ProductInstance, "exportControlAllowed">,
) {
  return {
    smart_account_name: names.smartAccount,
    pool_name: names.virtualAccount,
    export_control_allowed: exportControlAllowed,
  };
}

export function certifiedAnswer(
  { udi, productInstanceIdentifier }: Pick<ProductInstance, "udi" | "productInstanceIdentifier">,
  { certificate }: Pick<DeviceCertificate, "certificate">,
  issuer: CertificateIssuer,
): RegisteredAnswer {
  const idCertificate = new X509Certificate(certificate);
  return {
    sudi: sudiOf(udi),
    product_instance_identifier: productInstanceIdentifier,
    id_certificate: encodeCertificate(idCertificate),
    chain: issuer.chainOf(idCertificate).map(encodeCertificate),
    status_code: "OK",
    status_message: "",
  };
}

/** FAIL-1 for another device of the list; our own words for the rest. */
export function refusalTextFor(
  { udi, productTag }: { readonly udi: Udi; readonly productTag: string },
  code: DeviceRefusalCode,
): string {
  const isRegistered = code === "already_registered" || code === "consumption_without_force";
  return isRegistered ? memberAlreadyRegisteredText(productTag, udi) : deviceRefusals[code].meaning;
}

export function notCertifiedAnswer(udi: Udi, statusMessage: string): RegisteredAnswer {
  return {
    ...{ sudi: sudiOf(udi), product_instance_identifier: "", id_certificate: "", chain: [] },
    ...{ status_code: "FAILED", status_message: statusMessage },
  };
}
