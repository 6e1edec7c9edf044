// The SSH server of a device: shells with a terminal, and single commands. It offers nothing else: no forwarding, no files.

import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import ssh2, { type AuthContext, type Connection, type ParsedKey, type ServerChannel, type Session } from "ssh2";
import { WrongAttempts } from "../wrong-attempts.ts";
import { type DeviceUser, passwordMatches, readUsers } from "./user-store.ts";

export type SshOptions = {
  readonly host?: string;
  /** 0 for a free one. */
  readonly port: number;
  /** Beside those of the state folder. */
  readonly users?: readonly DeviceUser[];
  /** A session in which nothing is typed for so long ends; default 600. */
  readonly idleSeconds?: number;
  /** Connections at a time; default 16. */
  readonly connectionsMax?: number;
  /** From the connection to the login; default 30. */
  readonly loginSeconds?: number;
  /** Wrong attempts of one connection; default 3. */
  readonly attemptsMax?: number;
};

export type SshLogin = { readonly name: string; readonly privilege: number };
export type SshTerminal = SshLogin & {
  readonly columns: number;
  readonly rows: number;
  readonly address: string;
  readonly idleSeconds: number;
  write(text: string): void;
  close(): void;
};

/** What is behind the server. */
export type SshDevice = {
  openSession(terminal: SshTerminal): {
    input(bytes: Uint8Array): void;
    resize(columns: number, rows: number): void;
    end(): void;
  };
  /** Answers the text and the exit code. */
  execute(login: SshLogin, line: string): Promise<{ readonly output: string; readonly exitCode: number }>;
  /** Told of logins and refusals, for the log; never of a password. */
  note(event: "login" | "refused", name: string, address: string): void;
};

export type SshServer = { readonly host: string; readonly port: number; close(): Promise<void> };

const loginSeconds = 30;
/** Keys that a client may try before it is sent away. */
const refusalsMax = 20;
/** What OpenSSH and paramiko of the last ten years have, without what is broken. */
const algorithms = {
  kex: ["curve25519-sha256", "curve25519-sha256@libssh.org", "ecdh-sha2-nistp256", "diffie-hellman-group14-sha256"],
  cipher: ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes256-ctr"],
  hmac: ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512"],
  serverHostKey: ["ssh-ed25519"],
  compress: ["none"],
} as const;

type ClientParts = SshParts & { readonly wrong: WrongAttempts };
export type SshParts = { readonly stateDirectory: string; readonly hostKey: string; readonly device: SshDevice };

/** Listens, on loopback unless told otherwise. */
export async function openSshServer(options: SshOptions, parts: SshParts): Promise<SshServer> {
  const { host = "127.0.0.1", port, connectionsMax = 16 } = options;
  const login = new LoginTimes();
  const wrong = new WrongAttempts(() => performance.now());
  const ssh = new ssh2.Server(
    { hostKeys: [parts.hostKey], ident: "Countersign", algorithms: copyOf(algorithms), keepaliveInterval: 60_000 },
    (client, { ip, port: remotePort }) => {
      client.on("ready", () => login.ends(ip, remotePort));
      new Client(client, ip, options, { ...parts, wrong });
    },
  );
  // The library tells of a client only when it has said who it is; one that says nothing has to be counted and sent away, too.
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    login.begins(socket, options.loginSeconds ?? loginSeconds);
    ssh.injectSocket(socket);
  });
  server.maxConnections = connectionsMax;
  server.listen(port, host);
  await once(server, "listening");
  return {
    host,
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      // What was said last still goes out.
      for (const socket of sockets) socket.destroySoon();
      await closed;
    },
  };
}

/** Who has not logged in in time is sent away. */
class LoginTimes {
  readonly #timers = new Map<string, NodeJS.Timeout>();

  begins(socket: Socket, seconds: number): void {
    const { remoteAddress, remotePort } = socket;
    this.#timers.set(
      keyOf(remoteAddress, remotePort),
      setTimeout(() => socket.destroy(), seconds * 1000),
    );
    socket.on("close", () => this.ends(remoteAddress, remotePort));
  }

  ends(address: string | undefined, port: number | undefined): void {
    clearTimeout(this.#timers.get(keyOf(address, port)));
    this.#timers.delete(keyOf(address, port));
  }
}

function keyOf(address: string | undefined, port: number | undefined): string {
  return `${address} ${port}`;
}

function copyOf<T extends Record<string, readonly string[]>>(lists: T): { [K in keyof T]: T[K][number][] } {
  return Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, [...list]])) as {
    [K in keyof T]: T[K][number][];
  };
}

class Client {
  readonly #client: Connection;
  readonly #address: string;
  readonly #options: SshOptions;
  readonly #parts: ClientParts;
  #wrongPasswords = 0;
  #refusals = 0;
  #login: SshLogin | null = null;

