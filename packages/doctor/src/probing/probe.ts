// A live probe: the way of a message, stage by stage, with the time that each took, up to a HELLO. It goes on as long as going on
// can show something, and changes nothing on the other side.

import { communicationFailures, type FailureStage } from "@countersign/protocol";
import type { SeenCertificate } from "../certificate/describe-certificate.ts";
import { evidenceText, type Fact, type FactKind } from "../diagnosis/fact.ts";
import { ProbeFailure, textOfFailure } from "./probe-failure.ts";
import type { ProbeOptions, ProbeSources } from "./probe-options.ts";
import { dial, openTunnel, resolveName } from "./reach.ts";
import { buildHello, openAnswer, post, readRoots, requireAnswer } from "./say-hello.ts";
import { type Secured, secure, unreachableList } from "./secure.ts";

export type StageResult = {
  readonly stage: FailureStage;
  readonly outcome: "passed" | "failed" | "skipped";
  readonly code: string | null;
  readonly milliseconds: number;
  readonly detail: string;
};

export type Probe = { readonly stages: readonly StageResult[]; readonly facts: readonly Fact[] };

const dayMs = 86_400_000;

export async function probe(options: ProbeOptions, sources: ProbeSources): Promise<Probe> {
  const run = new Run(options, sources);
  await run.all();
  return { stages: run.stages, facts: run.facts };
}

class Run {
  readonly stages: StageResult[] = [];
  readonly facts: Fact[] = [];
  readonly #options: ProbeOptions;
  readonly #sources: ProbeSources;

  constructor(options: ProbeOptions, sources: ProbeSources) {
    this.#options = options;
    this.#sources = sources;
    this.#note("server-host", options.url.hostname, "name");
  }

  async all(): Promise<void> {
    try {
      await this.#way();
    } catch (error) {
      // The stage has been written down; there is nothing behind it.
      if (!(error instanceof ProbeFailure)) throw error;
    }
  }

