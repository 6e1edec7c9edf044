// countersign relay collect, send, renew, export and import: what a relay does by itself, done now, beside one that serves or without it.

import { readFileSync, writeFileSync } from "node:fs";
import type { CommandInput } from "@countersign/terminal";
import { ManagerRefusal } from "../ports.ts";
import { openRelay, type Relay } from "../program.ts";
import { RelayError } from "../relay-error.ts";
import { exportBundle, importAnswer } from "../use-cases/carry-bundle.ts";
import { collectFromAll, deliverToAll } from "../use-cases/collect-usage.ts";
import { directoryOf, relayCommand, requireWords, show } from "./relay-command.ts";
import { noLog } from "./show.ts";

async function withRelay<T>(input: CommandInput, use: (relay: Relay) => Promise<T>): Promise<T> {
  const relay = openRelay(directoryOf(input), noLog);
  try {
    return await use(relay);
  } finally {
    relay.close();
  }
}

export const collect = relayCommand({
  name: "collect",
  summary: "Collect usage from the devices of the list, or from one, and bring back what was answered",
  usage: "[<name>]",
  run: (input) =>
    withRelay(input, async ({ collecting, settings, sendUp }) => {
      const [name] = input.positionals.length === 0 ? [undefined] : requireWords(input, "name");
      const collections = await collectFromAll(collecting, name);
      if (settings.connected) await sendUp.run();
      const delivered = await deliverToAll(collecting);
      show(input, { collections, delivered }, () =>
        collections
          .map(({ device, reports, code }) => `${device}: ${code ?? `${reports} reports`}\n`)
          .concat(`${delivered} answers were brought back.\n`)
          .join(""),
      );
      return collections.some(({ code }) => code !== null) ? 4 : 0;
    }),
});

export const send = relayCommand({
  name: "send",
  summary: "Bring what waits to the manager now",
  run: (input) =>
    withRelay(input, async ({ sendUp, store }) => {
      requireWords(input);
      await sendUp.run();
      const { waiting } = store.counts();
      const { lastFailure } = sendUp.way;
      if (!store.isWritable()) throw new RelayError("relay_store_unwritable", `${waiting} requests wait.`);
      if (lastFailure !== null) throw new RelayError("manager_away", `(${lastFailure}) ${waiting} requests wait.`);
      show(input, { waiting }, () => `${waiting} requests wait.\n`);
      return 0;
    }),
});

export const renew = relayCommand({
  name: "renew",
  summary:
    "Ask the manager for a newer certificate of the relay now; a relay that serves asks by itself, a year before the end",
  run: (input) =>
    withRelay(input, async ({ renewal }) => {
      requireWords(input);
      const outcome = await renewal.renew().catch((cause: unknown) => {
        if (cause instanceof ManagerRefusal) throw new RelayError("relay_not_trusted", `(${cause.code})`, { cause });
        throw cause;
      });
      const certificateValidUntil = new Date(renewal.view().validUntilMs).toISOString();
      const said = outcome === "renewed" ? "There is a new certificate" : "The manager gives no newer certificate yet";
      show(input, { outcome, certificateValidUntil }, () => `${said}; it is valid until ${certificateValidUntil}.\n`);
      return 0;
    }),
});

export const exportWaiting = relayCommand({
  name: "export",
  summary: "Write what waits as a bundle that a person carries to the manager",
  usage: "<file>",
  run: (input) =>
    withRelay(input, async ({ store, identity: { stored }, clock }) => {
      const [file = ""] = requireWords(input, "file");
      const account = {
        smartAccount: stored.smart_account_name,
        virtualAccount: stored.virtual_account_name,
        uuid: stored.product_instance_identifier,
      };
      const { bytes, devices, reports } = exportBundle(store, account, clock.now());
      writeFileSync(file, bytes, { mode: 0o600, flag: "wx" });
      show(input, { file, devices, reports }, () => `${file} has ${reports} reports of ${devices} devices.\n`);
      return 0;
    }),
});

export const importCarried = relayCommand({
  name: "import",
  summary: "Take the manager's answer to a bundle, and bring it to devices that are collected from",
  usage: "<file>",
  run: (input) =>
    withRelay(input, async (relay) => {
      const [file = ""] = requireWords(input, "file");
      const imported = await importAnswer(readFileSync(file), relay);
      const delivered = await deliverToAll(relay.collecting);
      show(input, { ...imported, delivered }, () => {
        const wrong = imported.files.flatMap((one) => (one.code === null ? [] : [`  ${one.file}: ${one.code}\n`]));
        return `${imported.answered} requests are answered, ${imported.stillWaiting} wait still.\n${wrong.join("")}`;
      });
      return imported.files.some(({ code }) => code !== null) ? 3 : 0;
    }),
});
