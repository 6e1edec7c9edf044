// A client of a device's HTTPS server: it believes the certificate that lies in the device's state folder, and no other.

import { scryptSync } from "node:crypto";
import { readFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { type Agent, request } from "node:https";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { DeviceOptions } from "../program/device-options.ts";
import { type PasswordHash, putUser } from "../ssh/user-store.ts";
import { startTestDevice, temporaryFolder } from "./test-device.ts";

export type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string };
export type Asking = {
  readonly user?: string | null;
  readonly password?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** One connection for all that share it. */
  readonly agent?: Agent;
};

export const rightPassword = "canary-password-3141";

export type HttpsClient = (method: string, path: string, asking?: Asking) => Promise<Answer>;

/** As `ada`, with the right password, unless told otherwise; null for nobody. */
export function httpsClient(stateDirectory: string, port: number): HttpsClient {
  const ca = readFileSync(join(stateDirectory, "https-identity.pem"), "utf8");
  return (method, path, { user = "ada", password = rightPassword, headers = {}, body, agent } = {}) =>
    new Promise((resolve, reject) => {
      const auth = user === null ? {} : { auth: `${user}:${password}` };
      const options = { host: "127.0.0.1", port, method, path, headers, ca, ...auth, agent: agent ?? false };
      const sent = request(options, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(parts).toString("utf8"),
          }),
        );
      });
      sent.on("error", reject);
      sent.end(body);
    });
}

/** Users: ada may change, bob may read, eve may do nothing. */
export async function startHttpsDevice(t: TestContext, options: Partial<DeviceOptions> = {}) {
  const stateDirectory = temporaryFolder(t);
  await addDeviceUsers(stateDirectory);
  const started = await startTestDevice(t, { stateDirectory, https: { port: 0 }, ...options });
  return { ...started, stateDirectory, ask: httpsClient(stateDirectory, started.device.https?.port ?? 0) };
}

/** Hashes of users say how dear they are: tests that log in a hundred times have cheap ones. */
const cheapHash: PasswordHash = {
  ...{ algorithm: "scrypt", cost: 256, blockSize: 8, parallelization: 1, salt: "c2FsdA==" },
  hash: scryptSync(rightPassword, "salt", 32, { cost: 256, blockSize: 8, parallelization: 1 }).toString("base64"),
};

export async function addDeviceUsers(stateDirectory: string): Promise<void> {
  for (const [name, privilege] of [
    ["ada", 15],
    ["bob", 1],
    ["eve", 0],
  ] as const) {
    await putUser(stateDirectory, { name, privilege, password: cheapHash, publicKeys: [] });
  }
}
