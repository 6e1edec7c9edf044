// For tests: a whole manager core without sockets or files — real certificate authority, real storage in memory, and a
// clock that moves only when told.

import { generateKeyPairSync, randomBytes } from "node:crypto";
import {
  type Answer,
  decodeAnswer,
  decodeRequest,
  encodeAnswer,
  ProtocolError,
  type RequestType,
  type TrustAnchors,
} from "@countersign/protocol";
import {
  type AuthorityMaterial,
  createAuthority,
  createSigning,
  issueIdCertificate,
  issueLowerAuthority,
  issuingAuthorityOf,
  signingIdentityOf,
} from "../certificates/certificate-authority.ts";
import { verifyCertificateRequest } from "../certificates/certificate-request.ts";
import { certificateRequestOf } from "../certificates/upstream-authority.ts";
import { FloorRefusal, UpstreamFailure } from "../errors.ts";
import type { Cause } from "../events/event.ts";
import { defaultManagerOptions } from "../manager-options.ts";
import type { Environment, LicensingAuthorities, ManagerOptions } from "../ports.ts";
import { openSqliteStorage } from "../storage/sqlite/sqlite-storage.ts";
import type { Storage } from "../storage-ports.ts";
import { createUseCases } from "../use-cases/create-use-cases.ts";
import { floorPaths } from "../use-cases/upstream-sync.ts";
import type { DeviceReply, DeviceRequestLimits, UseCases } from "../use-cases/use-cases.ts";

export const operator: Cause = { kind: "operator", name: "test" };
export const startMs = Date.UTC(2031, 4, 21, 12, 0, 0);

export class ManualClock {
  #now: number;
  constructor(now: number) {
    this.#now = now;
  }
  now(): number {
    return this.#now;
  }
  advance(ms: number): void {
    this.#now += ms;
  }
}

export type TestManager = {
  readonly clock: ManualClock;
  readonly storage: Storage;
  readonly environment: Environment;
  readonly useCases: UseCases;
  readonly anchors: TrustAnchors;
  readonly authorities: LicensingAuthorities;
  /** A new signing certificate, as the program makes one in time. */
  renewSigning(): Promise<void>;
  /** Bytes in, bytes out, as over a socket. */
  exchange(
    body: string,
    limits?: DeviceRequestLimits,
  ): Promise<{ readonly answer: string; readonly reply: DeviceReply }>;
};

export type TestManagerWish = {
  readonly storage?: Storage;
  readonly options?: Partial<ManagerOptions>;
  readonly withAccount?: boolean;
  /** Where documents for the manager above go; left out, nobody answers. */
  readonly above?: () => TestManager;
};

let openStorage: () => Storage | Promise<Storage> = () => openSqliteStorage(":memory:", startMs);

/** From now on managers of this process are made on other storage than SQLite in memory. */
export function makeTestManagersOn(open: () => Promise<Storage>): void {
  openStorage = open;
}

let sharedAuthority: ReturnType<typeof createAuthority> | undefined;
const ports = { randomBytes: (size: number) => randomBytes(size) };

/** One smart account "Example" with its default virtual account, unless `withAccount` is false. */
export async function createTestManager(wish: TestManagerWish = {}): Promise<TestManager> {
  sharedAuthority ??= createAuthority({ names: ["localhost"], revocationListUrl: null }, startMs, ports);
  const rootMaterial = await sharedAuthority;
  let material: AuthorityMaterial = rootMaterial;
  const pending = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const clock = new ManualClock(startMs);
  const storage = wish.storage ?? (await openStorage());
  const environment: Environment = {
    clock,
    randomness: { bytes: ports.randomBytes },
    issuer: {
      readRequest: (request) => verifyCertificateRequest(Buffer.from(request, "base64")),
      issue: (idCertificate) => issueIdCertificate(issuingAuthorityOf(material.issuing), idCertificate, ports),
      chainOf: () => [material.issuing.certificate],
      root: () => material.root.certificate,
    },
    signing: { current: () => signingIdentityOf(material) },
    floors: {
      issueLower: async (publicKey) =>
        material.root === rootMaterial.root
          ? issueLowerAuthority(rootMaterial.root, publicKey, clock.now(), ports)
          : null,
      rememberLower: async () => undefined,
      requestFromAbove: async () => certificateRequestOf(pending.privateKey),
      adopt: async ({ issuing: certificate, root }) => {
        const issuing = { privateKey: pending.privateKey, certificate };
        const signing = await createSigning(issuing, root, clock.now(), ports);
        material = { ...material, root: { certificate: root, privateKey: null }, issuing, signing };
      },
    },
    upstream: {
      post: async (_where, path, body) => {
        if (wish.above === undefined) throw new UpstreamFailure("ECONNREFUSED");
        const { register, sync } = wish.above().useCases.floorDoor;
        try {
          const answer = await (path === floorPaths.register ? register(body) : sync(body));
          return { status: 200, body: Buffer.from(answer) };
        } catch (error) {
          if (!(error instanceof FloorRefusal || error instanceof ProtocolError)) throw error;
          return { status: 400, body: Buffer.from(JSON.stringify({ code: error.code })) };
        }
      },
    },
    storage,
    options: { ...defaultManagerOptions, ...wish.options },
  };
  const useCases = createUseCases(environment);
  if (wish.withAccount !== false) await useCases.createSmartAccount({ name: "Example", cause: operator });
  return {
    clock,
    storage,
    environment,
    useCases,
    anchors: [material.root.certificate],
    authorities: { root: material.root.certificate, issuing: [material.issuing.certificate] },
    renewSigning: async () => {
      const { issuing, root } = material;
      material = { ...material, signing: await createSigning(issuing, root.certificate, clock.now(), ports) };
    },
    exchange: async (body, limits) => {
      const request = decodeRequest(Buffer.from(body));
      const reply = await useCases.answerRequest(request, limits);
      const { productInstanceIdentifier } = reply;
      const context = {
        header: request.header,
        productInstanceIdentifier,
        connectInfo: environment.options.connectInfo,
        now: clock.now(),
      };
      return { reply, answer: await encodeAnswer(reply.content, context, environment.signing.current()) };
    },
  };
}

export function readAnswer<T extends RequestType>(
  manager: TestManager,
  answer: string,
  requestType: T,
  nonce: string,
): Promise<Answer<T>> {
  const { anchors, clock } = manager;
  return decodeAnswer(Buffer.from(answer), { requestType, nonce, anchors, knownCertificate: null, now: clock.now() });
}
