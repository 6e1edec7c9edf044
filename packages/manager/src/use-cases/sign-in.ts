// Browsers: a bearer token is exchanged for a secret that ends. It changes nothing of the accounts, so it is no act; the log has it.

import { crowdedOut, endOfSignIn, signInHash, signInSecretBytes, signInSecretOf } from "../accounts/sign-in.ts";
import type { Environment } from "../ports.ts";
import type { KnownOperator, SignInUseCases } from "./use-cases.ts";

type Ports = Pick<Environment, "storage" | "clock" | "randomness"> & {
  readonly findOperator: (bearer: string) => Promise<KnownOperator | undefined>;
};

export function signInUseCases({ storage, clock, randomness, findOperator }: Ports): SignInUseCases {
  return {
    signIn: async (bearer) => {
      const operator = await findOperator(bearer);
      if (operator === undefined) return undefined;
      const { operatorId } = operator;
      const secret = signInSecretOf(randomness.bytes(signInSecretBytes));
      const createdAtMs = clock.now();
      const endsAtMs = endOfSignIn(createdAtMs);
      await storage.inTransaction(async ({ operators }) => {
        await operators.removeEndedSignIns(createdAtMs);
        for (const { secretSha256 } of crowdedOut(await operators.listSignIns(operatorId)))
          await operators.removeSignIn(secretSha256);
        await operators.addSignIn({ secretSha256: signInHash(secret), operatorId, createdAtMs, endsAtMs });
      });
      return { secret, operator, endsAtMs };
    },
    findSignedIn: async (secret) => {
      const found = await storage.read.operators.findOperatorBySignIn(signInHash(secret), clock.now());
      if (found === undefined || found.removedAtMs !== null) return undefined;
      const { operatorId, name, access } = found;
      return { operatorId, name, access };
    },
    signOut: async (secret) => {
      await storage.inTransaction(({ operators }) => operators.removeSignIn(signInHash(secret)));
    },
  };
}
