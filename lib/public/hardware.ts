/**
 * For hardware designers: {@link planHardware} maps a network to a device, {@link checkPattern} shows that a pattern is
 * clash-free, {@link measureConnectivity} says how well patterns mix, and {@link readFixture} and {@link verifyFixture}
 * compare a design with this package, number by number.
 *
 * @module sparse-train/hardware
 */

export type { PatternViolation } from '../engine/patterns.js';
export { checkPattern, type PatternToCheck, type PatternVerdict } from '../hardware/check-pattern.js';
export {
  type ConnectivityMeasures,
  type Dispersion,
  type JunctionMeasures,
  measureConnectivity,
  patternCount,
  type Scatter,
} from '../hardware/connectivity.js';
export type { HardwareDesign, HardwareParameters, JunctionWiring } from '../hardware/design.js';
export { DEVICES, type Device } from '../hardware/devices.js';
export { type Fixture, parseFixture, readFixture } from '../hardware/fixture.js';
export { planHardware } from '../hardware/plan/plan-hardware.js';
export type {
  Budget,
  HardwarePlan,
  JunctionPlan,
  MemoryBank,
  PlanOutcome,
  PlanRequest,
  Resource,
} from '../hardware/plan/types.js';
export { type FixtureCheck, type FixtureDifference, verifyFixture } from '../hardware/verify.js';
export type { PatternFamily, Wiring } from '../hardware/wiring.js';
