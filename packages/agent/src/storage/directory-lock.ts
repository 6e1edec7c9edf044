// Two processes on one state directory would each believe they own the report counter. The owner listens on a Unix socket
// inside the directory; whoever comes second connects, is answered with the owner's process id, and refuses.
//
// Why a socket and not a file with a process id: the kernel closes it however the process ends (also kill -9), so a dead
// owner is told from a live one without guessing; it works for two containers that share a volume, where process ids
// mean nothing; and a copied or restored directory carries no lock. A dead owner leaves the socket's name behind, and
// removing a name that another process is just taking over would let both in. So no name is ever reused: the owner is
// the highest number, numbers only grow, binding a taken name fails, and only an owner removes names below its own.

import { open, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { AgentError } from "../agent-error.ts";

/** Longest path that a socket address holds on Linux and macOS, with the terminating zero left out. */
const socketPathBytesMax = 103;
const answerTimeoutMs = 2_000;
const attemptsMax = 100;

export type DirectoryLock = { release(): Promise<void> };

/** Throws `directory_in_use` with the process id of the owner. Releases by itself when the process ends. */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const root = await realpath(directory);
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const highest = Math.max(0, ...(await lockNumbers(root)));
    const owner = highest === 0 ? null : await askOwner(root, highest);
    if (owner !== null) throw new AgentError("directory_in_use", `${directory} is used by process ${owner}.`);
    const listening = await listenOn(root, highest + 1);
    if (listening === null) continue;
    if (Math.max(...(await lockNumbers(root))) === highest + 1) {
      await removeLower(root, highest + 1);
      return { release: () => release(listening, root, highest + 1) };
    }
    await listening.close();
  }
  throw new AgentError("directory_in_use", `${directory} is wanted by many processes at once.`);
}

const lockName = /^lock\.(\d{1,15})$/;

async function lockNumbers(root: string): Promise<number[]> {
  const names = await readdir(root);
  return names.flatMap((name) => {
    const match = lockName.exec(name);
    return match === null ? [] : [Number(match[1])];
  });
}

async function removeLower(root: string, number: number): Promise<void> {
  for (const lower of await lockNumbers(root)) {
    if (lower < number) await rm(join(root, `lock.${lower}`), { force: true });
  }
}

/** The owner's process id, or null when nobody listens there any more. */
async function askOwner(root: string, number: number): Promise<string | null> {
  const address = await socketAddress(root, number);
  const owner = await new Promise<string | null>((resolve) => {
    let answer = "";
    const socket = connect({ path: address.path });
    const finish = (found: string | null): void => {
      socket.destroy();
      resolve(found);
    };
    // Connected but silent is alive all the same, perhaps stopped in a debugger.
    socket.setTimeout(answerTimeoutMs, () => finish(answer.trim() || "unknown"));
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
    });
    socket.on("end", () => finish(answer.trim() || "unknown"));
    socket.on("error", () => finish(null));
  });
  await address.dispose();
  return owner;
}

type Listening = { close(): Promise<void> };

/** Null when the name was taken in the meantime. */
async function listenOn(root: string, number: number): Promise<Listening | null> {
  const address = await socketAddress(root, number);
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.end(`${process.pid}\n`);
  });
  server.unref();
  const isListening = await new Promise<boolean>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(false);
      else reject(new AgentError("directory_unusable", `${root} cannot hold a lock.`, { cause: error }));
    });
    server.listen({ path: address.path }, () => resolve(true));
  });
  if (!isListening) {
    await address.dispose();
    return null;
  }
  return {
    close: async () => {
      await closeServer(server);
      await address.dispose();
    },
  };
}

type SocketAddress = { readonly path: string; dispose(): Promise<void> };

/**
 * A long path is reached through the folder's descriptor, which only Linux can do. The descriptor stays open as long as
 * the socket: closing a socket removes its name by the path it was bound to, which must not mean another folder by then.
 */
async function socketAddress(root: string, number: number): Promise<SocketAddress> {
  const path = join(root, `lock.${number}`);
  if (Buffer.byteLength(path) <= socketPathBytesMax) return { path, dispose: async () => undefined };
  if (process.platform !== "linux") throw new AgentError("directory_unusable", `The path ${root} is too long.`);
  const folder = await open(root, "r");
  return { path: `/proc/self/fd/${folder.fd}/lock.${number}`, dispose: () => folder.close() };
}

/** Closing a listening socket removes its name; a plain file above it keeps the numbers growing. */
async function release(listening: Listening, root: string, number: number): Promise<void> {
  try {
    await writeFile(join(root, `lock.${number + 1}`), "", { mode: 0o600 });
  } catch (error) {
    // Who removed the whole directory wants nothing kept in it.
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  } finally {
    await listening.close();
  }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
