// One source of time and chance for lab, tests and simulations.

export { ManualTime } from "./manual-time.ts";
export { SeededRandomness } from "./seeded-randomness.ts";
