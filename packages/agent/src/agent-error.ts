// What can go wrong for the program that embeds the agent. Failures of an exchange with the manager are no errors: they
// are part of the state (`Failure`), because licensing never stops a product.

export const agentErrors = {
  directory_in_use: {
    meaning: "Another process uses this state directory.",
    remedy: "Stop that process, or give this one a directory of its own.",
    retry: "transient",
  },
  directory_unusable: {
    meaning: "The state directory cannot be created, read or written.",
    remedy: "Check that it exists on a local file system and belongs to the user of this process.",
    retry: "permanent",
  },
  storage_failed: {
    meaning: "The state could not be written.",
    remedy:
      "Check free space and errors of the disk; the last durable state stands, and what was asked for can be asked again.",
    retry: "transient",
  },
  key_missing: {
    meaning: "A private key that trust refers to is not in the state directory, or is damaged.",
    remedy: "Restore the directory's keys folder, or establish trust again with a new token and force.",
    retry: "permanent",
  },
  option_invalid: {
    meaning: "An option has a value that cannot be used.",
    remedy: "Correct the option that is named.",
    retry: "permanent",
  },
  request_refused: {
    meaning: "The request cannot be carried out as it is; nothing was changed.",
    remedy: "The detail says what is in the way.",
    retry: "permanent",
  },
  report_not_found: {
    meaning: "The requested item was not found",
    remedy: "List the reports and name one of them.",
    retry: "permanent",
  },
  import_refused: {
    meaning: "The file was not imported; nothing was changed.",
    remedy:
      "Take the file that the manager made for this device, unchanged; the detail says what is wrong with this one.",
    retry: "permanent",
  },
  stopped: {
    meaning: "The agent has been stopped.",
    remedy: "Create a new agent on the same directory.",
    retry: "permanent",
  },
} as const;

export type AgentErrorCode = keyof typeof agentErrors;

export class AgentError extends Error {
  override readonly name = "AgentError";
  readonly code: AgentErrorCode;
  readonly detail: string;

  constructor(code: AgentErrorCode, detail = "", options?: ErrorOptions) {
    super(detail === "" ? agentErrors[code].meaning : `${agentErrors[code].meaning} ${detail}`, options);
    this.code = code;
    this.detail = detail;
  }

  get remedy(): string {
    return agentErrors[this.code].remedy;
  }

  get retry(): "permanent" | "transient" {
    return agentErrors[this.code].retry;
  }
}
