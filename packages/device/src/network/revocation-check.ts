// Whether the manager's certificate was revoked, asked before anything is sent to it. The list is fetched from where the
// certificate says, kept until it ends, and waited for a few seconds at most: a dead host of lists stops nobody whose
// trustpoint says `crl none` (BET-25).

import { X509Certificate } from "node:crypto";
import type { RequestOptions } from "node:http";
import { lookupWith, TransportFailure } from "@countersign/agent";
import type { RevocationEvent } from "../debug/debug-lines.ts";
import type { RevocationCheck } from "../network-settings.ts";
import { isRevoked, type RevocationList, readRevocationList, revocationListsOf } from "../pki/revocation-list.ts";
import type { LogLine } from "../syslog-line.ts";

/** How a list is fetched: from the same address, with the same resolver and roots as the connection itself. */
export type FetchWay = {
  readonly localAddress: string | null;
  readonly resolve: (name: string) => Promise<readonly string[]>;
  readonly certificateAuthorities: readonly string[];
};

export type RevocationPolicy = { readonly trustpoint: string; readonly check: RevocationCheck };

export type RevocationPorts = {
  readonly now: () => number;
  readonly log: (line: LogLine) => void;
  readonly told: (event: RevocationEvent) => void;
};

/** The field's devices wait as long. */
export const fetchSecondsMax = 5;
export const listBytesMax = 4 * 1024 * 1024;
/** After a list that could not be had, the next connections do not wait for it again. */
const failureMsMax = 60_000;
const listsMax = 32;

type Kept = { readonly list: RevocationList } | { readonly failure: string; readonly untilMs: number };

export class RevocationChecker {
  readonly #ports: RevocationPorts;
  readonly #kept = new Map<string, Kept>();

  constructor(ports: RevocationPorts) {
    this.#ports = ports;
  }

  /** Throws `TransportFailure` (`certificate_revoked`, `revocation_unknown`). `chain`: the server's certificate first. */
  async check(chain: readonly Uint8Array[], policy: RevocationPolicy, way: FetchWay): Promise<void> {
    if (policy.check === "none") return;
    const [leaf, issuer] = chain.map((der) => new X509Certificate(der));
    if (leaf === undefined) return;
    const list = await this.#listFor(leaf, issuer ?? leaf, policy, way);
    if (list === null) return;
    if (!isRevoked(list, leaf)) return;
    const text = `Certificate chain validation has failed. The certificate (SN: ${leaf.serialNumber}) is revoked`;
    this.#ports.log({ facility: "PKI", severity: 3, mnemonic: "CERTIFICATE_REVOKED", text });
    throw new TransportFailure("certificate_revoked", `SN ${leaf.serialNumber}`);
  }

  /** Null where there is none and the policy does not insist. */
  async #listFor(leaf: X509Certificate, issuer: X509Certificate, policy: RevocationPolicy, way: FetchWay) {
    const urls = revocationListsOf(leaf);
    const reasons: string[] = [];
    for (const url of urls) {
      const found = await this.#fetch(url, issuer, way);
      if ("list" in found) return found.list;
      reasons.push(found.failure);
    }
    const reason = reasons[0] ?? "The certificate names no list";
    // A certificate without a list is nothing that failed, unless one is insisted on.
    if (urls.length > 0 || policy.check === "crl") this.#logFailure(policy.trustpoint, reason);
    if (policy.check === "crl none") return null;
    throw new TransportFailure("revocation_unknown", reason);
  }

  #logFailure(trustpoint: string, reason: string): void {
    const text = `CRL fetch for trustpoint ${trustpoint} failed Reason : ${reason}`;
    this.#ports.log({ facility: "PKI", severity: 3, mnemonic: "CRL_FETCH_FAIL", text });
  }

  async #fetch(url: string, issuer: X509Certificate, way: FetchWay): Promise<Kept> {
    const key = `${issuer.fingerprint256} ${url}`;
    const known = this.#kept.get(key);
    const nowMs = this.#ports.now();
    if (known !== undefined && nowMs < ("list" in known ? known.list.nextUpdateMs : known.untilMs)) return known;
    this.#ports.told({ type: "list asked", url });
    const found = await this.#fetchAnew(url, issuer, way);
    if ("list" in found) this.#ports.told({ type: "list fetched", url, nextUpdateMs: found.list.nextUpdateMs });
    else this.#ports.told({ type: "list failed", url, reason: found.failure });
    if (this.#kept.size >= listsMax) this.#kept.clear();
    this.#kept.set(key, found);
    return found;
  }

  async #fetchAnew(url: string, issuer: X509Certificate, way: FetchWay): Promise<Kept> {
    const nowMs = this.#ports.now();
    try {
      const list = readRevocationList(await download(url, way), issuer.publicKey);
      if (list.nextUpdateMs <= nowMs) throw new Error("the list has expired");
      return { list };
    } catch (error) {
      const text =
        error instanceof Error ? error.message || String((error as NodeJS.ErrnoException).code) : String(error);
      const reason = isTimeout(error) ? `Timeout : ${fetchSecondsMax} (Connection timed out)` : text;
      return { failure: reason, untilMs: nowMs + failureMsMax };
    }
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError");
}

function download(url: string, way: FetchWay): Promise<Uint8Array> {
  // Loaded when a list is fetched; not imported, because an import of node:http loads much more (docs/decisions/0064).
  const { get: getPlain } = process.getBuiltinModule("node:http");
  const { get: getSecure } = process.getBuiltinModule("node:https");
  const options: RequestOptions & { readonly ca?: string[] } = {
    agent: false,
    lookup: lookupWith(way),
    signal: AbortSignal.timeout(fetchSecondsMax * 1000),
    ...(way.localAddress === null ? {} : { localAddress: way.localAddress }),
  };
  return new Promise((resolve, reject) => {
    const onAnswer = (answer: import("node:http").IncomingMessage): void => {
      if (answer.statusCode !== 200) {
        answer.destroy();
        reject(new Error(`HTTP ${answer.statusCode}`));
        return;
      }
      collect(answer).then(resolve, reject);
    };
    // The list is signed: who serves it need not be believed, and its certificate must not ask for a list in turn.
    const request = url.startsWith("https:")
      ? getSecure(url, { ...options, ca: [...way.certificateAuthorities], rejectUnauthorized: false }, onAnswer)
      : getPlain(url, options, onAnswer);
    request.once("error", reject);
  });
}

async function collect(answer: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer) {
    bytes += chunk.byteLength;
    if (bytes > listBytesMax) throw new Error("the list is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
