import { findMutations } from "./run-processes.ts";

await findMutations(Number(process.argv[2] ?? 60), (m, f) => console.log(m.name, JSON.stringify(f)));
