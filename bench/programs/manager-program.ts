// The manager under measurement: the real program on a data directory, with one more line for the bench on standard output.
// Parameter: data directory; one that does not exist yet is initialised.

import { existsSync } from "node:fs";
import { initManager, openAdministration, startManager } from "@countersign/manager";
import { serveParent } from "./serve-parent.ts";

const [dataDirectory = ""] = process.argv.slice(2);
if (!existsSync(dataDirectory)) await initManager({ dataDirectory });
