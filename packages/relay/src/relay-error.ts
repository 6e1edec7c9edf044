// Everything that a relay refuses by itself, as one closed table. Codes are interface: never renamed, never reused.

import type { RetryClass } from "@countersign/protocol";

type RelayErrorDescription = { readonly meaning: string; readonly remedy: string; readonly retry: RetryClass };

const permanent = (meaning: string, remedy: string): RelayErrorDescription => ({ meaning, remedy, retry: "permanent" });

export const relayErrors = {
  relay_not_initialised: permanent(
    "There is no relay in this directory.",
    "Create it with `countersign relay init`, or name another one with --state-directory.",
  ),
  relay_already_initialised: permanent(
    "There is a relay in this directory already.",
    "Use it, or name another directory.",
  ),
  relay_running: permanent(
    "Another process serves from this state directory, or sets it up.",
    "Stop it first, or leave it running.",
  ),
  relay_state_damaged: permanent(
    "A file of the state directory cannot be read.",
    "Restore it from a backup, or begin a new directory; what was held and not sent up is on the devices still.",
  ),
  relay_setting_invalid: permanent("A setting of the relay is wrong.", "The detail says which; see --help."),
  relay_not_trusted: permanent(
    "The manager did not give this relay trust.",
    "Create an ID token in the virtual account and repeat the command with it.",
  ),
  relay_store_full: {
    meaning: "The relay holds as much as it may.",
    remedy: "Bring the manager back, or give the relay more room (storeMebibytesMax). Devices keep what was not taken.",
    retry: "later",
  },
  relay_store_unwritable: {
    meaning: "The relay's database takes nothing at this moment.",
    remedy: "Make room on the disk of its state directory, and see that its user may write there.",
    retry: "later",
  },
  relay_overloaded: {
    meaning: "More has arrived at the relay than it has room for before it has answered.",
    remedy: "Nothing; the device sends again by itself. Raise requestMebibytesReceivedMax where it goes on.",
    retry: "later",
  },
  manager_away: {
    meaning: "The relay cannot reach the manager at this moment.",
    remedy: "Look at `countersign relay show`; the device asks again by itself.",
    retry: "later",
  },
  poll_not_held: permanent(
    "The relay holds nothing under this poll id, or the manager refused what was under it.",
    "Send the reports again.",
  ),
  device_list_invalid: permanent("The list of devices cannot be read.", "Compare with docs/operating/relay.md."),
  device_unknown: permanent("The relay collects from no device of this name.", "See `countersign relay device list`."),
  device_unreachable: {
    meaning: "The device did not answer.",
    remedy: "See that it runs, and that its address, its certificate and the user's password are those of the list.",
    retry: "later",
  },
  device_refuses_answer: permanent(
    "The device refused the manager's answer that was brought back.",
    "See its log. Its reports are there still; the next collection brings them up again.",
  ),
  device_answer_invalid: permanent(
    "The device answered something that is no list of reports.",
    "See that the address is that of the device's HTTPS server.",
  ),
  bundle_empty: permanent("Nothing waits that a bundle could carry.", "Nothing; everything was sent up."),
} as const satisfies Record<string, RelayErrorDescription>;

export type RelayErrorCode = keyof typeof relayErrors;

export class RelayError extends Error {
  override readonly name = "RelayError";
  readonly code: RelayErrorCode;
  readonly detail: string;

  constructor(code: RelayErrorCode, detail = "", options?: ErrorOptions) {
    super(detail === "" ? relayErrors[code].meaning : `${relayErrors[code].meaning} ${detail}`, options);
    this.code = code;
    this.detail = detail;
  }

  get remedy(): string {
    return relayErrors[this.code].remedy;
  }
}
