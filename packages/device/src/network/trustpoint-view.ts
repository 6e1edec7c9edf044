// Trustpoints as `show crypto pki` prints them: what is configured, and the certificates behind it.

import { licensingTrustpoint } from "../network-settings.ts";
import type { TrustpointView } from "../network-view.ts";
import { viewCertificate } from "../pki/certificate-view.ts";
import { authoritiesOf, type ConnectionFacts } from "./device-connection.ts";

export function viewTrustpoints(facts: ConnectionFacts, hasKeys: boolean): readonly TrustpointView[] {
  // Of all trustpoints, whichever of them the HTTP client uses.
  const authorities = authoritiesOf({ ...facts, clientTrustpoint: null });
  return facts.network.trustpoints.map(({ name, revocationCheck }) => ({
    name,
    revocationCheck,
    authorities: authorities.filter(({ policy }) => policy.trustpoint === name).map(({ pem }) => viewCertificate(pem)),
    hasKeys: hasKeys && name === licensingTrustpoint,
  }));
}
