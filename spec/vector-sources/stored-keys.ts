// Keys, certificates and signatures of the vectors. ECDSA signatures are random, so each one made is stored and used
// again: the same sources give the same vectors, byte for byte. The keys are public and protect nothing.

import { createHash, generateKeyPairSync, X509Certificate } from "node:crypto";
import { encodeCertificate, extendedKeyUsageOf, type Signer, type SigningIdentity } from "@countersign/protocol";
import {
  importKeys,
  issueCertificateDer,
  serverAuthUsage,
  type TestIdentity,
  testNow,
  yearMs,
} from "@countersign/protocol/test-support/certificates";
import { sudi } from "@countersign/protocol/test-support/samples";

/** What spec/vectors/keys.json holds. */
export type StoredKeys = {
  readonly about: string;
  readonly now: number;
  readonly privateKeys: Record<string, string>;
  readonly certificates: Record<string, string>;
  readonly signatures: Record<string, string>;
};

export const emptyStore = (): StoredKeys => ({
  about:
    "Keys, certificates and signatures of the vectors. They are public and protect nothing. Signatures stand under key name and SHA-256 of what was signed.",
  now: testNow,
  privateKeys: {},
  certificates: {},
  signatures: {},
});

type Issue = {
  readonly key: string;
  readonly name: string;
  readonly issuer: string | null;
  readonly isAuthority?: boolean;
  readonly usages?: readonly string[];
  readonly notBefore?: number;
  readonly notAfter?: number;
};

const signingUsage = [extendedKeyUsageOf["manager-signing"]];
const deviceUsage = [extendedKeyUsageOf["product-instance"]];
const deviceName = `PID:${sudi.udi_pid},SN:${sudi.udi_serial_number}`;

/** Every certificate of the vectors; an issuer stands before what it issued. */
const issues: Readonly<Record<string, Issue>> = {
  root: { key: "root", name: "Vector Root", issuer: null, isAuthority: true, notAfter: testNow + 29 * yearMs },
  issuing: { key: "issuing", name: "Vector CA", issuer: "root", isAuthority: true, notAfter: testNow + 14 * yearMs },
  signing: { key: "signing", name: "Vector Signing", issuer: "issuing", usages: signingUsage },
  signingRsa: { key: "signingRsa", name: "Vector Signing RSA", issuer: "issuing", usages: signingUsage },
  signingExpired: {
    key: "signing",
    name: "Expired",
    issuer: "issuing",
    usages: signingUsage,
    notAfter: testNow - 1000,
  },
  signingFuture: { key: "signing", name: "Future", issuer: "issuing", usages: signingUsage, notBefore: testNow + 1000 },
  signingNoUsage: { key: "signing", name: "No usage", issuer: "issuing" },
  signingBothUsages: { key: "signing", name: "Both", issuer: "issuing", usages: [...signingUsage, ...deviceUsage] },
  tls: { key: "tls", name: "localhost", issuer: "issuing", usages: [serverAuthUsage] },
  issuingExpired: { key: "issuing", name: "Old CA", issuer: "root", isAuthority: true, notAfter: testNow - 1000 },
  signingBelowExpired: { key: "signing", name: "Below old", issuer: "issuingExpired", usages: signingUsage },
  lowerIssuing: { key: "lower", name: "Lower CA", issuer: "issuing", isAuthority: true },
  signingBelowLower: { key: "signing", name: "Below lower", issuer: "lowerIssuing", usages: signingUsage },
  foreignRoot: { key: "foreignRoot", name: "Foreign Root", issuer: null, isAuthority: true },
  foreignIssuing: { key: "foreign", name: "Foreign CA", issuer: "foreignRoot", isAuthority: true },
  foreignSigning: { key: "foreign", name: "Foreign Signing", issuer: "foreignIssuing", usages: signingUsage },
  impostorIssuing: { key: "foreign", name: "Vector CA", issuer: "foreignRoot", isAuthority: true },
  impostorSigning: { key: "foreign", name: "Impostor", issuer: "impostorIssuing", usages: signingUsage },
  deviceRsa: { key: "deviceRsa", name: deviceName, issuer: "issuing", usages: deviceUsage },
  device: { key: "device", name: deviceName, issuer: "issuing", usages: deviceUsage },
  deviceExpired: { key: "device", name: deviceName, issuer: "issuing", usages: deviceUsage, notAfter: testNow - 1000 },
  otherDevice: { key: "other", name: "PID:EDGE-24,SN:EXA00000002", issuer: "issuing", usages: deviceUsage },
  relay: { key: "relay", name: "PID:RELAY,SN:1", issuer: "issuing", usages: [extendedKeyUsageOf.relay] },
  relayAndSigning: {
    key: "relay",
    name: "Both",
    issuer: "issuing",
    usages: [extendedKeyUsageOf.relay, ...signingUsage],
  },
  belowDevice: { key: "other", name: "Below device", issuer: "device", usages: signingUsage },
};

export type VectorKeys = {
  readonly now: number;
  identity(certificateName: string): TestIdentity;
  /** Base64 of DER. */
  certificate(certificateName: string): string;
  signer(certificateName: string): Signer;
  signing(leaf: string, ...chain: readonly string[]): SigningIdentity;
};

/** Completes the store with what is missing and gives access to it. */
export function openKeys(store: StoredKeys): VectorKeys {
  const keysOf = new Map<string, ReturnType<typeof importKeys>>();
  const keysNamed = (name: string) => {
    store.privateKeys[name] ??= newPrivateKey(name);
    const keys = keysOf.get(name) ?? importKeys(store.privateKeys[name]);
    keysOf.set(name, keys);
    return keys;
  };
  const identity = (name: string): TestIdentity => {
    const issue = issueNamed(name);
    const keys = keysNamed(issue.key);
    if (store.certificates[name] === undefined) {
      const issuer = issue.issuer === null ? null : identity(issue.issuer);
      const serialNumber = Buffer.from([0x10, 0x20, Object.keys(issues).indexOf(name)]);
      store.certificates[name] = issueCertificateDer({ ...issue, issuer, keys, serialNumber }).toString("base64");
    }
    return {
      keys,
      name: issue.name,
      certificate: new X509Certificate(Buffer.from(store.certificates[name], "base64")),
    };
  };
  const signer = (name: string): Signer =>
    storedSigner(issueNamed(name).key, keysNamed(issueNamed(name).key).signer, store);
  return {
    now: store.now,
    identity,
    certificate: (name) => encodeCertificate(identity(name).certificate),
    signer,
    signing: (leaf, ...chain) => ({
      signer: signer(leaf),
      certificate: identity(leaf).certificate,
      chain: chain.map((name) => identity(name).certificate),
    }),
  };
}

function issueNamed(name: string): Issue {
  const issue = issues[name];
  if (issue === undefined) throw new Error(`no certificate ${name} among the vectors`);
  return issue;
}

function newPrivateKey(name: string): string {
  const { privateKey } = name.endsWith("Rsa")
    ? generateKeyPairSync("rsa", { modulusLength: 2048 })
    : generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

function storedSigner(keyName: string, signer: Signer, store: StoredKeys): Signer {
  return {
    algorithm: signer.algorithm,
    sign: async (bytes) => {
      const place = `${keyName} ${createHash("sha256").update(bytes).digest("hex")}`;
      store.signatures[place] ??= Buffer.from(await signer.sign(bytes)).toString("base64");
      return Buffer.from(store.signatures[place], "base64");
    },
  };
}
