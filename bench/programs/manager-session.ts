// A manager in a process of its own, and what a load needs to speak to it.

import { parseCertificate } from "@countersign/protocol";
import { type KeepAliveConnection, type LoadTarget, openConnections } from "../load/keep-alive-connection.ts";
import { type ChildProgram, startChild } from "./child-program.ts";

/** The first line of manager-program.ts. */
export type ManagerReady = LoadTarget & {
  /** An ID token for as many devices as a figure may want. */
  readonly token: string;
};

const managerProgram = new URL("./manager-program.ts", import.meta.url);
const ceilingPrograms = {
  ingest: new URL("../ceilings/ingest-ceiling.ts", import.meta.url),
  enrol: new URL("../ceilings/enrol-ceiling.ts", import.meta.url),
  memory: new URL("../ceilings/memory-ceiling.ts", import.meta.url),
} as const;

/** Starts the real manager on a data directory, new or filled, and stops it whatever `use` does. */
export async function withManager<T>(
  dataDirectory: string,
  profileDirectory: string | null,
  use: (manager: ChildProgram<ManagerReady>) => Promise<T>,
): Promise<T> {
  const manager = await startChild<ManagerReady>(managerProgram, {
    parameters: [dataDirectory, `${dataDirectory}.log`],
    profileDirectory,
  });
  return stopAfter(manager, () => use(manager));
}

/** The same for one of the ceilings. */
export async function withCeiling<T>(
  name: keyof typeof ceilingPrograms,
  parameters: readonly string[],
  use: (ceiling: ChildProgram<LoadTarget>) => Promise<T>,
): Promise<T> {
  const ceiling = await startChild<LoadTarget>(ceilingPrograms[name], { parameters, profileDirectory: null });
  return stopAfter(ceiling, () => use(ceiling));
}

async function stopAfter<T>(program: ChildProgram<unknown>, use: () => Promise<T>): Promise<T> {
  let result: T;
  try {
    result = await use();
  } catch (error) {
    // What went wrong first is what the reader needs, not that stopping went wrong as well.
    await program.stop().catch(() => undefined);
    throw error;
  }
  await program.stop();
  return result;
}

/** Opens connections, and closes them whatever `use` does. */
export async function withConnections<T>(
  target: LoadTarget,
  count: number,
  use: (connections: readonly KeepAliveConnection[]) => Promise<T>,
): Promise<T> {
  const connections = await openConnections(target, count);
  try {
    return await use(connections);
  } finally {
    for (const connection of connections) connection.close();
  }
}

export function rootOf(target: LoadTarget) {
  return parseCertificate(target.rootCertificatePem);
}
