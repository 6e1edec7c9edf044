// What the show commands need from an agent: its queries, whether it runs or lies stored on disk.

import type { StoredAgent } from "@countersign/agent";

export type AgentQueries = StoredAgent;
