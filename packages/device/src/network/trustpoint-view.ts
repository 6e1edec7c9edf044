// Trustpoints as `show crypto pki` prints them: what is configured, and the certificates behind it.

import { licensingTrustpoint } from "../network-settings.ts";
import type { TrustpointView } from "../network-view.ts";
import { viewCertificate } from "../pki/certificate-view.ts";
import { certificateIn, type OwnIdentity } from "../pki/own-identities.ts";
import { authoritiesOf, type ConnectionFacts } from "./device-connection.ts";

export function viewTrustpoints(
  facts: ConnectionFacts,
  identities: readonly OwnIdentity[],
  hasKeys: boolean,
): readonly TrustpointView[] {
  // Of all trustpoints, whichever of them the HTTP client uses.
  const authorities = authoritiesOf({ ...facts, clientTrustpoint: null });
  const configured = facts.network.trustpoints.map(({ name, revocationCheck }) => ({
    name,
    own: null,
    revocationCheck,
    authorities: authorities.filter(({ policy }) => policy.trustpoint === name).map(({ pem }) => viewCertificate(pem)),
    hasKeys: hasKeys && name === licensingTrustpoint,
  }));
  return [...configured, ...identities.map(viewIdentity)];
}

function viewIdentity(identity: OwnIdentity): TrustpointView {
  const own = { kind: identity.kind, certificate: viewCertificate(certificateIn(identity)) };
  return { name: identity.trustpoint, own, revocationCheck: "none", authorities: [], hasKeys: true };
}
