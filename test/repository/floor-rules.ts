// The floors inside a program: domain, use cases, adapters, program.ts, main.ts. Imports go down, adapters are strangers.

import { type Floors, floorsOfPrograms } from "./architecture.ts";
import type { Problem } from "./violation.ts";

type Floor = "domain" | "use case" | "adapter" | "program" | "main" | "surface";
const heights: Readonly<Record<Floor, number>> = {
  domain: 0,
  "use case": 1,
  adapter: 2,
  program: 3,
  surface: 4,
  main: 5,
};

/** What is wrong with a module importing another one of the same package, both as paths from the root. */
export function floorProblems(path: string, target: string): readonly Problem[] {
  const floors = floorsOfPrograms[path.split("/")[1] ?? ""];
  if (floors === undefined) return [];
  const [from, to] = [partOf(path), partOf(target)];
  if (from === to) return [];
  const [fromFloor, toFloor] = [floorOf(from, floors), floorOf(to, floors)];
  if (heights[fromFloor] < heights[toFloor]) {
    const instead = "declare a port where it is needed and let program.ts hand the implementation in";
    return [{ problem: `${fromFloor} ${from} imports ${toFloor} ${to}, which stands above it`, instead }];
  }
  if (fromFloor !== "adapter" || toFloor !== "adapter") return [];
  const instead =
    "move what both need to the domain or a port, and join them in program.ts; a part that is no adapter is named in " +
    "test/repository/architecture.ts";
  return [{ problem: `adapter ${from} imports adapter ${to}`, instead }];
}

/** `packages/agent/src/storage/journal.ts` → `storage`; `packages/agent/src/ports.ts` → `ports`. */
function partOf(path: string): string {
  return (path.split("/")[3] ?? "").replace(/\.ts$/, "");
}

function floorOf(part: string, floors: Floors): Floor {
  if (part === "main") return "main";
  if (part === "index" || part === "commands") return "surface";
  if (part === "program" || floors.program.includes(part)) return "program";
  if (floors.domain.includes(part)) return "domain";
  return floors.useCases.includes(part) ? "use case" : "adapter";
}
