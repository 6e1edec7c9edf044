// How this agent names itself in messages, in the event log and in `show license all` (MSG-10).

export const agentName = "C_agent";
export const agentVersion = "0.1.0_rel/1";
