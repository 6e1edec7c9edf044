// The reviewed public surface of the manager.

export * from "./accounts/account.ts";
export type { NewPurchaseText } from "./accounts/license-import.ts";
export type { Purchase, PurchaseKind } from "./accounts/purchase.ts";
export type { TokenState, TokenWish } from "./accounts/token.ts";
export { tokenUsesMax } from "./accounts/token.ts";
export * from "./backup-error.ts";
export {
  type AdministrationCall,
  type AdministrationClient,
  AdministrationProblem,
  connectToRunningManager,
} from "./commands/administration-client.ts";
export * from "./errors.ts";
export type { Cause, EventKind, StoredEvent } from "./events/event.ts";
export { describeEvent, eventKinds } from "./events/event.ts";
export { defaultManagerOptions } from "./manager-options.ts";
export * from "./ports.ts";
export * from "./program/backup-manager.ts";
export * from "./program/init-manager.ts";
export { createRequestHandler, type RequestHandler } from "./program/request-handler.ts";
export * from "./program/restore-manager.ts";
export * from "./program/start-manager.ts";
export * from "./program.ts";
export { openSqliteStorage } from "./storage/sqlite/sqlite-storage.ts";
export type { Storage, Transaction } from "./storage-ports.ts";
export type { DeviceCertificate, Installation, ProductInstance } from "./trust/product-instance.ts";
export { createUseCases } from "./use-cases/create-use-cases.ts";
export { recordUsage, type UsageMessage } from "./use-cases/record-usage.ts";
export * from "./use-cases/use-cases.ts";