  constructor(client: Connection, address: string, options: SshOptions, parts: ClientParts) {
    this.#client = client;
    this.#address = address;
    this.#options = options;
    this.#parts = parts;
    client.on("authentication", (context) => void this.#authenticate(context));
    // Scanners and impatient clients break off; their connection is closed, nothing else is to be done.
    client.on("error", () => client.end());
    client.on("session", (accept) => this.#session(accept()));
  }

  async #authenticate(context: AuthContext): Promise<void> {
    const { method, username } = context;
    if (method !== "password" && method !== "publickey") return context.reject(["publickey", "password"]);
    const user = await this.#userNamed(username);
    if (method === "password" && this.#parts.wrong.waitMs(this.#address) > 0) return void this.#client.end();
    if (await this.#isRight(context, user)) {
      // A key that is only offered has not been used to sign yet.
      if (method === "password" || context.signature !== undefined) this.#loggedIn(user, username);
      return context.accept();
    }
    // A client tries each of its keys before it asks for a password, so that the two are counted apart.
    this.#refusals += 1;
    if (method === "password") {
      this.#wrongPasswords += 1;
      this.#parts.device.note("refused", username, this.#address);
    }
    const isTooMuch = this.#wrongPasswords >= (this.#options.attemptsMax ?? 3) || this.#refusals >= refusalsMax;
    if (isTooMuch) this.#client.end();
    else context.reject(["publickey", "password"]);
  }

  #isRight(context: AuthContext, user: DeviceUser | null): Promise<boolean> {
    if (context.method !== "password") return proves(context, user);
    return this.#parts.wrong.judge(this.#address, () => proves(context, user));
  }

  #loggedIn(user: DeviceUser | null, name: string): void {
    this.#login = { name, privilege: user?.privilege ?? 0 };
    this.#parts.device.note("login", name, this.#address);
  }

  async #userNamed(name: string): Promise<DeviceUser | null> {
    const stored = await readUsers(this.#parts.stateDirectory).catch(() => []);
    return [...stored, ...(this.#options.users ?? [])].find((user) => user.name === name) ?? null;
  }

  #session(session: Session): void {
    // Without a terminal there is nobody to press a key for the next screen.
    let size = { columns: 0, rows: 0 };
    let hasTerminal = false;
    let resize: ((columns: number, rows: number) => void) | null = null;
    session.on("pty", (accept, _reject, { cols, rows }) => {
      hasTerminal = true;
      size = { columns: cols, rows };
      accept?.();
    });
    session.on("window-change", (accept, _reject, { cols, rows }) => {
      size = { columns: cols, rows };
      resize?.(cols, rows);
      accept?.();
    });
    session.on("exec", (accept, _reject, { command }) => void this.#execute(accept(), command, hasTerminal));
    session.on("shell", (accept) => {
      resize = this.#shell(accept(), size);
    });
  }

  #shell(channel: ServerChannel, size: { readonly columns: number; readonly rows: number }) {
    const login = this.#requireLogin();
    const session = this.#parts.device.openSession({
      ...login,
      ...size,
      address: this.#address,
      idleSeconds: this.#options.idleSeconds ?? 600,
      write: (text) => void channel.write(text),
      close: () => {
        channel.exit(0);
        channel.end();
      },
    });
    channel.on("data", (bytes: Buffer) => session.input(bytes));
    channel.on("close", () => {
      session.end();
      // Only now: a disconnection would overtake the last words on the screen.
      this.#client.end();
    });
    channel.on("error", () => session.end());
    return (columns: number, rows: number) => session.resize(columns, rows);
  }

  async #execute(channel: ServerChannel, line: string, hasTerminal: boolean): Promise<void> {
    const { output, exitCode } = await this.#parts.device.execute(this.#requireLogin(), line).catch(brokenCommand);
    const lineEnd = hasTerminal ? "\r\n" : "\n";
    if (output !== "") channel.write(`${output.replaceAll("\n", lineEnd)}${lineEnd}`);
    channel.exit(exitCode);
    channel.end();
  }

  #requireLogin(): SshLogin {
    if (this.#login === null) throw new Error("a session before the login");
    return this.#login;
  }
}

/** The device outlives what a command breaks, such as a full disk. */
function brokenCommand(error: unknown) {
  return { output: `% ${error instanceof Error ? error.message : String(error)}`, exitCode: 1 };
}

async function proves(context: AuthContext, user: DeviceUser | null): Promise<boolean> {
  if (context.method === "password") return passwordMatches(context.password, user?.password ?? null);
  if (context.method !== "publickey" || user === null) return false;
  const { key, blob, signature, hashAlgo } = context;
  const known = user.publicKeys.flatMap((text) => parsed(text)).find((one) => one.getPublicSSH().equals(key.data));
  if (known === undefined) return false;
  if (signature === undefined || blob === undefined) return true;
  return known.verify(blob, signature, hashAlgo) === true;
}

function parsed(text: string): readonly ParsedKey[] {
  const key = ssh2.utils.parseKey(text);
  return key instanceof Error ? [] : [key].flat();
}
