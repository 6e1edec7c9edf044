// What every command shares, and what running programs share with the system below them.

export { type Command, type CommandInput, exitCodes, type OptionDescription } from "./command.ts";
export { compiledCodeFolder, enableCompiledCode, keepCompiledCode } from "./compiled-code.ts";
export { formatDuration, formatRelative } from "./duration.ts";
export { type LogLines, logLines, tellFailingOutput } from "./failing-output.ts";
export { gunzip } from "./gunzip.ts";
export { describeMetrics, type MetricDescription } from "./metric-descriptions.ts";
export { ReceivedBytes, TooMuchReceived } from "./received-bytes.ts";
export { type Repeated, repeatWhileRunning } from "./repeat-while-running.ts";
export { systemRemedy } from "./system-failure.ts";
export { type Column, renderTable } from "./table.ts";
export { syncDirectory, writeFileAtomically } from "./write-file-atomically.ts";
