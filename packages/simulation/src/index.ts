// One source of time and chance for lab, tests and simulations.

export { ManualClock } from "./manual-clock.ts";
export { SeededRandomness } from "./seeded-randomness.ts";
