// Every limit of the protocol with its unit in the name. Each is tested at n and n + 1.
// Source: spec/protocol.md, section 9.

/** Bytes of one message; the field's own limit (TRN-28). */
export const messageBytesMax = 3_145_728;

/** Bytes of one licence file; a year of a large device with room to spare. */
export const fileBytesMax = 64 * 1024 * 1024;

/** Objects and arrays inside each other, counted in each JSON text separately. */
export const jsonDepthMax = 32;

/** RUM reports in one message of a product instance, and of a relay. */
export const reportsPerDeviceMessageMax = 40;
export const reportsPerRelayMessageMax = 10_000;

/** Measurements in one RUM report; an agent closes a report that is full. */
export const measurementsPerReportMax = 500;

/** Devices in one device list: the largest stack or chassis times a margin. */
export const devicesPerInstallationMax = 64;

/** Characters of any name: host, account, policy, description. */
export const nameCharactersMax = 256;

/** Characters of a product or entitlement tag. */
export const tagCharactersMax = 512;

/** Decimal digits of a nonce. */
export const nonceDigitsMax = 20;

/** How far a device's clock may be off before a request is refused (section 1). */
export const clockToleranceMs = 3_600_000;

/** Certificates a chain may carry beside the leaf. */
export const chainCertificatesMax = 4;

/** The largest count of one measurement. */
export const countMax = Number.MAX_SAFE_INTEGER;
