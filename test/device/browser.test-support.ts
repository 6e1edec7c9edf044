// Headless Chromium over its own protocol (Chrome DevTools Protocol): opens a page, types, clicks, looks. It believes one
// certificate, that of the device under test.

import { spawn } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";

export type Browser = {
  open(url: string): Promise<void>;
  /** The value of an expression in the page; a promise is waited for. */
  evaluate(expression: string): Promise<unknown>;
  /** Puts files of these paths into the field of files that an expression gives, as somebody who chose them. */
  chooseFiles(field: string, files: readonly string[]): Promise<void>;
  /** Resolves when the expression is true. */
  until(expression: string): Promise<void>;
  /** What a person at the keyboard does: one key, or a text into what has the focus. */
  press(key: keyof typeof keys, isShifted?: boolean): Promise<void>;
  type(text: string): Promise<void>;
  resize(width: number, height: number, isDark: boolean): Promise<void>;
  /** PNG of what the window shows, or of the whole page. */
  screenshot(extent: "window" | "page"): Promise<Buffer>;
  /** What the page said on the console of the browser, and what its policy kept it from. */
  readonly complaints: readonly string[];
};

/** By name, with the numbers that browsers know them by. */
const keys = {
  Tab: { code: 9, text: "" },
  Enter: { code: 13, text: "\r" },
  Escape: { code: 27, text: "" },
  ArrowLeft: { code: 37, text: "" },
  Home: { code: 36, text: "" },
  ArrowUp: { code: 38, text: "" },
  ArrowDown: { code: 40, text: "" },
  "/": { code: 191, text: "/" },
} as const;
const shiftModifier = 8;

type Message = {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
};

/** Ended after the test. */
export async function startBrowser(t: TestContext, certificatePem: string): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), "countersign-browser-"));
  const spki = new X509Certificate(certificatePem).publicKey.export({ type: "spki", format: "der" });
  const child = spawn(
    "chromium",
    [
      ...["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"],
      ...["--disable-extensions", "--disable-background-networking", "--remote-debugging-port=0"],
      `--user-data-dir=${profile}`,
      `--ignore-certificate-errors-spki-list=${createHash("sha256").update(spki).digest("base64")}`,
      "about:blank",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const removeProfile = () => rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  t.after(removeProfile);
  // Rejects where there is no such program; then it never ends either.
  await once(child, "spawn");
  const ended = once(child, "exit");
  t.after(async () => {
    child.kill("SIGKILL");
    await ended;
    removeProfile();
  });
  return new DrivenBrowser(await connect(await endpointOf(child.stderr)));
}

async function endpointOf(stderr: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stderr })) {
    const [, endpoint] = /^DevTools listening on (ws:\S+)$/.exec(line) ?? [];
    // What the browser says afterwards is nobody's concern, and must not fill the pipe.
    if (endpoint !== undefined) {
      stderr.resume();
      return endpoint;
    }
  }
  throw new Error("the browser did not start");
}

async function connect(endpoint: string): Promise<PageConnection> {
  const list = `http://${new URL(endpoint).host}/json/list`;
  const targets = (await (await fetch(list)).json()) as { type: string; webSocketDebuggerUrl: string }[];
  const page = targets.find(({ type }) => type === "page");
  if (page === undefined) throw new Error("the browser has no page");
  const socket = new WebSocket(page.webSocketDebuggerUrl);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve, { once: true });
    socket.addEventListener("error", reject, { once: true });
  });
  return new PageConnection(socket);
}

class PageConnection {
  readonly complaints: string[] = [];
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, { resolve(result: Record<string, unknown>): void; reject(error: Error): void }>();
  readonly #events = new Map<string, () => void>();
  #id = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.#receive(JSON.parse(String(data)) as Message));
  }

  call(method: string, params: object = {}): Promise<Record<string, unknown>> {
    this.#id += 1;
    this.#socket.send(JSON.stringify({ id: this.#id, method, params }));
    return new Promise((resolve, reject) => this.#waiting.set(this.#id, { resolve, reject }));
  }

  event(method: string): Promise<void> {
    return new Promise((resolve) => this.#events.set(method, resolve));
  }

  #receive({ id, method = "", params, result, error }: Message): void {
    if (id === undefined) {
      this.#events.get(method)?.();
      const entry = params?.entry as { level?: string; text?: string } | undefined;
      if (method === "Log.entryAdded" && entry?.level === "error") this.complaints.push(entry.text ?? "");
      if (method === "Runtime.exceptionThrown") this.complaints.push(JSON.stringify(params));
      return;
    }
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result ?? {});
    else waiting?.reject(new Error(error.message));
  }
}

class DrivenBrowser implements Browser {
  readonly #page: PageConnection;

  constructor(page: PageConnection) {
    this.#page = page;
  }

  get complaints(): readonly string[] {
    return this.#page.complaints;
  }

  async open(url: string): Promise<void> {
    for (const domain of ["Page", "Runtime", "Log"]) await this.#page.call(`${domain}.enable`);
    const loaded = this.#page.event("Page.loadEventFired");
    await this.#page.call("Page.navigate", { url });
    await loaded;
  }

  async evaluate(expression: string): Promise<unknown> {
    const options = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.#page.call("Runtime.evaluate", options);
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { readonly value?: unknown }).value;
  }

  async chooseFiles(field: string, files: readonly string[]): Promise<void> {
    const { result } = await this.#page.call("Runtime.evaluate", { expression: field });
    const { objectId } = result as { readonly objectId?: string };
    await this.#page.call("DOM.setFileInputFiles", { objectId, files });
  }

  async until(expression: string): Promise<void> {
    const ask = `new Promise((resolve) => {
      const look = () => (${expression}) ? resolve(true) : requestAnimationFrame(look);
      look();
    })`;
    await this.evaluate(ask);
  }

  async press(key: keyof typeof keys, isShifted = false): Promise<void> {
    const common = { key, code: key, windowsVirtualKeyCode: keys[key].code, modifiers: isShifted ? shiftModifier : 0 };
    await this.#page.call("Input.dispatchKeyEvent", { ...common, type: "keyDown", text: keys[key].text });
    await this.#page.call("Input.dispatchKeyEvent", { ...common, type: "keyUp" });
  }

  async type(text: string): Promise<void> {
    await this.#page.call("Input.insertText", { text });
  }

  async resize(width: number, height: number, isDark: boolean): Promise<void> {
    const metrics = { width, height, deviceScaleFactor: 1, mobile: false };
    await this.#page.call("Emulation.setDeviceMetricsOverride", metrics);
    const features = [{ name: "prefers-color-scheme", value: isDark ? "dark" : "light" }];
    await this.#page.call("Emulation.setEmulatedMedia", { features });
  }

  async screenshot(extent: "window" | "page"): Promise<Buffer> {
    const options = { format: "png", captureBeyondViewport: extent === "page" };
    const { data } = await this.#page.call("Page.captureScreenshot", options);
    return Buffer.from(String(data), "base64");
  }
}