  async #way(): Promise<void> {
    const { url, proxy } = this.#options;
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const isSecure = url.protocol === "https:";
    const port = Number(url.port || (isSecure ? 443 : 80));
    const connection = proxy === null ? await this.#direct(host, port) : await this.#throughProxy(host, port);
    try {
      if (!isSecure) this.#skip("tls", "the address is http");
      await this.#hello(isSecure ? (await this.#secure(connection, host)).socket : connection);
    } finally {
      connection.destroy();
    }
  }

  async #direct(host: string, port: number) {
    const addresses = await this.#stage(
      "name",
      () => resolveName(host, this.#options),
      (all) => all.join(", "),
    );
    const { socket } = await this.#stage(
      "tcp",
      () => dial(addresses, port, this.#options),
      ({ attempts }) => `port ${port}: ${attempts.map(({ address, outcome }) => `${address} ${outcome}`).join(", ")}`,
    );
    this.#skip("proxy", "none");
    return socket;
  }

  /** The proxy resolves the server's name, so failures to reach the proxy are the proxy's. */
  async #throughProxy(host: string, port: number) {
    const { proxy } = this.#options;
    if (proxy === null) throw new Error("there is no proxy");
    this.#skip("name", "the proxy resolves it");
    this.#skip("tcp", "the proxy connects");
    return this.#stage(
      "proxy",
      async () => {
        const addresses = await resolveName(proxy.host, this.#options).catch((error: ProbeFailure) => {
          throw new ProbeFailure("proxy_name_not_found", error.message, { cause: error });
        });
        const { socket } = await dial(addresses, proxy.port, this.#options).catch((error: ProbeFailure) => {
          throw new ProbeFailure("proxy_unreachable", `${error.message} (${error.code})`, { cause: error });
        });
        return openTunnel(socket, { host, port }, this.#options);
      },
      () => `tunnel through ${proxy.host}:${proxy.port}`,
    );
  }

  async #secure(connection: Parameters<typeof secure>[0], host: string): Promise<Secured> {
    const { expectedIssuer } = this.#options;
    let seen: readonly SeenCertificate[] = [];
    return this.#stage(
      "tls",
      async () => {
        const secured = await secure(connection, host, this.#options);
        seen = secured.chain;
        this.#describe(seen);
        const issuers = seen.map(({ issuer }) => issuer).join(" ← ");
        if (expectedIssuer !== null && !issuers.toLowerCase().includes(expectedIssuer.toLowerCase()))
          this.#note("unexpected-issuer", issuers, "tls");
        if (secured.refusal !== null) {
          secured.socket.destroy();
          throw secured.refusal;
        }
        await this.#revocation(seen);
        return secured;
      },
      ({ protocol, cipher }) => `${protocol}, ${cipher}; issuer ${seen[0]?.issuer ?? "unknown"}`,
    );
  }

  #describe([leaf]: readonly SeenCertificate[]): void {
    if (leaf === undefined) return;
    this.#note("server-certificate-issuer", leaf.issuer, "tls");
    const days = (leaf.notAfterMs - this.#sources.now()) / dayMs;
    const until = new Date(leaf.notAfterMs).toISOString().slice(0, 10);
    this.#note(
      "server-certificate-days",
      days,
      "tls",
      `${leaf.subject}, issued by ${leaf.issuer}, valid until ${until}`,
    );
  }

  async #revocation([leaf]: readonly SeenCertificate[]): Promise<void> {
    for (const url of leaf?.revocationLists ?? []) {
      const failure = await unreachableList(url, this.#options);
      if (failure !== null) this.#note("probe-failed", failure.code, "tls", failure.message);
    }
  }

  async #hello(connection: Parameters<typeof post>[0]): Promise<void> {
    const hello = await buildHello(this.#sources);
    const answer = await this.#stage(
      "http",
      async () => {
        const got = await post(connection, hello, this.#options);
        if (got.dateMs !== null) this.#clock(got.dateMs);
        requireAnswer(got);
        return got;
      },
      ({ body }) => `HTTP 200, ${body.byteLength} bytes`,
    );
    const anchors = readRoots(this.#options.roots);
    if (anchors.length === 0) {
      this.#skip("envelope", "give the licensing root with --root");
      this.#skip("signature", "give the licensing root with --root");
      return;
    }
    const opened = await this.#open(() => openAnswer(answer, hello, anchors, this.#sources.now()));
    if (opened.statusCode === "OK") {
      this.#clock(opened.data.server_time);
      return;
    }
    this.#write("refused", "failed", "refused", 0, opened.statusMessage);
    this.#note("failure-reason", opened.statusMessage, "refused");
  }

  /** One step of reading, two stages: what is wrong with its form, and what with its signature. */
  async #open<T>(read: () => Promise<T>): Promise<T> {
    const began = this.#sources.elapsed();
    try {
      const opened = await read();
      this.#write("envelope", "passed", null, this.#sources.elapsed() - began, "an answer to this HELLO");
      this.#write("signature", "passed", null, 0, "signed by a manager below the root given");
      return opened;
    } catch (error) {
      if (!(error instanceof ProbeFailure)) throw error;
      const isSignature = /^(signature|certificate)_/.test(error.code);
      if (isSignature) this.#write("envelope", "passed", null, 0, "an answer");
      this.#fail(isSignature ? "signature" : "envelope", error, began);
      throw error;
    }
  }

  #clock(serverMs: number): void {
    const seconds = Math.round((this.#sources.now() - serverMs) / 1000);
    this.#note("clock-offset-seconds", seconds, "http", `this machine's clock is ${seconds} s ahead of the server's`);
  }

  async #stage<T>(stage: FailureStage, work: () => Promise<T>, describe: (result: T) => string): Promise<T> {
    const began = this.#sources.elapsed();
    try {
      const result = await work();
      this.#write(stage, "passed", null, this.#sources.elapsed() - began, describe(result));
      this.#note("probe-passed", stage, stage);
      return result;
    } catch (error) {
      if (error instanceof ProbeFailure) this.#fail(stage, error, began);
      throw error;
    }
  }

  #fail(stage: FailureStage, { code, message }: ProbeFailure, began: number): void {
    const table: Readonly<Record<string, { readonly stage: FailureStage }>> = communicationFailures;
    // A connection that is cut in a later stage keeps the stage in which it was cut.
    const named = stage === "signature" || stage === "envelope" ? stage : (table[code]?.stage ?? stage);
    const shown = code.startsWith("connection_") ? stage : named;
    const text = `${textOfFailure(code)} (${message})`;
    this.#write(shown, "failed", code, this.#sources.elapsed() - began, text);
    this.#note("probe-failed", code, shown, text);
  }

  #skip(stage: FailureStage, why: string): void {
    this.#write(stage, "skipped", null, 0, why);
  }

  #write(
    stage: FailureStage,
    outcome: StageResult["outcome"],
    code: string | null,
    took: number,
    detail: string,
  ): void {
    this.stages.push({ stage, outcome, code, milliseconds: Math.round(took * 10) / 10, detail: evidenceText(detail) });
  }

  #note(kind: FactKind, value: string | number, stage: FailureStage, text = String(value)): void {
    const evidence = { source: "probe", place: `stage ${stage}`, text: evidenceText(text) };
    this.facts.push({ kind, value, about: stage, evidence });
  }
}
