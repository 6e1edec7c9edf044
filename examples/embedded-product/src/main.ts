// node src/main.ts --manager URL --root FILE [--token TOKEN] [--state DIRECTORY] [--workers N] [--once]
// Where and who the manager is can come from the environment: COUNTERSIGN_MANAGER, COUNTERSIGN_ROOT, COUNTERSIGN_TOKEN.

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Renderer } from "./product.ts";

const { values } = parseArgs({
  options: {
    manager: { type: "string", default: process.env.COUNTERSIGN_MANAGER ?? "" },
    root: { type: "string", default: process.env.COUNTERSIGN_ROOT ?? "" },
    token: { type: "string", default: process.env.COUNTERSIGN_TOKEN ?? "" },
    state: { type: "string", default: "renderer-state" },
    workers: { type: "string", default: "4" },
    /** Reports at once and ends with the first acknowledgement, or failure. */
    once: { type: "boolean", default: false },
  },
});

if (values.manager === "" || values.root === "") {
  console.error("Say where the manager is and which root certificate it has: --manager URL --root FILE");
  process.exitCode = 2;
} else {
  await run();
}

async function run(): Promise<void> {
  const outcome = Promise.withResolvers<boolean>();
  const interrupted = Promise.withResolvers<void>();
  const renderer = await Renderer.start({
    stateDirectory: values.state,
    managerUrl: values.manager,
    rootCertificate: readFileSync(values.root, "utf8"),
    serialNumber: "R-0001",
    say: (text) => console.log(`licensing: ${text}`),
    trusted: () => void (values.once && renderer.reportNow()),
    acknowledged: () => outcome.resolve(true),
    failed: () => outcome.resolve(false),
  });
  await renderer.useWorkers(Number(values.workers));
  if (values.token !== "") await renderer.enrol(values.token);
  if (values.once && renderer.isTrusted) await renderer.reportNow();

  // The product's own work keeps the process alive; licensing never does.
  console.log(renderer.render("the first scene"));
  const work = setInterval(() => console.log(renderer.render("another scene")), 10_000);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupted.resolve());
  const isAcknowledged = await (values.once ? outcome.promise : interrupted.promise.then(() => true));
  clearInterval(work);
  console.log(renderer.render("the last scene"));
  await renderer.stop();
  process.exitCode = isAcknowledged ? 0 : 1;
}
