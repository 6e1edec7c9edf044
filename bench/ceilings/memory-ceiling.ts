// Floor of the manager's memory: the same runtime with an HTTPS server and an open database, and nothing in either.
// Parameter: directory.

import { join } from "node:path";
import { serveParent } from "../programs/serve-parent.ts";
import { openGroupCommit } from "./group-commit.ts";
import { listenRaw } from "./raw-https-server.ts";

const [directory = ""] = process.argv.slice(2);
const store = openGroupCommit(join(directory, "memory-ceiling.sqlite"));
const server = await listenRaw(async () => "{}");
serveParent({ port: server.port, rootCertificatePem: server.certificate }, async () => {
  await server.stop();
  store.close();
});
