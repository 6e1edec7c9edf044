// What every command shares.

export { type Command, type CommandInput, exitCodes, type OptionDescription } from "./command.ts";
export { formatDuration, formatRelative } from "./duration.ts";
export { type Column, renderTable } from "./table.ts";
