// What can go wrong for whoever runs a device or talks to one: a closed list, with what to do about it.

import type { RetryClass } from "@countersign/protocol";

export const deviceErrors = {
  platform_unknown: {
    meaning: "No platform has this name.",
    remedy: "List the platforms with `countersign device platforms`.",
    retry: "permanent",
  },
  device_state_unreadable: {
    meaning: "The stored description of the device cannot be read.",
    remedy: "Restore device.json from a copy, or start a new device in an empty folder.",
    retry: "permanent",
  },
  no_device_here: {
    meaning: "No device was ever run with this state folder.",
    remedy: "Start one with `countersign device run --state <folder> --platform <name>`.",
    retry: "permanent",
  },
  platform_differs: {
    meaning: "The state folder belongs to a device of another platform.",
    remedy: "Leave out --platform, or use another folder.",
    retry: "permanent",
  },
  software_without_policy_mode: {
    meaning: "This software version has neither licensing by policy nor the classic model before it.",
    remedy: "Use a newer software version.",
    retry: "permanent",
  },
  path_outside_flash: {
    meaning: "The path does not lie in the flash of the device.",
    remedy: "Name a file such as flash:usage.txt.",
    retry: "permanent",
  },
  file_system_unknown: {
    meaning: "The device has no such file system: it keeps files in its flash, and sends none away.",
    remedy: "Name a file such as flash:usage.txt, and carry it from the folder `flash` of the device's state.",
    retry: "permanent",
  },
  flash_file_unreadable: {
    meaning: "The file cannot be read from the flash of the device.",
    remedy: "Put the file into the folder `flash` of the device's state, and name it as flash:file.",
    retry: "permanent",
  },
  control_path_too_long: {
    meaning: "The state folder's path is too long for a control socket.",
    remedy: "Use a folder with a shorter path.",
    retry: "permanent",
  },
  control_request_invalid: {
    meaning: "The control request cannot be read.",
    remedy: "Send one JSON object a line.",
    retry: "permanent",
  },
  control_request_too_large: {
    meaning: "The control request is too large.",
    remedy: "Send one command a request.",
    retry: "permanent",
  },
  device_unreachable: {
    meaning: "The running device did not answer.",
    remedy: "Look at its output; restart it when it hangs.",
    retry: "transient",
  },
  device_stopped: {
    meaning: "The device has been stopped.",
    remedy: "Start it again on its state folder.",
    retry: "permanent",
  },
  users_unreadable: {
    meaning: "The list of the device's users cannot be read.",
    remedy: "Restore users.json from a copy, or remove it and add the users again.",
    retry: "permanent",
  },
  user_invalid: {
    meaning: "This user cannot be added.",
    remedy: "Correct what is named.",
    retry: "permanent",
  },
  ssh_needs_state: {
    meaning: "A device without a state folder has no users and no host key.",
    remedy: "Give it a state folder, or leave the SSH server out.",
    retry: "permanent",
  },
  https_unavailable: {
    meaning: "The HTTPS server cannot be started.",
    remedy: "Do what is said, or leave the HTTPS server out.",
    retry: "transient",
  },
  option_invalid: {
    meaning: "An option has a value that cannot be used.",
    remedy: "Correct the option that is named.",
    retry: "permanent",
  },
} as const satisfies Record<string, { readonly meaning: string; readonly remedy: string; readonly retry: RetryClass }>;

export type DeviceErrorCode = keyof typeof deviceErrors;

export class DeviceError extends Error {
  override readonly name = "DeviceError";
  readonly code: DeviceErrorCode;
  readonly detail: string;

  constructor(code: DeviceErrorCode, detail = "", options?: ErrorOptions) {
    super(detail === "" ? deviceErrors[code].meaning : `${deviceErrors[code].meaning} ${detail}`, options);
    this.code = code;
    this.detail = detail;
  }

  get remedy(): string {
    return deviceErrors[this.code].remedy;
  }

  get retry(): RetryClass {
    return deviceErrors[this.code].retry;
  }
}
