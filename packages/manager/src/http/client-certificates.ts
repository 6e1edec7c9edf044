// Certificates that devices show in the TLS handshake (SEC-1). They are asked for, and looked at once a connection: that they are
// in force (SEC-2). Who issued one is not asked, because nothing is believed for it: who sends a message is proved by
// the message's own signature (docs/decisions/0065).

import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { DeviceRefusalCode } from "../errors.ts";
import type { Clock } from "../ports.ts";

/** `off`: not asked for; `request`: asked for, and none is as good as one in force; `require`: none is refused. */
export type ClientCertificateMode = "off" | "request" | "require";

type Verdict = Extract<DeviceRefusalCode, "client_cert_missing" | "client_cert_expired">;

/** What TLS is told: a certificate that nobody vouches for does not end the handshake, because that could not be said in words. */
export function clientCertificateOptions(mode: ClientCertificateMode, rootCertificatePem: string) {
  // The list of issuers that goes along names ours alone, so that no browser offers a person's certificates.
  return mode === "off" ? {} : { requestCert: true, rejectUnauthorized: false, ca: rootCertificatePem };
}

/** Answers why a request over this socket is refused; null for no reason. */
export function createClientCertificateCheck(
  mode: ClientCertificateMode,
  clock: Clock,
): (socket: Socket) => Verdict | null {
  if (mode === "off") return () => null;
  const verdicts = new WeakMap<Socket, Verdict | null>();
  return (socket) => {
    const known = verdicts.get(socket);
    if (known !== undefined) return known;
    const verdict = judge(socket, mode, clock.now());
    verdicts.set(socket, verdict);
    return verdict;
  };
}

function judge(socket: Socket, mode: ClientCertificateMode, now: number): Verdict | null {
  // The local channel has no TLS, and its sender is of this machine.
  if (!(socket instanceof TLSSocket)) return null;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return mode === "require" ? "client_cert_missing" : null;
  const isInForce = certificate.validFromDate.getTime() <= now && now < certificate.validToDate.getTime();
  return isInForce ? null : "client_cert_expired";
}
