// The lab's parts, for whole-system tests.

export { type FleetInstance, fleet, labSmartAccount, labVirtualAccount } from "./fleet.ts";
export { type LabDirectory, labDirectory } from "./lab-directory.ts";
export { type LabInstance, type LabOptions, RunningLab } from "./running-lab.ts";
export { describeMissing, isComplete, type LabSummary, summarize } from "./summary.ts";
