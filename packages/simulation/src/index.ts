// One source of time, chance and failure for lab, tests and simulations.

export { ManualTime } from "./manual-time.ts";
export { SeededRandomness } from "./seeded-randomness.ts";
export { type DiskFault, SimulatedDisk } from "./simulated-disk.ts";
export {
  type Carrier,
  calmNetwork,
  type NetworkFailure,
  type NetworkFate,
  type NetworkOptions,
  type NetworkWeights,
  SimulatedNetwork,
} from "./simulated-network.ts";
