// The embeddable licensing agent: what a product imports.

export {
  Agent,
  type AuthorizationOptions,
  type PlatformEvent,
  type RequestOptions,
  type TrustOptions,
} from "./agent.ts";
export { AgentError, type AgentErrorCode, agentErrors } from "./agent-error.ts";
export type { AgentCallbacks, AgentOptions, ProductOptions, TransportOptions } from "./agent-options.ts";
export { agentName, agentVersion } from "./agent-version.ts";
export { createAgent } from "./create-agent.ts";
export { defaultRelayUrl } from "./exchange/transport-address.ts";
export type { ImportedKind, ImportedObject } from "./import-file.ts";
export { createCertificateRequest, distinguishedName, signatureAlgorithm } from "./keys/certificate-request.ts";
export * as derWriter from "./keys/der.ts";
export { isAuthorized } from "./lifecycle/authorization.ts";
export * from "./lifecycle/authorization-state.ts";
export * from "./lifecycle/classic/classic-state.ts";
export { evaluationRemainingMs, isEvaluating } from "./lifecycle/classic/standing.ts";
export * from "./lifecycle/effect.ts";
export * from "./lifecycle/event.ts";
export { type FactoryReset, type FactoryResetPreview, previewFactoryReset } from "./lifecycle/factory-reset.ts";
export { policyThatHolds } from "./lifecycle/policy-mode.ts";
export {
  describePushRule,
  type PushIntervalView,
  type Schedule,
  type ScheduledJob,
  timeRemaining,
} from "./lifecycle/schedule.ts";
export * from "./lifecycle/state.ts";
export * from "./ports.ts";
export type { AgentQueries, ReportQuery } from "./queries.ts";
export type { PulledReport, UsageSelection } from "./save-usage.ts";
export { formatEvent } from "./storage/event-log.ts";
export { FileDisk } from "./storage/file-disk.ts";
export { MemoryDisk } from "./storage/memory-disk.ts";
export { reportStoreBytesMax } from "./storage/report-store.ts";
export { readStoredAgent } from "./stored-agent.ts";
export { systemClock, systemTimers } from "./system-ports.ts";
export * from "./trace.ts";
export { addressesFrom, type LookupWay, lookupWith } from "./transport/addresses.ts";
export { certificateChainOf } from "./transport/certificate-chain.ts";
export type { TransportTimeouts } from "./transport/connection-pools.ts";
export { SmartTransport, systemConnection } from "./transport/smart-transport.ts";
export { TransportFailure, type TransportFailureCode, transportFailureCodes } from "./transport-failure.ts";
