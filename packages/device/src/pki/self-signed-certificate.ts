// Certificates of a device itself. For the one that it issues to itself nobody vouches: whoever connects compares it once and keeps
// it, as with an SSH host key. RFC 5280; a manufacturer's has no end either (IEEE 802.1AR, 8.7).

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
const commonName = "2.5.4.3";
const serialNumberAttribute = "2.5.4.5";
const basicConstraints = "2.5.29.19";
const extendedKeyUsage = "2.5.29.37";
const serverAuthentication = "1.3.6.1.5.5.7.3.1";
const clientAuthentication = "1.3.6.1.5.5.7.3.2";

/** DER, for host names and IPv4 addresses. */
export function selfSignedCertificate(privateKey: KeyObject, names: readonly string[]): Buffer {
  const name = distinguishedName(names[0] ?? "");
  const alternativeNames = der.sequence(...names.filter((one) => isIP(one) !== 6).map(generalName));
  const extensions = [
    ...usedFor(serverAuthentication, clientAuthentication),
    der.sequence(der.objectIdentifier(subjectAlternativeName), der.octets(alternativeNames)),
  ];
  return certificate({ subjectKey: privateKey, subject: name, issuer: name, issuerKey: privateKey, extensions });
}

/** DER of one that another name and key vouch for; it says who connects and serves nothing. */
export function issuedCertificate(
  subjectKey: KeyObject,
  name: string,
  serialNumber: string,
  issuer: { readonly name: string; readonly key: KeyObject },
): Buffer {
  const attribute = (type: string, value: string) => der.set(der.sequence(der.objectIdentifier(type), der.utf8(value)));
  return certificate({
    subjectKey,
    subject: der.sequence(attribute(serialNumberAttribute, serialNumber), attribute(commonName, name)),
    issuer: distinguishedName(issuer.name),
    issuerKey: issuer.key,
    extensions: usedFor(clientAuthentication),
  });
}

type Content = {
  readonly subjectKey: KeyObject;
  readonly subject: Buffer;
  readonly issuer: Buffer;
  readonly issuerKey: KeyObject;
  readonly extensions: readonly Buffer[];
};

function certificate({ subjectKey, subject, issuer, issuerKey, extensions }: Content): Buffer {
  const algorithm = signatureAlgorithm(issuerKey);
  const information = der.sequence(
    der.der(0xa0, der.integer(Buffer.from([2]))),
    der.integer(randomBytes(16)),
    algorithm,
    issuer,
    der.sequence(notBefore, notAfter),
    subject,
    createPublicKey(subjectKey).export({ type: "spki", format: "der" }),
    der.der(0xa3, der.sequence(...extensions)),
  );
  return der.sequence(information, algorithm, der.bits(sign("sha256", information, issuerKey)));
}

function usedFor(...purposes: readonly string[]): readonly Buffer[] {
  const usage = der.sequence(...purposes.map(der.objectIdentifier));
  return [
    // Critical, and empty: no authority.
    der.sequence(
      der.objectIdentifier(basicConstraints),
      der.der(0x01, Buffer.from([0xff])),
      der.octets(der.sequence()),
    ),
    der.sequence(der.objectIdentifier(extendedKeyUsage), der.octets(usage)),
  ];
}

function generalName(name: string): Buffer {
  return isIPv4(name) ? der.der(0x87, Buffer.from(name.split(".").map(Number))) : der.der(0x82, Buffer.from(name));
}
