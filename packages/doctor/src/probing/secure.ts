// Stage tls: a handshake that is looked at before it is judged, so that a refusal can say whose certificate it was.

import { get } from "node:http";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { checkServerIdentity, connect, type PeerCertificate, rootCertificates, type TLSSocket } from "node:tls";
import { describeCertificate, type SeenCertificate } from "../certificate/describe-certificate.ts";
import { certificateFailureCode, codeOf, failureOf, ProbeFailure } from "./probe-failure.ts";
import type { ProbeOptions } from "./probe-options.ts";

export type Secured = {
  readonly socket: TLSSocket;
  readonly protocol: string;
  readonly cipher: string;
  readonly chain: readonly SeenCertificate[];
  /** Null when the chain and the name are right. */
  readonly refusal: ProbeFailure | null;
};

/** Throws only when there is no handshake; a certificate that is refused is told in `refusal`. */
export function secure(tcp: Duplex, host: string, { roots, timeoutMs }: ProbeOptions): Promise<Secured> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      ...{ socket: tcp, host, servername: isIP(host) === 0 ? host : "" },
      ...{ ca: [...rootCertificates, ...roots], rejectUnauthorized: false, ALPNProtocols: ["http/1.1"] },
    });
    const timer = setTimeout(
      () => socket.destroy(new ProbeFailure("connection_timed_out", `no handshake within ${timeoutMs} ms`)),
      timeoutMs,
    );
    socket.on("error", (error) => {
      clearTimeout(timer);
      reject(failureOf(error, "tls_handshake_failed", host));
    });
    socket.once("close", () => reject(new ProbeFailure("connection_reset", "the connection ended in the handshake")));
    socket.once("secureConnect", () => {
      clearTimeout(timer);
      const chain = chainOf(socket);
      const protocol = socket.getProtocol() ?? "unknown";
      resolve({ socket, protocol, cipher: socket.getCipher().name, chain, refusal: refusalOf(socket, host, chain) });
    });
  });
}

function refusalOf(socket: TLSSocket, host: string, [leaf]: readonly SeenCertificate[]): ProbeFailure | null {
  const whose = leaf === undefined ? "no certificate" : `${leaf.subject}, issued by ${leaf.issuer}`;
  // With a chain that is right, OpenSSL has nothing to say, and the name is for us to compare.
  const { authorizationError } = socket as { authorizationError?: Error | string | null };
  if (authorizationError) {
    const code = authorizationError instanceof Error ? codeOf(authorizationError) : String(authorizationError);
    return new ProbeFailure(certificateFailureCode(code), whose);
  }
  const mismatch = checkServerIdentity(host, socket.getPeerCertificate());
  return mismatch === undefined ? null : new ProbeFailure("certificate_name_mismatch", `${whose}: ${mismatch.message}`);
}

function chainOf(socket: TLSSocket): readonly SeenCertificate[] {
  const chain: SeenCertificate[] = [];
  let current: PeerCertificate & { readonly issuerCertificate?: PeerCertificate } = socket.getPeerCertificate(true);
  while (current.raw !== undefined && chain.length < 10) {
    chain.push(describeCertificate(current.raw));
    const next = current.issuerCertificate;
    if (next === undefined || next.raw === undefined || next.raw.equals(current.raw)) break;
    current = next;
  }
  return chain;
}

/** Whether anything comes back from there at all; null when it does. */
export function unreachableList(url: string, { timeoutMs, sourceAddress }: ProbeOptions): Promise<ProbeFailure | null> {
  return new Promise((resolve) => {
    const done = (why: string | null): void =>
      resolve(why === null ? null : new ProbeFailure("revocation_unknown", `${url}: ${why}`));
    const local = sourceAddress === null ? {} : { localAddress: sourceAddress };
    const asking = get(url, { agent: false, ...local }, (answer) => {
      answer.destroy();
      clearTimeout(timer);
      done(answer.statusCode === 200 ? null : `HTTP ${answer.statusCode}`);
    });
    const timer = setTimeout(() => asking.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    asking.once("error", (error) => {
      clearTimeout(timer);
      done(error.message);
    });
  });
}
