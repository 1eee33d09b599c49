/** The `wide` arithmetic of docs/arithmetic.md, section by section. */
import type { DenseInputs, EngineScaling } from '../../lib/engine/calls.js';
import type { NetworkSpec } from '../../lib/engine/spec.js';
import { activate, look, PROBABILITY } from './activations.js';
import { sourcesOf } from './augment.js';
import { argmax, inputRow, type Job, rateOf } from './examples.js';
import { at, clip, nearest, range, round, shiftRight, sum, within } from './integers.js';
import { makePattern, type Pattern } from './patterns.js';
import { irwinHall, junctionKey, lanesOf, type PURPOSE, randomAt } from './random.js';
import { type Recorded, type RewireRule, rewired } from './rewire.js';
import { numberAt, type Place, placeOfNeuron, placesOf } from './rounding-places.js';
import { Schedule, type Step } from './schedule.js';
import { softmax } from './softmax.js';

const SUM_MAX = 2 ** 30;
const BIAS_MAX = 2 ** 29;
const DELTA_MAX = 32767;
const DELTA_ONE = 16384;

export type WideSpec = NetworkSpec & { arithmetic: { kind: 'wide' } };

interface Edge {
  left: number;
  right: number;
  place: Place;
}

interface Junction {
  pattern: Pattern;
  layout: 'tiles' | 'list';
  /** In edge order, as weights and velocities. */
  edges: readonly Edge[];
  weights: readonly number[];
  velocities: readonly number[];
  biases: readonly number[];
  activationsClipped: number;
  deltasClipped: number;
  batchSteps: number;
  stepsRoundedToZero: number;
  recorded: Recorded[];
}

/** 2^(k-1), to round to the nearest multiple of 2^k. */
const half = (k: number): bigint => 1n << BigInt(k - 1);

/** A product with 32 + k bits cut off, rounded by 16 random bits; larger than a double could hold exactly. */
const scaled = (value: number, multiplier: number, r: number, k: number): number =>
  Number((BigInt(value) * BigInt(multiplier) + (BigInt(r) << BigInt(16 + k))) >> BigInt(32 + k));

/** What a target looks like: a label, or one number per output. */
type Target = number | number[];

/** An input in the pipeline, with everything that is computed from it. */
interface Flight {
  number: number;
  rate: number;
  target: Target;
  /** By layer, 0 .. J-1, in units of 2^-8. */
  activations: number[][];
  /** By layer, 1 .. J, in units of 2^-14. */
  deltas: number[][];
  /** Whether its gradients are kept. */
  isRecorded: boolean;
}

/** A computed value, for worked examples. */
export interface TraceEvent {
  block: number;
  junction: number;
  /** Number of the input that it belongs to. */
  input: number;
  what: string;
  values: readonly number[];
}

export class WideReference {
  readonly #spec: WideSpec;
  readonly #observer: (event: TraceEvent) => void;
  readonly #junctions: Junction[];
  readonly #schedule: Schedule<Flight>;
  #inputs = 0;
  #blocks = 0;
  #classWeights: readonly number[] | undefined;
  #tally = { outputs: 0, correct: 0, lossSum: 0 };

  constructor(spec: NetworkSpec, observer: (event: TraceEvent) => void = () => {}) {
    if (spec.arithmetic.kind !== 'wide') throw new Error('not the wide arithmetic');
    this.#spec = spec as WideSpec;
    this.#observer = observer;
    this.#junctions = range(spec.patterns.length).map((j) => this.#makeJunction(j));
    this.#schedule = new Schedule(spec.schedule, this.#junctions.length);
  }

