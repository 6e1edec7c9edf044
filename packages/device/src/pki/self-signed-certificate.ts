// A certificate that a device issues to itself. Nobody vouches for it: whoever connects compares it once and keeps it, as with
// an SSH host key. RFC 5280.

import { createPublicKey, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIP, isIPv4 } from "node:net";
import { derWriter as der, distinguishedName, signatureAlgorithm } from "@countersign/agent";

/**
 * A device has no trustworthy clock at its first start, and a certificate that runs out would lock its operators out; it is
 * believed because it was compared, not because of its dates (RFC 5280, 4.1.2.5: the year 9999 says that there is no end).
 */
const notBefore = der.der(0x17, Buffer.from("000101000000Z"));
const notAfter = der.der(0x18, Buffer.from("99991231235959Z"));

const subjectAlternativeName = "2.5.29.17";
const basicConstraints = "2.5.29.19";
const extendedKeyUsage = "2.5.29.37";
const serverAuthentication = "1.3.6.1.5.5.7.3.1";

/** DER, for host names and IPv4 addresses. */
export function selfSignedCertificate(privateKey: KeyObject, names: readonly string[]): Buffer {
  const name = distinguishedName(names[0] ?? "");
  const algorithm = signatureAlgorithm(privateKey);
  const serialNumber = randomBytes(16);
  const information = der.sequence(
    der.der(0xa0, der.integer(Buffer.from([2]))),
    der.integer(serialNumber),
    algorithm,
    name,
    der.sequence(notBefore, notAfter),
    name,
    createPublicKey(privateKey).export({ type: "spki", format: "der" }),
    der.der(0xa3, der.sequence(...extensions(names))),
  );
  return der.sequence(information, algorithm, der.bits(sign("sha256", information, privateKey)));
}

function extensions(names: readonly string[]): readonly Buffer[] {
  const usage = der.sequence(der.objectIdentifier(serverAuthentication));
  return [
    // Critical, and empty: no authority.
    der.sequence(
      der.objectIdentifier(basicConstraints),
      der.der(0x01, Buffer.from([0xff])),
      der.octets(der.sequence()),
    ),
    der.sequence(der.objectIdentifier(extendedKeyUsage), der.octets(usage)),
    der.sequence(
      der.objectIdentifier(subjectAlternativeName),
      der.octets(der.sequence(...names.filter((name) => isIP(name) !== 6).map(generalName))),
    ),
  ];
}

function generalName(name: string): Buffer {
  return isIPv4(name) ? der.der(0x87, Buffer.from(name.split(".").map(Number))) : der.der(0x82, Buffer.from(name));
}
