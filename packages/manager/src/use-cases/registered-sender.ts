// Who sent a signed classic message, and its installation as the transaction finds it.

import type { RequestHeader, UnverifiedRequest } from "@countersign/protocol";
import { DeviceRefusal } from "../errors.ts";
import type { Environment } from "../ports.ts";
import type { ClassicInstallation } from "../trust/classic-installation.ts";
import type { Installation, ProductInstance } from "../trust/product-instance.ts";
import type { ChangeContext } from "./installation-changes.ts";
import { identityNotValid, requireSender, type Sender, type SenderDirectory } from "./sender.ts";

export type ClassicPorts = { readonly environment: Environment; readonly directory: SenderDirectory };

/** Any certificate of the device will do that is neither expired nor revoked. Throws as `requireSender` does. */
export function requireClassicSender(
  request: UnverifiedRequest,
  { environment, directory }: ClassicPorts,
): Promise<Sender> {
  const now = environment.clock.now();
  return requireSender(request, { directory, now, mayBeExpired: false, mustBeCurrent: true });
}

export type Registered = {
  readonly instance: ProductInstance;
  readonly installation: Installation;
  readonly classic: ClassicInstallation;
};

/** Throws `identity_not_valid` for one that was removed meanwhile, `wrong_licensing_model` for one that is not classic. */
export async function requireRegistered(
  sender: Sender,
  header: RequestHeader,
  { transaction }: Pick<ChangeContext, "transaction">,
): Promise<Registered> {
  const { smartAccountId, instanceId } = sender.instance;
  const instance = await transaction.trust.findInstance(smartAccountId, instanceId);
  if (instance === undefined || instance.removedAtMs !== null) throw identityNotValid(header);
  const installation = await transaction.trust.findInstallation(smartAccountId, instance.installationId);
  if (installation === undefined) throw identityNotValid(header);
  const classic = await transaction.classic.findClassic(smartAccountId, instance.installationId);
  if (classic === undefined) throw new DeviceRefusal("wrong_licensing_model");
  return { instance, installation, classic };
}
