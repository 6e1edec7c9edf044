// Opens and closes a device's HTTPS server as it is configured, and joins it with the device. The server is loaded only when it
// is switched on.

import { AgentError, systemTimers } from "@countersign/agent";
import { type DeviceControl, refusal } from "../device-control.ts";
import { DeviceError } from "../device-error.ts";
import type { HttpServerSettings } from "../http-configuration.ts";
import type { HttpUser } from "../http-server/authentication.ts";
import type { HttpProblem } from "../http-server/http-problem.ts";
import type { HttpDevice, HttpsServer } from "../http-server/https-server.ts";
import { type DeviceUser, passwordMatches, readUsers } from "../ssh/user-store.ts";
import type { DeviceCore, HttpServerHost } from "./device-core.ts";
import { loginLine } from "./login-line.ts";
import { readerNow } from "./reader-now.ts";

const loopback = "127.0.0.1";

export class HttpHost implements HttpServerHost {
  readonly #core: DeviceCore;
  readonly #stateDirectory: string | null;
  readonly #control: DeviceControl;
  #server: HttpsServer | null = null;

  constructor(core: DeviceCore, stateDirectory: string | null, control: DeviceControl) {
    this.#core = core;
    this.#stateDirectory = stateDirectory;
    this.#control = control;
    core.onReload(() => this.#server?.endSessions());
    core.onNotice((notice) => this.#server?.notify(notice, core.now()));
  }

  get listening(): { readonly host: string; readonly port: number } | null {
    return this.#server === null ? null : { host: this.#server.host, port: this.#server.port };
  }

  async apply(settings: HttpServerSettings): ReturnType<HttpServerHost["apply"]> {
    if (!settings.isOn) {
      await this.close();
      return { outcome: "done", settings };
    }
    if (this.#server?.port === settings.port) return { outcome: "done", settings };
    if (this.#stateDirectory === null) {
      return refusal(
        "https_needs_state",
        "A device without a state folder has no users and no certificate.",
        "Give it a state folder.",
      );
    }
    try {
      const opened = await this.#open(this.#stateDirectory, settings.port);
      await this.close();
      this.#server = opened;
      return { outcome: "done", settings: { ...settings, port: opened.port } };
    } catch (error) {
      const reason = reasonOfPort(error);
      if (reason === null) throw error;
      return refusal("https_port_unavailable", `Port ${settings.port} cannot be had: ${reason}.`, "Choose another.");
    }
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    await server?.close();
  }

  async #open(stateDirectory: string, port: number): Promise<HttpsServer> {
    const [{ openHttpsServer }, { HttpProblem }] = await Promise.all([
      import("../http-server/https-server.ts"),
      import("../http-server/http-problem.ts"),
    ]);
    const host = this.#core.options.https?.host ?? loopback;
    const refusalOf = (error: unknown): HttpProblem | null => {
      const isReload = error instanceof DeviceError && error.code === "device_stopped";
      if (isReload) return new HttpProblem("device_busy", { headers: { "retry-after": "2" } });
      if (error instanceof AgentError && error.code === "report_not_found") return new HttpProblem("report_not_found");
      return null;
    };
    const identity = this.#core.identities.find(({ kind }) => kind === "self-signed");
    return openHttpsServer({ host, port }, identity?.pem ?? "", this.#deviceWith(stateDirectory, refusalOf));
  }

  #deviceWith(stateDirectory: string, refusalOf: HttpDevice["refusalOf"]): HttpDevice {
    const core = this.#core;
    return {
      users: { find: async (name) => httpUser(await this.#userNamed(stateDirectory, name)) },
      control: this.#control,
      reader: () => readerNow(core),
      authenticates: () => core.description.httpServer.authentication !== null,
      monotonicMs: () => core.options.clock?.monotonicMs() ?? performance.now(),
      start: (delayMs, callback) => (core.options.timers ?? systemTimers).start(delayMs, callback),
      note: (event, name, address) => core.note(loginLine(event, name, address)),
      failed: (error) => core.note(failureLine(error)),
      refusalOf,
    };
  }

  async #userNamed(stateDirectory: string, name: string): Promise<DeviceUser | null> {
    const stored = await readUsers(stateDirectory).catch(() => []);
    return [...stored, ...(this.#core.options.https?.users ?? [])].find((user) => user.name === name) ?? null;
  }
}

function httpUser(user: DeviceUser | null): HttpUser {
  return {
    privilege: user?.privilege ?? null,
    passwordVersion: user?.password?.hash ?? "",
    matches: (password) => passwordMatches(password, user?.password ?? null),
  };
}

/** The kind of the failure alone: its text may hold what was sent. */
function failureLine(error: unknown) {
  const kind = error instanceof Error ? ("code" in error && String(error.code)) || error.name : "unknown";
  return { facility: "HTTPS", severity: 3, mnemonic: "REQUEST_FAILED", text: `A request failed: ${kind}` } as const;
}

/** In words; null for what has nothing to do with the port. */
function reasonOfPort(error: unknown): string | null {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "EADDRINUSE") return "something else listens on it";
  if (code === "EACCES") return "the system does not allow it";
  if (code === "EADDRNOTAVAIL") return "the address is none of this machine";
  return null;
}
