// countersign relay device: the devices from which the relay collects.

import { readFileSync } from "node:fs";
import type { Command, CommandInput } from "@countersign/terminal";
import { renderTable } from "@countersign/terminal";
import { type DeviceWish, parseDeviceList, problemOf } from "../devices/collected-device.ts";
import { openRelay, readSecret } from "../program.ts";
import { RelayError } from "../relay-error.ts";
import type { RelayStore } from "../storage/relay-store.ts";
import { directoryOf, instant, relayCommand, requireWords, show, textOf, UsageError } from "./relay-command.ts";
import { noLog } from "./show.ts";

async function withStore<T>(input: CommandInput, use: (store: RelayStore) => T): Promise<T> {
  const relay = openRelay(directoryOf(input), noLog);
  try {
    return use(relay.store);
  } finally {
    relay.close();
  }
}

function put(store: RelayStore, device: DeviceWish): void {
  store.devices.put({ ...device, udi: null, lastContactAtMs: null, lastOutcome: "" });
}

const list = relayCommand({
  name: "list",
  summary: "List the devices that are collected from; never their passwords",
  run: async (input) => {
    requireWords(input);
    const devices = await withStore(input, (store) => store.devices.list().map(({ password: _, ...device }) => device));
    show(input, devices, (all) =>
      all.length === 0
        ? "The relay collects from no device.\n"
        : renderTable<(typeof devices)[number]>(
            [
              { title: "Name", value: ({ name }) => name },
              { title: "URL", value: ({ url }) => url },
              { title: "User", value: ({ user }) => user },
              { title: "Device", value: ({ udi }) => udi ?? "" },
              { title: "Last contact", value: ({ lastContactAtMs }) => instant(lastContactAtMs) },
              { title: "Outcome", value: ({ lastOutcome }) => lastOutcome },
            ],
            all,
          ),
    );
    return 0;
  },
});

const add = relayCommand({
  name: "add",
  summary: "Add a device, or change it",
  usage: "<name> --url https://HOST[:PORT] --user NAME --password-file FILE [--fingerprint SHA256]",
  options: {
    url: { type: "string", description: "The device's own HTTPS server." },
    user: { type: "string", description: "A user of the device who may read and change." },
    "password-file": { type: "string", description: "File with the user's password." },
    fingerprint: {
      type: "string",
      description: "SHA-256 of the device's certificate; without it this machine's authorities judge.",
    },
  },
  run: async (input) => {
    const [name = ""] = requireWords(input, "name");
    const passwordFile = textOf(input, "password-file");
    if (passwordFile === undefined) throw new UsageError("--password-file is needed");
    const device = {
      name,
      url: textOf(input, "url") ?? "",
      user: textOf(input, "user") ?? "",
      password: readSecret(passwordFile),
      fingerprint: (textOf(input, "fingerprint") ?? "").replaceAll(":", "").toLowerCase(),
    };
    const problem = problemOf(device);
    if (problem !== null) throw new UsageError(`the device ${problem}`);
    await withStore(input, (store) => put(store, device));
    show(input, { name }, () => `The relay collects from ${name}.\n`);
    return 0;
  },
});

const remove = relayCommand({
  name: "remove",
  summary: "Collect from a device no more",
  usage: "<name>",
  run: async (input) => {
    const [name = ""] = requireWords(input, "name");
    const isRemoved = await withStore(input, (store) => store.devices.remove(name));
    if (!isRemoved) throw new RelayError("device_unknown", name);
    show(input, { name }, () => `The relay collects from ${name} no more.\n`);
    return 0;
  },
});

const importList = relayCommand({
  name: "import",
  summary: "Take a CSV list of devices, row by row",
  usage: "<file>",
  run: async (input) => {
    const [file = ""] = requireWords(input, "file");
    const verdicts = parseDeviceList(readFileSync(file, "utf8"));
    await withStore(input, (store) => {
      for (const { device } of verdicts) if (device !== null) put(store, device);
    });
    const rows = verdicts.map(({ row, device, problem }) => ({ row, name: device?.name ?? null, problem }));
    const wrong = rows.filter(({ problem }) => problem !== null);
    show(input, rows, () => {
      const told = wrong.map(({ row, problem }) => `  row ${row} ${problem}\n`).join("");
      return `${rows.length - wrong.length} devices were taken, ${wrong.length} rows were not.\n${told}`;
    });
    return wrong.length === 0 ? 0 : 3;
  },
});

export const device: Command = {
  name: "device",
  summary: "Devices from which the relay collects",
  subcommands: [add, importList, list, remove],
};
