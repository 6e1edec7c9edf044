// What can go wrong for whoever runs a device or talks to one.

export const deviceErrors = {
  platform_unknown: {
    meaning: "No platform has this name.",
    remedy: "List the platforms with `countersign device platforms`.",
  },
  device_state_unreadable: {
    meaning: "The stored description of the device cannot be read.",
    remedy: "Restore device.json from a copy, or start a new device in an empty folder.",
  },
  no_device_here: {
    meaning: "No device was ever run with this state folder.",
    remedy: "Start one with `countersign device run --state <folder> --platform <name>`.",
  },
  platform_differs: {
    meaning: "The state folder belongs to a device of another platform.",
    remedy: "Leave out --platform, or use another folder.",
  },
  path_outside_flash: {
    meaning: "The path does not lie in the flash of the device.",
    remedy: "Name a file such as flash:usage.txt.",
  },
  control_path_too_long: {
    meaning: "The state folder's path is too long for a control socket.",
    remedy: "Use a folder with a shorter path.",
  },
  control_request_invalid: { meaning: "The control request cannot be read.", remedy: "Send one JSON object a line." },
  control_request_too_large: { meaning: "The control request is too large.", remedy: "Send one command a request." },
  device_unreachable: {
    meaning: "The running device did not answer.",
    remedy: "Look at its output; restart it when it hangs.",
  },
  option_invalid: {
    meaning: "An option has a value that cannot be used.",
    remedy: "Correct the option that is named.",
  },
} as const;

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
}
