// The vocabulary of a console as a tree of plain values. One tree serves parsing, help and completion, so that what is
// accepted and what is shown can never differ. A new command is a new branch.

/**
 * Below global configuration: a trustpoint, its certificates, an interface, a VRF, Call Home and one of its profiles. A command of global
 * configuration leaves them.
 */
export const subModes = [
  "ca-trustpoint",
  "config-cert-chain",
  "config-if",
  "config-vrf",
  "cfg-call-home",
  "cfg-call-home-profile",
] as const;
/** Where a command is typed: user EXEC, privileged EXEC, global configuration, or below it. */
export const consoleModes = ["user", "exec", "config", ...subModes] as const;
export type ConsoleMode = (typeof consoleModes)[number];

/** What entering privileged EXEC takes, and what it gives. */
export const privilegeOfEnable = 15;

export function isConfigurationMode(mode: ConsoleMode): boolean {
  return mode !== "user" && mode !== "exec";
}

/** Whose commands are taken in a mode, too: those of the modes that it lies in, the nearest first. */
export function enclosingModes(mode: ConsoleMode): readonly ConsoleMode[] {
  if (mode === "cfg-call-home-profile") return ["cfg-call-home", "config"];
  return (subModes as readonly ConsoleMode[]).includes(mode) ? ["config"] : [];
}

/**
 * What an argument takes; an `address` is four octets, `line` swallows the rest of the line, a `file` is one with or without a
 * file system's name, and a `remote` one has it.
 */
export type ArgumentKind = "word" | "number" | "address" | "line" | "file" | "remote";

export type CommandNode<Action> = {
  readonly part: /** `isTypedInFull`: another spelling of a command, which must not make the first one ambiguous. */
    | {
        readonly type: "keyword";
        readonly word: string;
        readonly isTypedInFull?: boolean;
        /** Taken, and never offered by `?` or Tab. */
        readonly isHidden?: boolean;
      }
    | {
        readonly type: "argument";
        readonly name: string;
        readonly kind: ArgumentKind;
        /** Shown by `?`: WORD, <1-365>, LINE, or what the field prints. */
        readonly shown: string;
        readonly min?: number;
        readonly max?: number;
      };
  readonly help: string;
  /** Only in these modes; inherited by everything below. Absent means wherever the parent is. */
  readonly modes?: readonly ConsoleMode[];
  /** What the line means when it ends here. Absent means it is incomplete. */
  readonly action?: Action;
  readonly next: readonly CommandNode<Action>[];
};

/** What a branch adds: the meaning of a line that ends here, the modes, and what may follow. */
export type Branch<Action> = {
  readonly action?: Action;
  readonly modes?: readonly ConsoleMode[];
  readonly next?: readonly CommandNode<Action>[];
};

export function keyword<Action>(word: string, help: string, branch: Branch<Action>): CommandNode<Action> {
  return { part: { type: "keyword", word }, help, ...branch, next: branch.next ?? [] };
}

/** Another spelling of a command; never cut short. */
export function spelling<Action>(word: string, help: string, branch: Branch<Action>): CommandNode<Action> {
  return { part: { type: "keyword", word, isTypedInFull: true }, help, ...branch, next: branch.next ?? [] };
}

/** A command for those who look inside: taken when it is typed in full, and offered to nobody. */
export function hidden<Action>(word: string, help: string, branch: Branch<Action>): CommandNode<Action> {
  const part = { type: "keyword", word, isTypedInFull: true, isHidden: true } as const;
  return { part, help, ...branch, next: branch.next ?? [] };
}

export function word<Action>(name: string, help: string, branch: Branch<Action>): CommandNode<Action> {
  return { part: { type: "argument", name, kind: "word", shown: "WORD" }, help, ...branch, next: branch.next ?? [] };
}

export function line<Action>(name: string, help: string, branch: Branch<Action>): CommandNode<Action> {
  return { part: { type: "argument", name, kind: "line", shown: "LINE" }, help, ...branch, next: branch.next ?? [] };
}

/** An IPv4 address, or a mask in its form. */
export function address<Action>(name: string, help: string, branch: Branch<Action>): CommandNode<Action> {
  const part = { type: "argument", name, kind: "address", shown: "A.B.C.D" } as const;
  return { part, help, ...branch, next: branch.next ?? [] };
}

/** A whole number within bounds, both included. */
export function number<Action>(
  name: string,
  bounds: readonly [min: number, max: number],
  help: string,
  branch: Branch<Action>,
): CommandNode<Action> {
  const [min, max] = bounds;
  const part = { type: "argument", name, kind: "number", shown: `<${min}-${max}>`, min, max } as const;
  return { part, help, ...branch, next: branch.next ?? [] };
}

/** A file of the flash. */
export function file<Action>(name: string, help: string, branch: Branch<Action>): CommandNode<Action> {
  return { part: { type: "argument", name, kind: "file", shown: "flash:" }, help, ...branch, next: branch.next ?? [] };
}

/** A file where a word may mean something else: it begins with a file system's name. */
export function remote<Action>(name: string, help: string, branch: Branch<Action>): CommandNode<Action> {
  const part = { type: "argument", name, kind: "remote", shown: "flash:" } as const;
  return { part, help, ...branch, next: branch.next ?? [] };
}

/** Below `no`: with or without the value that is taken back, so that any line that configures can be. */
export function cleared<Action>(name: string, help: string, action: Action): CommandNode<Action> {
  return keyword(name, help, { action, next: [line("value", "Whatever it was", { action })] });
}
