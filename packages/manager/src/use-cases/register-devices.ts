// REGISTER: a token and one certificate request per device become product instances of classic Smart Licensing, each with an ID
// certificate for a year. The same enrolment as that of trust, so a repetition is answered alike and another key needs force.

import { type AnswerData, type RegisteredAnswer, sudiOf } from "@countersign/protocol";
import type { Environment } from "../ports.ts";
import { enrolByRequest, type InvitingRequest } from "./enrol-by-request.ts";
import {
  accountNamesOf,
  certifiedAnswer,
  notCertifiedAnswer,
  refusalTextFor,
  registrationOf,
} from "./registration-answer.ts";
import { served } from "./reply.ts";
import type { DeviceReply } from "./use-cases.ts";
import { deviceKey, type RequestedDevice } from "./wanted-devices.ts";

export async function registerDevices(
  request: InvitingRequest<"REGISTER">,
  environment: Environment,
): Promise<DeviceReply> {
  const { data, enrolment, productInstanceIdentifier } = await enrolByRequest(request, environment);
  const answers = new Map<string, RegisteredAnswer>();
  for (const { device, instance, certificate } of enrolment.devices)
    answers.set(keyOf(device), certifiedAnswer(instance, certificate, environment.issuer));
  for (const { device, code } of enrolment.refused)
    answers.set(keyOf(device), notCertifiedAnswer(device.udi, refusalTextFor(device, code)));
  const own = enrolment.devices.find(
    ({ instance }) => instance.productInstanceIdentifier === productInstanceIdentifier,
  );
  const names = await accountNamesOf(enrolment.installation, environment.storage.read.accounts);
  const answer: AnswerData<"REGISTER"> = {
    ...{ nonce: data.nonce, sudi: data.sudi },
    ...registrationOf(names, { exportControlAllowed: own?.instance.exportControlAllowed ?? false }),
    device_list: data.device_list.map((entry) => answers.get(deviceKey(entry)) as RegisteredAnswer),
  };
  return served({ data: answer, productInstanceIdentifier });
}

const keyOf = ({ udi, productTag }: RequestedDevice) =>
  deviceKey({ sudi: sudiOf(udi), software_tag_identifier: productTag });
