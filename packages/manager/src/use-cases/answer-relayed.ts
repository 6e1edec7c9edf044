// RELAYED_REQUESTS: what a relay carried, item by item. A message is answered as if its device had sent it; what it says, and
// whether it is believed, is between the device and the manager (spec/protocol.md, section 16).

import {
  decodeRequest,
  encodeAnswer,
  ProtocolError,
  type RequestData,
  relayProductTag,
  reportsPerDeviceMessageMax,
  type UnverifiedRequest,
} from "@countersign/protocol";
import type { Access } from "../accounts/access.ts";
import { DeviceRefusal, ManagerError } from "../errors.ts";
import { openAdministration } from "./administer.ts";
import type { DevicePorts } from "./answer-request.ts";
import { importUsageFile } from "./import-usage-file.ts";
import { served } from "./reply.ts";
import { decodeTimely, requireNotAhead } from "./request-clock.ts";
import { requireSender, type Sender } from "./sender.ts";
import type { CarriedBy, DeviceReply, DeviceRequestLimits } from "./use-cases.ts";

type RelayedRequest = UnverifiedRequest & { readonly requestType: "RELAYED_REQUESTS" };
type Item = RequestData<"RELAYED_REQUESTS">["items"][number];
type ItemAnswer = { readonly content: string; readonly code: string; readonly remedy: string };

/** Serves one request of a device, whoever brought it. */
export type AnswerCarried = (
  request: UnverifiedRequest,
  ports: DevicePorts,
  limits: DeviceRequestLimits,
) => Promise<DeviceReply>;

/** Throws `not_a_relay` and what `requireSender` throws; and the manager's own failures, after which the relay repeats all of it. */
export async function answerRelayed(
  request: RelayedRequest,
  ports: DevicePorts,
  answerCarried: AnswerCarried,
): Promise<DeviceReply> {
  const { environment, directory } = ports;
  const now = environment.clock.now();
  const sender = await requireSender(request, { directory, now, mayBeExpired: false, mustBeCurrent: true });
  if (sender.instance.productTag !== relayProductTag) throw new DeviceRefusal("not_a_relay");
  const data = decodeTimely(request, now);
  for (const { received_at } of data.items) requireNotAhead(received_at, now);
  const counts = { accepted: 0, known: 0, refused: 0 };
  const answer = async (item: Item): Promise<ItemAnswer> => {
    if (item.kind === "usage-file") return answerFile(item, sender, ports);
    const reply = await answerMessage(item, sender, ports, answerCarried);
    for (const kind of ["accepted", "known", "refused"] as const) counts[kind] += reply.reports[kind];
    return { content: Buffer.from(reply.body).toString("base64"), code: "", remedy: "" };
  };
  const items = await Promise.all(data.items.map(async (item) => ({ item_id: item.item_id, ...(await answer(item)) })));
  return served({
    data: { nonce: data.nonce, sudi: data.sudi, items },
    productInstanceIdentifier: sender.instance.productInstanceIdentifier,
    reports: counts,
  });
}

async function answerMessage(
  item: Item,
  relay: Sender,
  ports: DevicePorts,
  answerCarried: AnswerCarried,
): Promise<{ readonly body: string; readonly reports: DeviceReply["reports"] }> {
  const { environment } = ports;
  const request = decodeCarried(item);
  const carriedBy: CarriedBy = {
    relayIdentifier: relay.instance.productInstanceIdentifier,
    receivedAtMs: item.received_at,
    smartAccountId: relay.instance.smartAccountId,
    virtualAccountId: relay.instance.virtualAccountId,
  };
  const limits = { reportsMax: reportsPerDeviceMessageMax, carriedBy };
  const { content, productInstanceIdentifier, reports } = await answerCarried(request, ports, limits);
  const context = {
    header: request.header,
    productInstanceIdentifier,
    connectInfo: environment.options.connectInfo,
    now: environment.clock.now(),
  };
  return { body: await encodeAnswer(content, context, environment.signing.current()), reports };
}

/** A relay gives on only what it could read itself; anything else is its mistake, and refuses the whole message. */
function decodeCarried({ item_id, content }: Item): UnverifiedRequest {
  try {
    const request = decodeRequest(Buffer.from(content, "base64"));
    if (request.requestType !== "RELAYED_REQUESTS") return request;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ProtocolError("payload_invalid", `items: ${item_id} is no request (${error.code})`);
  }
  throw new ProtocolError("request_type_unknown", `items: ${item_id} is a message of a relay`);
}

/** With a relay's sight: what does not stand in its virtual account is unknown to it. */
async function answerFile(item: Item, { instance }: Sender, ports: DevicePorts): Promise<ItemAnswer> {
  const { smartAccountId, virtualAccountId, productInstanceIdentifier } = instance;
  const access: Access = [{ smartAccountId, virtualAccountId, role: "administrator" }];
  const administration = openAdministration(ports.environment, access);
  const account = (await administration.storage.read.accounts.listSmartAccounts()).find(
    (one) => one.smartAccountId === smartAccountId,
  );
  const cause = {
    kind: "message",
    requestType: "RELAYED_REQUESTS",
    nonce: item.item_id,
    productInstanceIdentifier,
  } as const;
  try {
    const { file, refused } = await importUsageFile(
      { smartAccount: account?.name, bytes: Buffer.from(item.content, "base64"), cause },
      { ...ports, administration },
    );
    const [first] = refused;
    if (file !== null) return { content: Buffer.from(file).toString("base64"), code: "", remedy: "" };
    return { content: "", code: first?.code ?? "sender_unknown", remedy: first?.remedy ?? "" };
  } catch (error) {
    if (error instanceof ProtocolError || (error instanceof ManagerError && error.code !== "overloaded"))
      return { content: "", code: error.code, remedy: error.remedy };
    throw error;
  }
}
