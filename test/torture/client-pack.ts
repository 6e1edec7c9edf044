// Devices that report at the same time until the manager that they speak to is killed.

import type { AcknowledgedList } from "./acknowledged-list.ts";
import { enrolClients } from "./enrol-clients.ts";
import type { ReportingClient } from "./reporting-client.ts";

export class ClientPack {
  readonly #list: AcknowledgedList;
  readonly #rootCertificatePem: string;
  #clients: readonly ReportingClient[] = [];
  #onAcknowledged: () => void = () => undefined;

  constructor(list: AcknowledgedList, rootCertificatePem: string) {
    this.#list = list;
    this.#rootCertificatePem = rootCertificatePem;
  }

  async enrol(port: number, token: string, clientCount: number): Promise<void> {
    const target = { port, rootCertificatePem: this.#rootCertificatePem };
    this.#clients = await enrolClients(target, token, clientCount, (entries) => {
      this.#list.add(entries);
      this.#onAcknowledged();
    });
  }

  /** All report until `isEnough`; then `kill` is called while they go on, and their connections end with it. */
  async reportUntil(port: number, isEnough: () => boolean, kill: () => Promise<void>): Promise<void> {
    const enough = Promise.withResolvers<void>();
    const cut = Promise.withResolvers<null>();
    this.#onAcknowledged = () => {
      if (isEnough()) enough.resolve();
    };
    const target = { port, rootCertificatePem: this.#rootCertificatePem };
    const reporting = Promise.all(this.#clients.map((client) => client.reportUntilCut(target, cut.promise)));
    await Promise.race([enough.promise, reporting]);
    await kill();
    cut.resolve(null);
    await reporting;
  }

  async settle(port: number): Promise<void> {
    const target = { port, rootCertificatePem: this.#rootCertificatePem };
    await Promise.all(this.#clients.map((client) => client.settle(target)));
  }
}
