// The first act on a data directory: certificates, the first smart account, the first operator.

import { type ManagerProgramOptions, openManager } from "../program.ts";

export type InitOptions = Pick<ManagerProgramOptions, "dataDirectory"> &
  Partial<
    Pick<
      ManagerProgramOptions,
      "clock" | "randomBytes" | "logDestination" | "logLevel" | "serverNames" | "host" | "database" | "databaseUrlFile"
    >
  > & {
    readonly smartAccount: string;
    /** A virtual account beside the default one, which every smart account has; "" for none. */
    readonly virtualAccount?: string;
    /** `onprem`: devices need no token, and another manager may stand above this one. For ever. */
    readonly role?: ManagerRole;
    /** Name of the first operator; null when nobody shall administer over HTTPS yet. */
    readonly operator?: string | null;
  };

export type ManagerRole = "cloud" | "onprem";

export type InitResult = {
  readonly dataDirectory: string;
  readonly role: ManagerRole;
  readonly smartAccount: string;
  readonly virtualAccounts: readonly string[];
  readonly rootCertificatePem: string;
  readonly rootFingerprintSha256: string;
  /** The bearer token is kept nowhere; this is the only time that it is seen. */
  readonly operator: { readonly name: string; readonly bearer: string } | null;
};

/** The data directory has an account already. */
export class AlreadyInitialisedError extends Error {
  override readonly name = "AlreadyInitialisedError";
  readonly code = "already_initialised";
  readonly remedy = "Use it as it is, or name another data directory.";
}

/** Makes a new installation; there is no default credential, each one makes its own. Throws `AlreadyInitialisedError`. */
export async function initManager(options: InitOptions): Promise<InitResult> {
  const { smartAccount, virtualAccount = "", operator = null, role = "cloud", ...program } = options;
  const manager = await openManager({ logLevel: "silent", ...program, isProcessMeasured: false });
  try {
    const { administration, authority, rootCertificatePem } = manager;
    if ((await administration.listAccounts()).length > 0) {
      throw new AlreadyInitialisedError(`The database of ${options.dataDirectory} has an account already.`);
    }
    const cause = { kind: "local", reason: "init" } as const;
    await administration.createSmartAccount({ name: smartAccount, cause });
    if (virtualAccount !== "") await administration.createVirtualAccount({ name: virtualAccount, cause });
    if (role === "onprem") await administration.establishPremises({ cause });
    const added = operator === null ? null : await administration.addOperator({ name: operator, cause });
    const [account] = await administration.listAccounts();
    return {
      dataDirectory: options.dataDirectory,
      role,
      smartAccount,
      virtualAccounts: account?.virtualAccounts.map(({ name }) => name) ?? [],
      rootCertificatePem,
      rootFingerprintSha256: authority.certificates().root.fingerprint256,
      operator: added === null ? null : { name: added.name, bearer: added.bearer },
    };
  } finally {
    await manager.close();
  }
}
