// A product as anybody might write one: a renderer whose workers are licensed by number. It shows the whole of what a
// product has to do: create an agent, say what is used, and listen. It never waits for licensing and never stops for it.

import { type Agent, type AgentOptions, createAgent } from "@countersign/agent";

export const rendererTag = "regid.2026-01.org.countersign.ExampleRenderer,v1_7d7a4b52-7c2f-4c58-9a86-3b1d7f6a1c01";
export const workerTag = "regid.2026-01.org.countersign.RendererWorker,1.0_c2f0b7de-64ac-4b0c-8b8e-0a5f3f1e9d02";

export type RendererOptions = {
  /** Belongs to this product alone; licensing survives restarts in it. */
  readonly stateDirectory: AgentOptions["stateDirectory"];
  readonly managerUrl: string;
  /** PEM text of the manager's root certificate. */
  readonly rootCertificate: string;
  readonly serialNumber: string;
  readonly say: (text: string) => void;
  readonly trusted?: () => void;
  readonly acknowledged?: () => void;
  /** Trust was refused or the manager cannot be reached; the agent keeps trying where that makes sense. */
  readonly failed?: () => void;
  /** Clock, timers, transport and the like, for simulations. */
  readonly agent?: Partial<AgentOptions>;
};

export class Renderer {
  readonly #agent: Agent;
  #workers = 0;

  private constructor(agent: Agent) {
    this.#agent = agent;
  }

  static async start(options: RendererOptions): Promise<Renderer> {
    const { say } = options;
    const agent = await createAgent({
      stateDirectory: options.stateDirectory,
      product: {
        softwareTag: rendererTag,
        softwareVersion: "1.0.0",
        members: [{ udi: { pid: "EXAMPLE-RENDERER", serialNumber: options.serialNumber }, role: "Active" }],
      },
      transport: { type: "smart", url: options.managerUrl },
      trustAnchors: options.rootCertificate,
      on: {
        trust: (notice) => {
          if (notice.type === "trust-installed") {
            say("trusted by the manager");
            options.trusted?.();
          } else {
            say(`no trust: ${notice.message}`);
            options.failed?.();
          }
        },
        policy: ({ name }) => say(`policy installed: ${name}`),
        acknowledged: ({ reportIds }) => {
          say(`usage acknowledged: report ${reportIds.join(", ")}`);
          options.acknowledged?.();
        },
        deadline: ({ days }) => say(`a usage report has to be acknowledged within ${days} days`),
        // Here a product may decide to do something. This one, like most, only says so.
        overdue: ({ deadlineAtMs }) =>
          say(`an acknowledgement is overdue since ${new Date(deadlineAtMs).toISOString()}`),
        communication: (notice) => {
          if (notice.type === "communication-restored") {
            say("the manager can be reached again");
          } else {
            say(`the manager cannot be reached: ${notice.message}; rendering goes on`);
            options.failed?.();
          }
        },
      },
      ...options.agent,
    });
    return new Renderer(agent);
  }

  get agent(): Agent {
    return this.#agent;
  }

  /** Works with so many workers from now on, and says so to licensing. No answer is waited for. */
  async useWorkers(count: number): Promise<void> {
    this.#workers = count;
    await this.#agent.request(workerTag, count, { licenseClass: "subscription" });
  }

  /** The product's actual work. */
  render(scene: string): string {
    return `${scene} rendered by ${this.#workers} workers`;
  }

  get isTrusted(): boolean {
    return Object.values(this.#agent.state().trust.members).some((trust) => trust.status === "installed");
  }

  /** Needed once in the product's life. */
  async enrol(token: string): Promise<void> {
    if (!this.isTrusted) await this.#agent.trust(token);
  }

  /** A report is sent by itself, at the latest when the policy wants one; this sends one now. */
  async reportNow(): Promise<void> {
    await this.#agent.sync();
  }

  async stop(): Promise<void> {
    await this.#agent.stop();
  }
}
