// countersign relay show: what it is, what waits, and since when.

import { Writable } from "node:stream";
import { openRelay, type Relay } from "../program.ts";
import { directoryOf, facts, instant, relayCommand, requireWords, show as write } from "./relay-command.ts";

/** A command says what it did on its own; the relay's log is for whoever serves. */
export const noLog = new Writable({ write: (_line, _encoding, done) => done() });

export const show = relayCommand({
  name: "show",
  summary: "Show the relay's identity, settings and what it holds",
  run: async (input) => {
    requireWords(input);
    const relay = openRelay(directoryOf(input), noLog);
    try {
      write(input, viewOf(relay), render);
      return 0;
    } finally {
      relay.close();
    }
  },
});

function viewOf({ settings, store, identity: { stored }, renewal }: Relay) {
  const { validUntilMs, state, renewalFailure, renewalFailingSinceMs } = renewal.view();
  return {
    udi: `PID:${stored.udi_pid},SN:${stored.udi_serial_number}`,
    productInstanceIdentifier: stored.product_instance_identifier,
    smartAccount: stored.smart_account_name,
    virtualAccount: stored.virtual_account_name,
    certificateValidUntil: new Date(validUntilMs).toISOString(),
    certificateState: state,
    renewalFailure,
    renewalFailingSince: renewalFailingSinceMs === null ? null : new Date(renewalFailingSinceMs).toISOString(),
    settings,
    held: store.counts(),
    undelivered: store.undelivered().length,
    devices: store.devices.list().length,
  };
}

function render(view: ReturnType<typeof viewOf>): string {
  const { settings, held } = view;
  const listening = `${settings.plainHttp ? "http" : "https"}://${settings.host}:${settings.port}/cslu/v1/pi`;
  return facts([
    ["Relay", view.udi],
    ["Account", `${view.smartAccount} / ${view.virtualAccount}`],
    ["Manager", settings.connected ? settings.managerUrl : `${settings.managerUrl} (not connected: by bundles)`],
    ["Certificate until", `${view.certificateValidUntil} (${view.certificateState.replace("_", " ")})`],
    ...(view.renewalFailure === null
      ? []
      : [["Its renewal", `fails since ${view.renewalFailingSince} (${view.renewalFailure})`] as const]),
    ["Listens at", listening],
    ["Waiting", `${held.waiting}, the oldest since ${instant(held.oldestWaitingAtMs)}`],
    ["Acknowledged", String(held.acknowledged)],
    ["Refused", String(held.refused)],
    ["To be given back", String(view.undelivered)],
    ["Collects from", `${view.devices} devices`],
  ]);
}
