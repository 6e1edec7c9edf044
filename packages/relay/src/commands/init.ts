// countersign relay init and configure.

import type { InitializedRelay } from "../program/init-relay.ts";
import { readSecret } from "../program.ts";
import { checkSettings, readSettings, writeSettings } from "../state-directory/settings.ts";
import {
  directoryOf,
  facts,
  givenSettings,
  relayCommand,
  requireWords,
  settingOptions,
  show,
  textOf,
  UsageError,
} from "./relay-command.ts";

export const init = relayCommand({
  name: "init",
  summary: "Create a relay and give it trust with an ID token of the virtual account that it works for",
  usage:
    "--manager-url URL --root FILE --token-file FILE (--plain-http true | --tls-certificate-file FILE --tls-key-file FILE)",
  options: {
    ...settingOptions,
    root: { type: "string", description: "PEM file of the licensing root." },
    "token-file": { type: "string", description: "File with the ID token; it is not needed any more afterwards." },
  },
  run: async (input) => {
    requireWords(input);
    const [rootFile, tokenFile] = [textOf(input, "root"), textOf(input, "token-file")];
    if (rootFile === undefined || tokenFile === undefined) throw new UsageError("--root and --token-file are needed");
    const { initRelay } = await import("../program/init-relay.ts");
    const made = await initRelay({
      directory: directoryOf(input),
      rootFile,
      token: readSecret(tokenFile),
      settings: givenSettings(input),
      signal: input.signal,
    });
    show(input, made, render);
    return 0;
  },
});

function render({ settings, smartAccount, virtualAccount, udi, productInstanceIdentifier }: InitializedRelay): string {
  return facts([
    ["Manager", settings.managerUrl],
    ["Smart account", smartAccount],
    ["Virtual account", virtualAccount],
    ["Relay", udi],
    ["Product instance", productInstanceIdentifier],
    ["Next", "countersign relay serve"],
  ]);
}

export const configure = relayCommand({
  name: "configure",
  summary: "Change settings; they hold from the next start of the relay",
  usage: "[--SETTING VALUE]…",
  options: settingOptions,
  run: async (input) => {
    requireWords(input);
    const directory = directoryOf(input);
    const settings = checkSettings({ ...readSettings(directory), ...givenSettings(input) });
    await writeSettings(directory, settings);
    show(input, settings, (all) => facts(Object.entries(all).map(([name, value]) => [name, String(value)] as const)));
    return 0;
  },
});
