/**
 * Parzen estimators of the densities of good and bad trials, per parameter or joint, as the tree-structured Parzen
 * estimator needs them (Bergstra and others, NeurIPS 2011; weights and widths follow Watanabe,
 * arXiv:2304.11127).
 */
import type { Draws } from '../random.js';
import type { Axis } from '../space/parameter.js';
import { normalCdf } from './normal.js';

/** A density in one dimension: a kernel for every observation, and a wide one for the prior. */
interface Dimension {
  readonly axis: Axis;
  /** For numbers: centres and widths of the kernels; the last one is the prior's. */
  readonly centres: Float64Array;
  readonly widths: Float64Array;
  /** Logarithm of the mass of each kernel within the range. */
  readonly logInside: Float64Array;
  /** For categories: the probability of each category, kernel by kernel. */
  readonly shares: Float64Array;
}

/** The number of latest trials with full weight; older ones have less and less. */
const RECENT = 25;

/** Weights of observations, oldest first: the {@link RECENT} newest are equal, older ones have less weight. */
export function recencyWeights(count: number): number[] {
  if (count <= RECENT) return new Array<number>(count).fill(1);
  const older = count - RECENT;
  const ramp = Array.from({ length: older }, (_, i) =>
    older === 1 ? 1 / count : 1 / count + ((1 - 1 / count) * i) / (older - 1),
  );
  return [...ramp, ...new Array<number>(RECENT).fill(1)];
}

/** A density over some parameters, made of kernels. */
export class ParzenEstimator {
  readonly #dimensions: readonly Dimension[];
  readonly #weights: Float64Array;
  readonly #logWeights: Float64Array;

  /**
   * @param axes - the parameters
   * @param observations - inner coordinates, by observation and axis, oldest first
   */
  constructor(axes: readonly Axis[], observations: readonly (readonly number[])[]) {
    const raw = [...recencyWeights(observations.length), 1];
    const total = raw.reduce((sum, weight) => sum + weight, 0);
    this.#weights = Float64Array.from(raw, (weight) => weight / total);
    this.#logWeights = this.#weights.map(Math.log);
    this.#dimensions = axes.map((axis, d) =>
      dimension(
        axis,
        observations.map((point) => point[d] as number),
      ),
    );
  }

  /** Draws a point: inner coordinates by axis. Discrete coordinates are rounded to a value of the parameter. */
  draw(draws: Draws): number[] {
    const kernel = draws.weighted(this.#weights);
    return this.#dimensions.map(({ axis, centres, widths, shares }) => {
      if (axis.parameter.kind === 'categorical')
        return draws.weighted(shares.subarray(kernel * axis.size, (kernel + 1) * axis.size));
      return roundTo(axis, truncatedNormal(draws, axis, centres[kernel] as number, widths[kernel] as number));
    });
  }

  /** Logarithm of the density (or of the mass, in discrete dimensions) at a point. */
  logDensity(point: readonly number[]): number {
    const logs = this.#logWeights.slice();
    for (const [d, dimension] of this.#dimensions.entries()) addLogs(logs, dimension, point[d] as number);
    const most = logs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    let sum = 0;
    for (const log of logs) sum += Math.exp(log - most);
    return most + Math.log(sum);
  }
}

function dimension(axis: Axis, values: readonly number[]): Dimension {
  const count = values.length + 1;
  const none = new Float64Array(0);
  if (axis.parameter.kind === 'categorical') {
    const { size } = axis;
    const shares = new Float64Array(count * size).fill(1 / size);
    for (const [k, value] of values.entries()) {
      // Every category keeps some probability in every kernel; it shrinks with the number of kernels.
      const total = size / count + 1;
      for (let c = 0; c < size; c++) shares[k * size + c] = (1 / count + (c === value ? 1 : 0)) / total;
    }
    return { axis, centres: none, widths: none, logInside: none, shares };
  }
  const { low, high } = axis;
  const centres = Float64Array.of(...values, (low + high) / 2);
  const widths = neighbourWidths(axis, centres);
  const logInside = centres.map((centre, k) => {
    const width = widths[k] as number;
    return Math.log(normalCdf((high - centre) / width) - normalCdf((low - centre) / width));
  });
  return { axis, centres, widths, logInside, shares: none };
}

/**
 * The width of an observation's kernel is the distance to the farther neighbouring observation, with a lower bound; the
 * prior's kernel, the last one, is as wide as the range.
 */
function neighbourWidths({ low, high }: Axis, centres: Float64Array): Float64Array {
  const range = high - low;
  const observed = centres.subarray(0, -1);
  const order = Array.from(observed, (_, i) => i).sort(
    (a, b) => (observed[a] as number) - (observed[b] as number),
  );
  const least = range / Math.min(100, 1 + centres.length);
  const widths = new Float64Array(centres.length).fill(range);
  for (const [place, k] of order.entries()) {
    const centre = observed[k] as number;
    const before = order[place - 1];
    const after = order[place + 1];
    // The ends of the range count as neighbours only if there is a single observation; otherwise the outermost kernels
    // would get too wide.
    const left =
      before === undefined ? (after === undefined ? centre - low : 0) : centre - (observed[before] as number);
    const right =
      after === undefined ? (before === undefined ? high - centre : 0) : (observed[after] as number) - centre;
    widths[k] = Math.min(range, Math.max(least, left, right));
  }
  return widths;
}

/** Draws until the value lies in the range. At least half of a kernel's mass lies there, and a third of the prior's. */
function truncatedNormal(draws: Draws, { low, high }: Axis, centre: number, width: number): number {
  for (;;) {
    const value = centre + width * draws.normal();
    if (value >= low && value <= high) return value;
  }
}

/** Rounds a coordinate to that of a value of the parameter. */
function roundTo({ parameter, step, size }: Axis, coordinate: number): number {
  if (parameter.kind === 'categorical' || step === undefined) return coordinate;
  const raw = parameter.log ? Math.exp(coordinate) : coordinate;
  const index = Math.min(size - 1, Math.max(0, Math.round((raw - parameter.low) / step)));
  const value = parameter.low + index * step;
  return parameter.log ? Math.log(value) : value;
}

const LOG_SQRT_2PI = 0.5 * Math.log(2 * Math.PI);

/** In a cell that is narrower than this share of a kernel, the density at the centre is good enough. */
const NARROW = 0.1;

function addLogs(logs: Float64Array, dimension: Dimension, at: number): void {
  const { axis, centres, widths, logInside, shares } = dimension;
  const { parameter, step, size } = axis;
  if (parameter.kind === 'categorical') {
    for (let k = 0; k < logs.length; k++)
      logs[k] = (logs[k] as number) + Math.log(shares[k * size + at] as number);
    return;
  }
  const [from, to] = step === undefined ? [at, at] : cell(at, step, parameter.log ?? false);
  for (let k = 0; k < logs.length; k++) {
    const centre = centres[k] as number;
    const width = widths[k] as number;
    const z = (at - centre) / width;
    let log = -0.5 * z * z - LOG_SQRT_2PI - Math.log(width);
    if (to > from) {
      if (to - from < NARROW * width) log += Math.log(to - from);
      else
        log = Math.log(
          Math.max(1e-300, normalCdf((to - centre) / width) - normalCdf((from - centre) / width)),
        );
    }
    logs[k] = (logs[k] as number) + log - (logInside[k] as number);
  }
}

/** The inner coordinates that round to this one. */
function cell(at: number, step: number, log: boolean): [number, number] {
  if (!log) return [at - step / 2, at + step / 2];
  const value = Math.exp(at);
  return [Math.log(value - step / 2), Math.log(value + step / 2)];
}
