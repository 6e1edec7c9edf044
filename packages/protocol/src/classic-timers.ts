// The clockwork of classic Smart Licensing that both sides count on (spec/protocol.md, section 15; CLS-11 to CLS-25).

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** How long an ID certificate of a registration is valid, from the manager's clock (CLS-11). */
export const classicIdCertificateMs = 365 * dayMs;

/** When a device renews it, from its own clock: six months are 180 days to the second (CLS-13, CLS-15). */
export const classicIdRenewalMs = 180 * dayMs;

/** How long an authorization is valid, from the manager's clock (CLS-18). */
export const classicAuthorizationMs = 90 * dayMs;

/** When a device asks again: while all is authorized, and while something is out of compliance (CLS-17, CLS-21). */
export const classicRenewAfterSeconds = {
  authorized: (30 * dayMs) / 1000,
  outOfCompliance: (12 * hourMs) / 1000,
} as const;
