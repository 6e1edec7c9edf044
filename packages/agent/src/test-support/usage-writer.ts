// A process that uses licences as fast as it can, and says each count when it is durable. Made to be killed.
// Parameters: state directory, first count.

import { writeSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { createAgent } from "../create-agent.ts";
import { TransportFailure } from "../transport-failure.ts";
import { baseTag, exampleUrl, product } from "./example-state.ts";
import { issueTestCertificate } from "./test-certificates.ts";

// One that is killed would keep no compiled code, and compile itself anew in every round.
flushCompileCache();
const [directory = "", first = "1"] = process.argv.slice(2);
const root = issueTestCertificate({
  name: "Root",
  isAuthority: true,
  notBeforeMs: 0,
  notAfterMs: Date.now() + 86_400_000,
});
const agent = await createAgent({
  stateDirectory: directory,
  product,
  transport: { type: "smart", url: exampleUrl },
  trustAnchors: root.certificate.toString(),
  exchange: () => Promise.reject(new TransportFailure("connection_refused")),
});
// Every fifth count closes a report, so that the report store is written too.
for (let count = Number(first); ; count += 1) {
  await agent.request(baseTag, count);
  writeSync(1, `${count}\n`);
  if (count % 5 === 0) await agent.saveUsage("unreported", `${directory}/usage.xml`).catch(() => undefined);
}
