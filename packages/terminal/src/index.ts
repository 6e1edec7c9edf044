// What every command shares.

export { type Command, type CommandInput, exitCodes, type OptionDescription } from "./command.ts";
export { compiledCodeFolder, enableCompiledCode, keepCompiledCode } from "./compiled-code.ts";
export { formatDuration, formatRelative } from "./duration.ts";
export { type LogLines, logLines, tellFailingOutput } from "./failing-output.ts";
export { gunzip } from "./gunzip.ts";
export { systemRemedy } from "./system-failure.ts";
export { type Column, renderTable } from "./table.ts";
export { syncDirectory, writeFileAtomically } from "./write-file-atomically.ts";
