// The way to the manager: messages of the relay over HTTPS with the licensing root, through a proxy where one is set. The same
// transport as a device's, so failures have the same names.

import { type Exchange, SmartTransport, systemConnection } from "@countersign/agent";
import {
  type Answer,
  decodeAnswer,
  encodeRequest,
  type RequestData,
  type RequestIdentity,
  type RequestType,
  type TrustAnchors,
} from "@countersign/protocol";
import {
  type CarriedUp,
  type Clock,
  ManagerRefusal,
  type Randomness,
  type RelayIdentity,
  type Upstream,
} from "../ports.ts";

export type ProxySettings = Parameters<Exchange>[2]["proxy"];

export type ManagerWay = {
  /** Without a path. */
  readonly managerUrl: string;
  readonly licensingRootPem: string;
  readonly proxy: ProxySettings;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly signal: AbortSignal;
};

type Common = "nonce" | "timestamp" | "sudi" | "product_instance_identifier";

export class ManagerClient implements Upstream {
  readonly #way: ManagerWay;
  readonly #identity: RelayIdentity;
  readonly #transport: SmartTransport;

  constructor(way: ManagerWay, identity: RelayIdentity) {
    this.#way = way;
    this.#identity = identity;
    this.#transport = createTransport(way);
  }

  async carry(items: RequestData<"RELAYED_REQUESTS">["items"]): Promise<CarriedUp> {
    const { request, connectInfo, anchors } = this.#identity;
    const who = { ...request, connectInfo, signingCertificateSerial: "" };
    const wish = { requestType: "RELAYED_REQUESTS", path: "/cslu/v1/relay", data: { items }, who, anchors } as const;
    const answer = await ask(wish, this.#way, this.#transport.exchange);
    if (answer.statusCode !== "OK")
      throw new ManagerRefusal(refusalCode(answer), answer.statusMessage, answer.retryTimeSeconds);
    return { items: answer.data.items, signingCertificate: answer.signingCertificate };
  }

  close(): void {
    this.#transport.close();
  }
}

export function refusalCode(answer: Answer<RequestType>): string {
  return answer.statusCode === "FAILED" || answer.statusCode === "OK_TRY_AGAIN"
    ? (answer.data?.code ?? "refused")
    : "refused";
}

function createTransport({ licensingRootPem }: ManagerWay): SmartTransport {
  const settings = systemConnection([licensingRootPem]);
  return new SmartTransport({ connection: () => settings, timeouts: { connectMs: 10_000, totalMs: 60_000 } });
}

type Wish<T extends RequestType> = {
  readonly requestType: T;
  readonly path: string;
  readonly data: Omit<RequestData<T>, Common>;
  readonly who: RequestIdentity;
  readonly anchors: TrustAnchors;
};

async function ask<T extends RequestType>(wish: Wish<T>, way: ManagerWay, exchange: Exchange): Promise<Answer<T>> {
  const { requestType, who, anchors } = wish;
  const bytes = way.randomness.bytes(8);
  const nonce = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0).toString(10);
  const common = {
    sudi: who.sudi,
    nonce,
    timestamp: way.clock.now(),
    product_instance_identifier: who.productInstanceIdentifier,
  };
  const body = await encodeRequest(requestType, { ...wish.data, ...common } as RequestData<T>, who);
  const url = new URL(wish.path, way.managerUrl).href;
  const answer = await exchange(url, Buffer.from(body), { proxy: way.proxy, signal: way.signal });
  return decodeAnswer(answer, { requestType, nonce, anchors, knownCertificate: null, now: way.clock.now() });
}

/** Asks once, for whoever has no identity yet. */
export async function askOnce<T extends RequestType>(wish: Wish<T>, way: ManagerWay): Promise<Answer<T>> {
  const transport = createTransport(way);
  try {
    return await ask(wish, way, transport.exchange);
  } finally {
    transport.close();
  }
}
