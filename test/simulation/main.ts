// npm run simulate [-- --seeds N | --seed N] [--json]

import { simulate } from "./simulate.ts";

process.exitCode = await simulate(process.argv.slice(2), process.stdout);