  #trace(what: string, junction: number, input: number, values: readonly number[]): void {
    this.#observer({ block: this.#blocks, junction, input, what, values });
  }

  // Initial state

  #makeJunction(j: number): Junction {
    const { layers, patterns, seed, activations } = this.#spec;
    const { weightFraction: F } = this.#spec.arithmetic;
    const [L, R] = [at(layers, j), at(layers, j + 1)];
    const pattern = makePattern(at(patterns, j), L, R, seed, j);
    const ends = pattern.flatMap((lefts, right) => lefts.map((left) => ({ left, right })));
    const { layout, places } = placesOf(ends);

    const [fanIn, fanOut] = [ends.length / R, ends.length / L];
    const sigma = Math.sqrt(2 / (activations[j] === 'relu' ? fanIn : fanIn + fanOut));
    const scale = (sigma * 2 ** F) / 37837.22771;
    const key = junctionKey(seed, 'weights', j);
    const weights = ends.map((_, e) => this.#clipWeight(nearest(irwinHall(randomAt(key, e)) * scale)));
    return {
      pattern,
      layout,
      edges: ends.map((end, e) => ({ ...end, place: at(places, e) })),
      weights,
      velocities: weights.map(() => 0),
      biases: range(R).map(() => 0),
      activationsClipped: 0,
      deltasClipped: 0,
      batchSteps: 0,
      stepsRoundedToZero: 0,
      recorded: [],
    };
  }

  #clipWeight(w: number): number {
    const half = 2 ** (this.#spec.arithmetic.weightBits - 1);
    return clip(w, -half, half - 1);
  }

  // Inputs and targets

  #readInput(
    inputs: DenseInputs,
    scaling: EngineScaling | undefined,
    row: number,
    sources?: readonly (number | undefined)[],
  ): number[] {
    const { kind, values } = inputRow(inputs, scaling, at(this.#spec.layers, 0), row, sources);
    switch (kind) {
      case 'byte':
        return values;
      case 'fixed':
        return values.map((x) => within(x, 2047));
      case 'real':
        return values.map((x) => (Number.isNaN(x) ? -2047 : within(nearest(x * 256), 2047)));
    }
  }

  #readTarget(targets: Job['targets'], row: number): Target {
    if (this.#spec.output === 'softmax') return at(targets, row);
    const width = at(this.#spec.layers, this.#junctions.length);
    const values = range(width).map((i) => at(targets, row * width + i));
    return this.#spec.output === 'sigmoid'
      ? values
      : values.map((y) => within(nearest(y * DELTA_ONE), SUM_MAX));
  }

  // Schedules

  /** Like the engine's train(): sums over the outputs that came out, and how many examples went in. */
  train(job: Job): { examples: number; outputs: number; correct: number; lossSum: number } {
    this.#classWeights = job.classWeights && Array.from(job.classWeights, (c) => nearest(c * 256));
    this.#tally = { outputs: 0, correct: 0, lossSum: 0 };
    const { record = 0, augment } = job;
    if (record > 0) for (const junction of this.#junctions) junction.recorded = [];
    const size = job.batchSize ?? 1;
    if (size > 1) this.drain();
    const flight = (index: number): Flight => {
      const number = this.#inputs++;
      const row = at(job.order, index);
      const sources = augment && sourcesOf(augment, at(this.#spec.layers, 0), this.#spec.seed, number);
      return {
        number,
        rate: rateOf(job, index),
        target: this.#readTarget(job.targets, row),
        activations: [this.#readInput(job.inputs, job.scaling, row, sources)],
        deltas: [],
        isRecorded: index >= job.order.length - record,
      };
    };
    for (let first = 0; first < job.order.length; first += size) {
      if (size === 1) this.#block(flight(first));
      else this.#batch(range(Math.min(size, job.order.length - first)).map((i) => flight(first + i)));
    }
    if (job.drain) this.drain();
    return { examples: job.order.length, ...this.#tally };
  }

  drain(): void {
    while (this.#schedule.busy) this.#block(undefined);
  }

  #block(flight: Flight | undefined): void {
    for (const step of this.#schedule.block(flight)) this.#run(step);
    this.#blocks++;
  }

  /** Everything reads the state of the step's start; what is computed takes effect at its end. */
  #run(step: Step<Flight>): void {
    const effects = step.flatMap(({ junction, forward, backward }) => [
      ...(forward ? [this.#feedForward(junction, forward)] : []),
      ...(backward && junction > 0 ? [this.#backpropagate(junction, backward)] : []),
      ...(backward ? [this.#update(junction, backward)] : []),
    ]);
    for (const effect of effects) effect();
  }

  // Feed-forward

  /** Clipped sums of the right layer. */
  #sums(j: number, x: readonly number[]): number[] {
    const { edges, weights, biases } = at(this.#junctions, j);
    const sums = [...biases];
    edges.forEach(({ left, right }, e) => {
      sums[right] = (sums[right] as number) + (x[left] as number) * (weights[e] as number);
    });
    return sums.map((s) => within(s, SUM_MAX));
  }

  #feedForward(j: number, flight: Flight): () => void {
    const junction = at(this.#junctions, j);
    const sums = this.#sums(j, at(flight.activations, j));
    this.#trace('sums', j, flight.number, sums);
    const activation = this.#spec.activations[j];
    if (activation === undefined) return this.#output(flight, sums);

    const rounded = sums.map((s) => round(s, this.#spec.arithmetic.weightFraction));
    const next = rounded.map((q) => activate(activation, q));
    this.#trace('activations', j, flight.number, next);
    if (activation === 'relu') junction.activationsClipped += rounded.filter((q) => q > 2047).length;
    return () => {
      flight.activations[j + 1] = next;
    };
  }

  // Outputs and their deltas

  #output(flight: Flight, sums: number[]): () => void {
    const J = this.#junctions.length;
    const raw = this.#outputDeltas(flight.target, sums, flight.number);
    const deltas = raw.map((d) => within(d, DELTA_MAX));
    at(this.#junctions, J - 1).deltasClipped += raw.filter((d) => Math.abs(d) > DELTA_MAX).length;
    this.#trace('deltas', J - 1, flight.number, deltas);
    return () => {
      flight.deltas[J] = deltas;
    };
  }

  #outputDeltas(target: Target, sums: number[], number: number): number[] {
    const { weightFraction: F } = this.#spec.arithmetic;
    this.#tally.outputs++;
    if (typeof target === 'number') {
      const probabilities = softmax(sums, F);
      this.#trace('probabilities', this.#junctions.length - 1, number, probabilities);
      if (argmax(sums) === target) this.#tally.correct++;
      this.#tally.lossSum -= Math.log(Math.max(at(probabilities, target), 1) / DELTA_ONE);
      const weight = this.#classWeights && at(this.#classWeights, target);
      return probabilities.map((p, i) => {
        const d = p - (i === target ? DELTA_ONE : 0);
        return weight === undefined ? d : round(d * weight, 8);
      });
    }
    if (this.#spec.output === 'sigmoid') {
      if (sums.every((s, i) => s > 0 === (at(target, i) === 1))) this.#tally.correct++;
      return sums.map((s, i) => {
        const p = look(PROBABILITY, round(s, F));
        const likelihood = at(target, i) === 1 ? p : DELTA_ONE - p;
        this.#tally.lossSum -= Math.log(Math.max(likelihood, 1) / DELTA_ONE);
        return p - DELTA_ONE * at(target, i);
      });
    }
    return sums.map((s, i) => {
      const o = F >= 6 ? round(s, F - 6) : s * 2 ** (6 - F);
      this.#tally.lossSum += ((o - at(target, i)) / DELTA_ONE) ** 2 / 2;
      return within(o - at(target, i), SUM_MAX);
    });
  }

  // Backpropagation

  #backpropagate(j: number, flight: Flight): () => void {
    const { edges, weights } = at(this.#junctions, j);
    const before = at(this.#junctions, j - 1);
    const activation = at(this.#spec.activations, j - 1);
    const right = at(flight.deltas, j + 1);
    const errors = range(at(this.#spec.layers, j)).map(() => 0);
    edges.forEach((edge, e) => {
      errors[edge.left] =
        (errors[edge.left] as number) + (right[edge.right] as number) * (weights[e] as number);
    });
    const deltas = errors.map((error, l) => {
      const a = at(at(flight.activations, j), l);
      const whole = round(within(error, SUM_MAX), this.#spec.arithmetic.weightFraction);
      const e = within(whole, DELTA_MAX);
      // In units of 2^-16.
      const slope = { relu: a > 0 ? 65536 : 0, sigmoid: a * (256 - a), tanh: 65536 - a * a }[activation];
      if (slope !== 0 && e !== whole) before.deltasClipped++;
      return round(e * slope, 16);
    });
    this.#trace('deltas', j - 1, flight.number, deltas);
    return () => {
      flight.deltas[j] = deltas;
    };
  }

  // Updates

  #update(j: number, flight: Flight): () => void {
    const { momentum, weightDecay, seed } = this.#spec;
    const { rounding, weightFraction: F } = this.#spec.arithmetic;
    const { edges, weights, velocities, biases } = at(this.#junctions, j);
    const { number: t, rate } = flight;
    const x = at(flight.activations, j);
    if (flight.isRecorded)
      at(this.#junctions, j).recorded.push({ activations: x, deltas: at(flight.deltas, j + 1) });

    /** 16 random bits for every place, or one half. */
    const rounder = (purpose: keyof typeof PURPOSE, counter: number): ((place: Place) => number) => {
      if (rounding === 'nearest') return () => 32768;
      const lanes = lanesOf(junctionKey(seed, purpose, j), counter);
      return (place) => numberAt(lanes, place);
    };

    const g = momentum > 0 ? 4 : 0;
    const k = range(5).find((shift) => rate * 2 ** (F + g - 6 - shift) <= 1);
    if (k === undefined) throw new RangeError(`no shift for the rate ${rate}`);
    const m = nearest(rate * 2 ** (F + g + 9 - k));

    const deltaRounding = rounder('deltas', t);
    const halves = biases.map((_, r) => shiftRight(deltaRounding(placeOfNeuron(r)), 1));
    const scaled = at(flight.deltas, j + 1).map((d, r) => shiftRight(d * m + at(halves, r), 15));
    this.#trace('k, m', j, t, [k, m]);
    this.#trace('r of deltas', j, t, halves);
    this.#trace('scaled deltas', j, t, scaled);
    const nextBiases = biases.map((b, r) => {
      const step = k >= g ? at(scaled, r) * 2 ** (k - g) : round(at(scaled, r), g - k);
      return within(b - step, BIAS_MAX);
    });

    const updateRounding = rounder('update', t);
    const numbers = edges.map(({ place }) => updateRounding(place));
    this.#trace('r of edges', j, t, numbers);
    const updates = edges.map(({ left, right }, e) =>
      shiftRight((x[left] as number) * 2 ** k * (scaled[right] as number) + (numbers[e] as number), 16),
    );

    let nextWeights: readonly number[];
    let nextVelocities = velocities;
    if (momentum === 0) {
      nextWeights = weights.map((w, e) => this.#clipWeight(w - (updates[e] as number)));
    } else {
      const M = Math.min(32767, nearest((1 - momentum) * 65536));
      const lossRounding = rounder('momentum', 2 * t);
      const weightRounding = rounder('momentum', 2 * t + 1);
      nextVelocities = velocities.map((v, e) => {
        const lost = shiftRight(v * M + lossRounding(at(edges, e).place), 16);
        return clip(clip(v - lost, -32768, 32767) + at(updates, e), -32768, 32767);
      });
      nextWeights = weights.map((w, e) => {
        const rounded = at(nextVelocities, e) + shiftRight(weightRounding(at(edges, e).place), 12);
        return this.#clipWeight(w - shiftRight(Math.min(rounded, 32767), 4));
      });
    }

    if (weightDecay > 0 && (t + 1) % 256 === 0) {
      const D = clip(nearest(rate * weightDecay * 2 ** 24), 0, 32767);
      const decayRounding = rounder('decay', t);
      nextWeights = nextWeights.map((w, e) =>
        this.#clipWeight(w - shiftRight(w * D + decayRounding(at(edges, e).place), 16)),
      );
    }

    this.#trace('weights', j, t, nextWeights);
    this.#trace('biases', j, t, nextBiases);
    return () => {
      Object.assign(at(this.#junctions, j), {
        weights: nextWeights,
        velocities: nextVelocities,
        biases: nextBiases,
      });
    };
  }

  // Mini-batches

  /** FF and BP of every sample with the same weights, then one update by all their gradients. */
  #batch(flights: readonly Flight[]): void {
    for (const flight of flights) {
      for (const j of this.#junctions.keys()) this.#feedForward(j, flight)();
      for (const j of [...this.#junctions.keys()].slice(1).reverse()) this.#backpropagate(j, flight)();
    }
    for (const j of this.#junctions.keys()) this.#updateByBatch(j, flights);
  }

  #updateByBatch(j: number, flights: readonly Flight[]): void {
    const { momentum, weightDecay, seed } = this.#spec;
    const { rounding, weightFraction: F } = this.#spec.arithmetic;
    const junction = at(this.#junctions, j);
    const { number: t, rate } = at(flights, 0);
    const n = flights.length;
    const rounder = (purpose: keyof typeof PURPOSE, counter: number): ((place: Place) => number) => {
      if (rounding === 'nearest') return () => 32768;
      const lanes = lanesOf(junctionKey(seed, purpose, j), counter);
      return (place) => numberAt(lanes, place);
    };

    const g = momentum > 0 ? 4 : 0;
    const base = (rate * 2 ** (F + g + 10)) / n;
    const k = Math.max(0, ...range(17).filter((shift) => base * 2 ** shift <= 2 ** 20));
    const m = nearest(base * 2 ** k);

    const sumOver = (term: (flight: Flight) => number): number => sum(flights.map(term));
    const biases = junction.biases.map((b, r) => {
      const total = sumOver(({ deltas }) => at(at(deltas, j + 1), r));
      return within(
        b - Number((BigInt(total) * BigInt(m) + half(16 + k + g)) >> BigInt(16 + k + g)),
        BIAS_MAX,
      );
    });

    const updateRounding = rounder('update', t);
    const steps = junction.edges.map(({ left, right, place }) => {
      const gradient = sumOver(
        ({ activations, deltas }) =>
          (at(activations, j)[left] as number) * (at(deltas, j + 1)[right] as number),
      );
      const step = scaled(gradient, m, updateRounding(place), k);
      if (gradient !== 0) junction.batchSteps++;
      if (gradient !== 0 && step === 0) junction.stepsRoundedToZero++;
      return step;
    });

    let { velocities } = junction;
    let changes = steps;
    if (momentum > 0) {
      const M = Math.min(32767, nearest((1 - momentum) * 65536));
      const lossRounding = rounder('momentum', 2 * t);
      const weightRounding = rounder('momentum', 2 * t + 1);
      velocities = velocities.map((v, e) => {
        const lost = shiftRight(v * M + lossRounding(at(junction.edges, e).place), 16);
        return clip(clip(v - lost, -32768, 32767) + at(steps, e), -32768, 32767);
      });
      changes = velocities.map((v, e) =>
        shiftRight(Math.min(v + shiftRight(weightRounding(at(junction.edges, e).place), 12), 32767), 4),
      );
    }
    let weights = junction.weights.map((w, e) => this.#clipWeight(w - at(changes, e)));
    if (weightDecay > 0) {
      const D = Math.min(2 ** 31 - 1, nearest(rate * weightDecay * 2 ** 32));
      const decayRounding = rounder('decay', t);
      if (D > 0)
        weights = weights.map((w, e) =>
          this.#clipWeight(w - scaled(w, D, decayRounding(at(junction.edges, e).place), 0)),
        );
    }
    Object.assign(junction, { weights, velocities, biases });
  }

  // Dynamic patterns

  /** Moves the weakest edges; returns how many moved in each junction. */
  rewire(rule: RewireRule): number[] {
    this.drain();
    return this.#junctions.map((junction, j) => {
      const weights = weightsByEnds(junction, junction.weights);
      const where = { seed: this.#spec.seed, junction: j, time: this.#inputs };
      const weightOf = (left: number, right: number) => weights.get(`${left},${right}`) ?? 0;
      const { pattern, recorded } = junction;
      return this.#change(j, rewired(pattern, at(this.#spec.layers, j), weightOf, recorded, rule, where));
    });
  }

  setPattern(j: number, { offsets, left }: { offsets: Float64Array; left: Uint32Array }): void {
    this.drain();
    this.#change(
      j,
      range(at(this.#spec.layers, j + 1)).map((r) => [...left.subarray(at(offsets, r), at(offsets, r + 1))]),
    );
  }

  /** Edges that stay keep their weight and velocity, new ones begin with 0. Returns how many are new. */
  #change(j: number, pattern: Pattern): number {
    const junction = at(this.#junctions, j);
    const [weights, velocities] = [
      weightsByEnds(junction, junction.weights),
      weightsByEnds(junction, junction.velocities),
    ];
    const ends = pattern.flatMap((lefts, right) => lefts.map((left) => ({ left, right })));
    const { layout, places } = placesOf(ends);
    const names = ends.map(({ left, right }) => `${left},${right}`);
    Object.assign(junction, {
      pattern,
      layout,
      edges: ends.map((end, e) => ({ ...end, place: at(places, e) })),
      weights: names.map((name) => weights.get(name) ?? 0),
      velocities: names.map((name) => velocities.get(name) ?? 0),
      recorded: [],
    });
    return names.filter((name) => !weights.has(name)).length;
  }

  // What can be seen from outside

  predict(inputs: DenseInputs, scaling: EngineScaling | undefined, count: number) {
    const { output, layers, activations, arithmetic } = this.#spec;
    const { weightFraction: F } = arithmetic;
    const scores = new Float32Array(count * at(layers, this.#junctions.length));
    const decisions = new Uint32Array(count);
    for (let row = 0; row < count; row++) {
      let x = this.#readInput(inputs, scaling, row);
      for (const [j, activation] of activations.entries()) {
        x = this.#sums(j, x).map((s) => activate(activation, round(s, F)));
      }
      const sums = this.#sums(activations.length, x);
      const values = {
        softmax: () => softmax(sums, F).map((p) => p / DELTA_ONE),
        sigmoid: () => sums.map((s) => look(PROBABILITY, round(s, F)) / DELTA_ONE),
        linear: () => sums.map((s) => s / 2 ** (8 + F)),
      }[output]();
      scores.set(values, row * values.length);
      decisions[row] = argmax(sums);
    }
    return { scores, decisions };
  }

  layout(j: number): 'tiles' | 'list' {
    return at(this.#junctions, j).layout;
  }

  pattern(j: number): Pattern {
    return at(this.#junctions, j).pattern;
  }

  weights(j: number): readonly number[] {
    return at(this.#junctions, j).weights;
  }

  /** The number of the next input. */
  get inputs(): number {
    return this.#inputs;
  }

  /** Continues the numbers of a saved network's inputs. */
  set inputs(count: number) {
    this.#inputs = count;
  }

  setWeights(j: number, weights: ArrayLike<number>): void {
    at(this.#junctions, j).weights = Array.from(weights, (w) => this.#clipWeight(w));
  }

  biases(j: number): readonly number[] {
    return at(this.#junctions, j).biases;
  }

  setBiases(j: number, biases: ArrayLike<number>): void {
    at(this.#junctions, j).biases = Array.from(biases, (b) => within(b, BIAS_MAX));
  }

  telemetry() {
    const limit = 2 ** (this.#spec.arithmetic.weightBits - 1);
    const atLimit = (w: number): number => (w === -limit || w === limit - 1 ? 1 : 0);
    return {
      weightsAtLimit: this.#junctions.map(({ weights }) => sum(weights.map(atLimit))),
      activationsClipped: this.#junctions.map((junction) => junction.activationsClipped),
      deltasClipped: this.#junctions.map((junction) => junction.deltasClipped),
      batchSteps: this.#junctions.map((junction) => junction.batchSteps),
      stepsRoundedToZero: this.#junctions.map((junction) => junction.stepsRoundedToZero),
      inputs: this.#inputs,
    };
  }
}

/** Numbers of edges by `left,right`. */
const weightsByEnds = ({ edges }: Junction, values: readonly number[]): Map<string, number> =>
  new Map(edges.map(({ left, right }, e) => [`${left},${right}`, at(values, e)]));
