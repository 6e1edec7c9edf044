// The doctor's reviewed public surface: facts from text, findings from facts.

export { askDevice } from "./asking/ask-device.ts";
export { askRelay, RelaySilent } from "./asking/ask-relay.ts";
export { type CaptureReading, readCapture } from "./capturing/read-capture.ts";
export { diagnose, type Finding, needsSomeone, type OfferedStep } from "./diagnosis/diagnose.ts";
export type { Evidence, Fact, FactKind } from "./diagnosis/fact.ts";
export { type FindingCode, findingCodes } from "./diagnosis/rule-table.ts";
export { type Probe, probe, type StageResult } from "./probing/probe.ts";
export type { ProbeOptions, ProbeSources } from "./probing/probe-options.ts";
export { type Reading, readSession } from "./reading/read-session.ts";
export { sessionBytesMax } from "./reading/reading-limits.ts";
