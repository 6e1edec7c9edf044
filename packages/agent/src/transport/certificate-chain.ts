// The certificates that a server showed, for whoever looks at them once more.

import type { TLSSocket } from "node:tls";

/** DER of the server's certificate and of those that lead to its root; none when a session was taken up again. */
export function certificateChainOf(socket: TLSSocket): readonly Uint8Array[] {
  const chain: Uint8Array[] = [];
  if (socket.isSessionReused()) return chain;
  let current = socket.getPeerCertificate(true);
  for (;;) {
    chain.push(current.raw);
    const issuer = current.issuerCertificate;
    // A root is its own issuer.
    if (issuer === undefined || issuer === current || issuer.raw.equals(current.raw)) return chain;
    current = issuer;
  }
}
