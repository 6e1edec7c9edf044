// What can be wrong with a backup, or with the place where it shall go: a closed list, with what to do about it.

import type { RetryClass } from "@countersign/protocol";

export const backupErrors = {
  backup_exists: {
    meaning: "There is a file of this name already.",
    remedy: "Name another file; a backup never replaces one.",
    retry: "permanent",
  },
  backup_unreadable: {
    meaning: "The file is no backup of a manager.",
    remedy: "Name a file that `countersign manager backup` has written.",
    retry: "permanent",
  },
  backup_damaged: {
    meaning: "The backup contradicts itself; nothing was restored from it.",
    remedy: "Use another backup, and find out what altered this one.",
    retry: "permanent",
  },
  restore_target_in_use: {
    meaning: "The data directory to restore into is not empty.",
    remedy: "Name a new directory, or move the old one away first; a restore never overwrites.",
    retry: "permanent",
  },
} as const satisfies Record<string, { readonly meaning: string; readonly remedy: string; readonly retry: RetryClass }>;
export type BackupErrorCode = keyof typeof backupErrors;

export class BackupError extends Error {
  override readonly name = "BackupError";
  readonly code: BackupErrorCode;

  constructor(code: BackupErrorCode, detail: string, options?: ErrorOptions) {
    super(`${backupErrors[code].meaning} ${detail}`, options);
    this.code = code;
  }

  get remedy(): string {
    return backupErrors[this.code].remedy;
  }
}
