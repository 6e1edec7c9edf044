// A trust request that was saved on a device and carried by hand (TOP-4). An operator vouches in the place of a token; what comes
// back is one file with the trust code of each device, the account names and the policy.

import {
  decodeLicenseFile,
  decodeSmartLicense,
  encodeLicenseFile,
  formatUdi,
  type ManagerObject,
  udiOf,
} from "@countersign/protocol";
import { isPermitted } from "../accounts/access.ts";
import { DeviceRefusal, ManagerError } from "../errors.ts";
import { type Administration, storageOfAct } from "./administer.ts";
import { enrolDevices } from "./enrol-devices.ts";
import type { TrustPorts } from "./establish-trust.ts";
import { findSmartAccount, findVirtualAccount } from "./find-account.ts";
import { trustAnswer } from "./trust-answer.ts";
import type { By, EnrolledByFile, InVirtualAccount } from "./use-cases.ts";
import { type RequestedDevice, readDevices } from "./wanted-devices.ts";

export type TrustFileWish = InVirtualAccount & {
  readonly bytes: Uint8Array;
  /** Replaces the key of a device that is registered with another one, or takes it over from another virtual account. */
  readonly force: boolean;
  readonly exportControlAllowed: boolean;
} & By;

export type TrustFilePorts = TrustPorts & { readonly administration: Administration };

/**
 * Idempotent: the same file gives the same identities. Throws `input_invalid` for a file without a trust request,
 * `enrolment_refused` when the sender's own device cannot be let in, or what is wrong with the file.
 */
export async function enrolByFile(wish: TrustFileWish, ports: TrustFilePorts): Promise<EnrolledByFile> {
  const { environment, administration } = ports;
  const { accounts } = administration.storage.read;
  const { smartAccountId } = await findSmartAccount(wish.smartAccount, accounts);
  const { virtualAccountId } = await findVirtualAccount(smartAccountId, wish.virtualAccount, accounts);
  administration.requireAdministrator({ smartAccountId, virtualAccountId });
  const takesFrom = (from: number) =>
    isPermitted(administration.access, "administer", { smartAccountId, virtualAccountId: from });
  const { trustRequest } = decodeLicenseFile(wish.bytes);
  if (trustRequest === undefined) throw new ManagerError("input_invalid", "The file holds no trust request.");
  const devices = await readDevices(trustRequest.device_list, trustRequest.sudi, environment.issuer);
  const sender = devices.find(
    (device) => formatUdi(device.udi) === formatUdi(udiOf(trustRequest.sudi)),
  ) as RequestedDevice;
  const enrolment = await refusalsTold(() =>
    enrolDevices(
      {
        smartAccountId,
        tokenId: null,
        model: "policy",
        devices,
        sender,
        cause: wish.cause,
        admissionOf: async () => ({ by: "operator", virtualAccountId, force: wish.force, takesFrom }),
        write: {
          virtualAccountId,
          exportControlAllowed: wish.exportControlAllowed,
          hostname: trustRequest.hostname,
          softwareVersion: trustRequest.software_version ?? "",
          installationId: null,
          movesInstallation: true,
        },
        settle: async () => undefined,
      },
      {
        ...environment,
        storage: storageOfAct({ act: "enrol_by_file", cause: wish.cause }, environment.storage, administration),
      },
    ),
  );
  const answer = await trustAnswer({ ...trustRequest, nonce: "0" }, enrolment, ports);
  return {
    devices: answer.device_list.map((device) => ({
      udi: formatUdi(udiOf(device.sudi)),
      productInstanceIdentifier: device.product_instance_identifier,
      isEnrolled: device.status_code === "OK",
      message: device.status_message,
    })),
    file: encodeLicenseFile({
      reports: [],
      managerObjects: eachOnce(answer.device_list.map((device) => device.smart_license)),
      systemInfo: null,
    }),
  };
}

/** The policy is the same for every device, and two supervisors share a trust code. */
function eachOnce(smartLicenses: readonly string[]): readonly ManagerObject[] {
  const objects = smartLicenses.filter((text) => text !== "").flatMap(decodeSmartLicense);
  return [...new Map(objects.map((object) => [object.payload, object])).values()];
}

async function refusalsTold<T>(enrol: () => Promise<T>): Promise<T> {
  try {
    return await enrol();
  } catch (cause) {
    if (cause instanceof DeviceRefusal) {
      throw new ManagerError("enrolment_refused", `${cause.code}: ${cause.publicText}`, { cause });
    }
    throw cause;
  }
}
