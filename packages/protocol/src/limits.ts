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

/** Bytes of one message of a relay: the largest of a device's as base64, with room for what stands around it. */
export const relayMessageBytesMax = 6_291_456;

/** Requests and files that one message of a relay carries; their answers together are to fit into one message. */
export const relayedItemsMax = 100;

/** Measurements in one RUM report; an agent closes a report that is full. */
export const measurementsPerReportMax = 500;

/** Devices in one device list: the largest stack or chassis times a margin. */
export const devicesPerInstallationMax = 64;

/** Devices that one measurement says were added or removed: the access points of a large controller, or a stack's members. */
export const changedDevicesPerMeasurementMax = 100_000;

/** Characters of a list of merged report ids. */
export const idRangesCharactersMax = 4096;

/** Characters of any name (host, account, policy, description), counted in UTF-16 code units as all characters here. */
export const nameCharactersMax = 256;

/** Characters of a product or entitlement tag. */
export const tagCharactersMax = 512;

/** Characters of an ID token as a request carries it, in any of its spellings. */
export const tokenCharactersMax = 1024;

/** Decimal digits of a nonce or poll id. */
export const nonceDigitsMax = 20;

/** Decimal digits of a certificate's serial number (20 octets have 49). */
export const serialDigitsMax = 60;

/** Capabilities that one peer announces. */
export const capabilitiesMax = 64;

/** The largest number of a trust request within its device. */
export const trustIdMax = 65_535;

/** Days that a policy may demand: ten years. */
export const policyDaysMax = 3650;

/** How far a device's clock may be off before a request is refused (section 1). */
export const clockToleranceMs = 3_600_000;

/** Certificates that travel with one signature or trust code. */
export const chainCertificatesMax = 4;

/** Certificate authorities between a leaf and its root: the issuing CA, and nothing longer. */
export const intermediatesPerPathMax = 1;

/** Hashes of one inclusion or consistency proof: more than a tree of 2^53 leaves needs. */
export const proofHashesMax = 128;

/** Bytes of one document of a synchronisation, in a message and in a file. */
export const syncDocumentBytesMax = 32 * 1024 * 1024;

/** Certificates that one device had, the one in use among them. */
export const certificatesPerDeviceMax = 64;

/** Purchases that one answer brings; the next brings more. */
export const purchasesPerSyncMax = 10_000;

/** Entitlements of one authorization code, and of one classic authorization. */
export const authorizedLicensesMax = 64;

/** Licences of the time before Smart Licensing that one device converts. */
export const convertedLicensesMax = 64;

/** Seconds after which a classic device asks again at the latest: thirty days. */
export const renewAfterSecondsMax = 2_592_000;

/** The largest count of one measurement: the sum over nine million installations is still an exact number. */
export const countMax = 1_000_000_000;
