// The example that stands in the documentation of `createAgent`, run as it stands there: only names of places are other.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Agent } from "./agent.ts";
import type { AgentOptions } from "./agent-options.ts";
import { createAgent } from "./create-agent.ts";
import { MemoryDisk } from "./storage/memory-disk.ts";
import { systemClock } from "./system-ports.ts";
import { product } from "./test-support/example-state.ts";
import { startHttpsServer } from "./test-support/https-server.ts";
import { token } from "./test-support/start-agent.ts";
import { temporaryDirectory } from "./test-support/temporary-directory.ts";
import { publicKeyOfRequest } from "./test-support/test-certificates.ts";
import { TestManager } from "./test-support/test-manager.ts";

type Example = (create: typeof createAgent, rootCertificatePem: string, token: string) => Promise<Agent>;

function readExample(places: Readonly<Record<string, string>>): Example {
  const source = readFileSync(new URL("./create-agent.ts", import.meta.url), "utf8");
  const [, block = ""] = /@example\n([\s\S]*?)\n \*\//.exec(source) ?? [];
  let code = block.replace(/^ \* ?/gm, "");
  for (const [documented, real] of Object.entries(places)) {
    assert.ok(code.includes(documented), documented);
    code = code.replace(documented, real);
  }
  const AsyncFunction = (async () => undefined).constructor as new (...parts: string[]) => Example;
  return new AsyncFunction("createAgent", "rootCertificatePem", "token", `${code}\nreturn agent;`);
}

test("the documented example establishes trust and has its usage acknowledged, over TLS, in a real directory", async (t) => {
  const manager = await TestManager.create(systemClock);
  const server = await startHttpsServer(t, manager.tlsIdentity(), manager.tlsChain, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", async () => {
      const { signal } = new AbortController();
      response.end(await manager.exchange("", Buffer.concat(chunks), { proxy: null, signal }));
    });
  });
  const example = readExample({
    "/var/lib/my-product/licensing": temporaryDirectory(t),
    "https://manager.example.org:8443/licservice/license": server.url,
  });
  const agent = await example(createAgent, manager.rootPem, token);
  await agent.idle();
  await agent.sync();
  await agent.idle();
  assert.equal(agent.schedule().acknowledgementState, "received");
  assert.equal(manager.accepted.size, 1);
  await agent.stop();
});

test("[SEC-8] the key of licensing is RSA with 2048 bits unless P-256 is chosen", async (t) => {
  const directory = temporaryDirectory(t);
  const manager = await TestManager.create(systemClock);
  const keyOf = async (change: Partial<AgentOptions>) => {
    const agent = await createAgent({
      stateDirectory: new MemoryDisk(),
      product,
      transport: { type: "off" },
      trustAnchors: manager.rootPem,
      ...change,
    });
    const path = join(directory, "request.xml");
    await agent.saveTrustRequest(path);
    await agent.stop();
    const [, csr = ""] = /"csr\\*":\\*"([A-Za-z0-9+/=]+)/.exec(readFileSync(path, "utf8")) ?? [];
    return publicKeyOfRequest(csr);
  };
  const usual = await keyOf({});
  assert.deepEqual([usual.asymmetricKeyType, usual.asymmetricKeyDetails?.modulusLength], ["rsa", 2048]);
  const chosen = await keyOf({ keyType: "p-256" });
  assert.deepEqual([chosen.asymmetricKeyType, chosen.asymmetricKeyDetails?.namedCurve], ["ec", "prime256v1"]);
});
