// What the show commands need from an agent: its queries, whether it runs or lies stored on disk.

import type { Agent } from "@countersign/agent";

export type AgentQueries = Pick<Agent, "state" | "schedule" | "reports" | "report" | "eventLog" | "history">;
