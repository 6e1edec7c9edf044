// How this agent names itself in messages (MSG-10).

export { agentVersion } from "./lifecycle/boot.ts";
export const agentName = "C_agent";
