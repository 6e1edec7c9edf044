// The texts that devices of the field know how to show, word for word where they are documented (field facts, section 5).

import type { Udi } from "@countersign/protocol";

/** FAIL-3: the number is the device's own time in milliseconds. */
export function clockOffsetText(deviceTimeMs: number): string {
  return JSON.stringify({
    timestamp: [`The device date '${deviceTimeMs}' is offset beyond the allowed tolerance limit.`],
  });
}

export function identityNotValidText(productInstanceIdentifier: string): string {
  const text = `The identity for the instance ${productInstanceIdentifier} is not valid.Please re-register the instance.`;
  return JSON.stringify({ product_instance_identifier: [text] });
}

/** FAIL-21. */
export function pollInstanceText(productInstanceIdentifier: string, pollId: string): string {
  return `Invalid ProductInstanceIdentifier: ${productInstanceIdentifier} provided in the polling request ${pollId}`;
}

/** FAIL-1, for the device that asks. */
export const alreadyRegisteredText = "Product Already Registered";
/** FAIL-1, when the installation uses licences. */
export const consumptionWithoutForceText = "Existing Product Instance has Consumption and Force Flag is False";

/** FAIL-1, for another device of the list. */
export function memberAlreadyRegisteredText(productTag: string, udi: Udi): string {
  return `The product ${productTag} and sudi containing udiSerialNumber:${udi.serialNumber},udiPid:${udi.pid} has already been registered.`;
}

/** FAIL-2: all that a device learns of a failure inside the manager. */
export const internalFailureText = "Your request could not be processed right now. Please try again";
