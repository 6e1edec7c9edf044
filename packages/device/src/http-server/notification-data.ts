// The notifications of the module: which notice of the agent becomes which, and what goes along.

import type { AgentNotice } from "@countersign/agent";
import type { DataTree } from "./configuration-tree.ts";
import { moduleName } from "./restconf-data.ts";

/** Numbers of reports in one notification; a listener can hold it. */
export const reportsMax = 1000;

type LedgerNotice = Extract<AgentNotice, { readonly type: "ledger-rewritten" | "ledger-changed" }>;

/** In the envelope of RFC 8040, 6.4. Null for what has no notification: a request that was refused is told to that person. */
export function notificationJson(notice: AgentNotice, atMs: number): string | null {
  const told = notificationOf(notice, atMs);
  if (told === null) return null;
  const [name, content] = told;
  const envelope = { eventTime: new Date(atMs).toISOString(), [`${moduleName}:${name}`]: content };
  return JSON.stringify({ "ietf-restconf:notification": envelope });
}

export function notificationOf(notice: AgentNotice, atMs: number): readonly [name: string, content: DataTree] | null {
  switch (notice.type) {
    case "trust-installed":
      return ["trust-changed", { udi: [notice.udi], outcome: "installed" }];
    case "trust-refused":
      return ["trust-changed", refused(notice)];
    case "authorization-installed":
      return ["authorization-changed", { udi: [notice.udi], outcome: "installed", tag: notice.tags }];
    case "authorization-refused":
      return ["authorization-changed", refused(notice)];
    case "authorization-removed":
      return ["authorization-changed", { udi: [notice.udi], outcome: "removed", reason: notice.reason }];
    case "not-authorized":
      return ["authorization-covers", { tag: notice.tag, "is-authorized": false }];
    case "authorized":
      return ["authorization-covers", { tag: notice.tag, "is-authorized": true }];
    case "policy-installed":
      return ["policy-changed", { version: String(notice.policyVersion), name: text(notice.name) }];
    case "usage-changed":
      return ["usage-changed", { tag: notice.tag, count: notice.count, "count-before": notice.countBefore }];
    case "acknowledged":
      return [
        "reports-acknowledged",
        { sequence: String(notice.sequence), report: notice.reportIds.slice(0, reportsMax).map(String) },
      ];
    case "acknowledgement-due":
    case "acknowledgement-overdue":
      return [
        "acknowledgement-due",
        {
          deadline: new Date(notice.deadlineAtMs).toISOString(),
          "is-overdue": notice.type === "acknowledgement-overdue",
          "is-mandatory": notice.isMandatory,
        },
      ];
    case "communication-failed":
      return [
        "communication-changed",
        { "failing-since": new Date(atMs).toISOString(), stage: notice.stage, reason: text(notice.message) },
      ];
    case "communication-restored":
      return ["communication-changed", {}];
    case "ledger-rewritten":
    case "ledger-changed":
      return ["ledger-changed", ledger(notice)];
    case "classic-standing":
      return ["classic-changed", classic(notice)];
    case "request-refused":
      return null;
    default:
      return notice satisfies never;
  }
}

function classic(notice: Extract<AgentNotice, { readonly type: "classic-standing" }>): DataTree {
  const { isRegistered, standing, shortTags, evaluationRemainingMs, reason } = notice;
  return {
    "is-registered": isRegistered,
    standing: standing.replaceAll("_", "-"),
    "short-tag": shortTags,
    ...(evaluationRemainingMs === null ? {} : { "evaluation-remaining": Math.floor(evaluationRemainingMs / 1000) }),
    ...(reason === null ? {} : { reason: text(reason) }),
  };
}

function refused(notice: { readonly udis: readonly string[]; readonly message: string; readonly final: boolean }) {
  return { udi: notice.udis, outcome: "refused", reason: text(notice.message), "is-final": notice.final };
}

function ledger({ type, kept, offered }: LedgerNotice): DataTree {
  const head = (one: LedgerNotice["kept"]): DataTree => ({
    ledger: one.ledger_id,
    size: String(one.size),
    root: one.root_sha256,
  });
  return { "is-rewritten": type === "ledger-rewritten", kept: head(kept), offered: head(offered) };
}

/** What others wrote, as a YANG string may hold it. */
function text(given: string): string {
  return given.replace(/\p{Cc}/gu, " ").slice(0, 1024);
}
