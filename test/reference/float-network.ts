/** The network of docs/arithmetic.md, "Float", in double precision. */
import type { DenseInputs, EngineScaling } from '../../lib/engine/calls.js';
import type { NetworkSpec } from '../../lib/engine/spec.js';
import { argmax, inputRow, type Job, rateOf } from './examples.js';
import { at, range, sum } from './integers.js';
import { makePattern } from './patterns.js';
import { irwinHall, junctionKey, randomAt } from './random.js';
import { Schedule, type Step } from './schedule.js';

interface Junction {
  edges: readonly { left: number; right: number }[];
  weights: readonly number[];
  velocities: readonly number[];
  biases: readonly number[];
  /** Adam's first and second moments. */
  moments: { weights: Moments; biases: Moments };
}

interface Moments {
  first: number[];
  second: number[];
}

const zeros = (n: number): Moments => ({ first: range(n).map(() => 0), second: range(n).map(() => 0) });

interface Flight {
  number: number;
  rate: number;
  /** One number per output. */
  target: number[];
  label: number | undefined;
  activations: number[][];
  deltas: number[][];
}

const sigma = (x: number): number => 1 / (1 + Math.exp(-x));

const ACTIVATE = { relu: (x: number) => Math.max(0, x), sigmoid: sigma, tanh: Math.tanh };
const SLOPE = {
  relu: (a: number) => (a > 0 ? 1 : 0),
  sigmoid: (a: number) => a * (1 - a),
  tanh: (a: number) => 1 - a * a,
};

export class FloatReference {
  readonly #spec: NetworkSpec;
  readonly #junctions: Junction[];
  readonly #schedule: Schedule<Flight>;
  #inputs = 0;
  /** Of batches. */
  #updates = 0;
  /** Whether a mini-batch is being learned: its errors are not clipped. */
  #isBatch = false;
  #classWeights: ArrayLike<number> | undefined;
  #tally = { outputs: 0, correct: 0, lossSum: 0 };

  constructor(spec: NetworkSpec) {
    this.#spec = spec;
    this.#schedule = new Schedule(spec.schedule, spec.patterns.length);
    this.#junctions = range(spec.patterns.length).map((j) => {
      const [L, R] = [at(spec.layers, j), at(spec.layers, j + 1)];
      const pattern = makePattern(at(spec.patterns, j), L, R, spec.seed, j);
      const edges = pattern.flatMap((lefts, right) => lefts.map((left) => ({ left, right })));
      const [fanIn, fanOut] = [edges.length / R, edges.length / L];
      const scale = Math.sqrt(2 / (spec.activations[j] === 'relu' ? fanIn : fanIn + fanOut)) / 37837.22771;
      const key = junctionKey(spec.seed, 'weights', j);
      const weights = edges.map((_, e) => irwinHall(randomAt(key, e)) * scale);
      return {
        edges,
        weights,
        velocities: weights.map(() => 0),
        biases: range(R).map(() => 0),
        moments: { weights: zeros(weights.length), biases: zeros(R) },
      };
    });
  }

  #readInput(inputs: DenseInputs, scaling: EngineScaling | undefined, row: number): number[] {
    const { kind, values } = inputRow(inputs, scaling, at(this.#spec.layers, 0), row);
    return kind === 'real' ? values : values.map((x) => x / 256);
  }

  train(job: Job): { examples: number; outputs: number; correct: number; lossSum: number } {
    this.#classWeights = job.classWeights;
    this.#tally = { outputs: 0, correct: 0, lossSum: 0 };
    const { batchSize = 1 } = job;
    if (batchSize > 1 || this.#spec.optimizer !== undefined) {
      while (this.#schedule.busy) this.#block(undefined);
      this.#isBatch = true;
      for (let first = 0; first < job.order.length; first += batchSize) {
        const examples = range(Math.min(batchSize, job.order.length - first));
        this.#batch(
          examples.map((i) => this.#flight(job, first + i)),
          rateOf(job, first),
        );
      }
      this.#isBatch = false;
    } else {
      for (const index of job.order.keys()) this.#block(this.#flight(job, index));
      if (job.drain) while (this.#schedule.busy) this.#block(undefined);
    }
    return { examples: job.order.length, ...this.#tally };
  }

  #flight(job: Job, index: number): Flight {
    const width = at(this.#spec.layers, this.#junctions.length);
    const row = at(job.order, index);
    const label = this.#spec.output === 'softmax' ? at(job.targets, row) : undefined;
    return {
      number: this.#inputs++,
      rate: rateOf(job, index),
      label,
      target: range(width).map((i) =>
        label === undefined ? at(job.targets, row * width + i) : Number(i === label),
      ),
      activations: [this.#readInput(job.inputs, job.scaling, row)],
      deltas: [],
    };
  }

  /** FF and BP of all examples with the same weights, then one update by the mean gradient. */
  #batch(flights: Flight[], rate: number): void {
    const junctions = range(this.#junctions.length);
    for (const flight of flights) {
      for (const j of junctions) this.#feedForward(j, flight)();
      for (const j of junctions.slice(1).reverse()) this.#backpropagate(j, flight)();
    }
    this.#updates++;
    const share = 1 / flights.length;
    for (const j of junctions) {
      const junction = at(this.#junctions, j);
      const x = flights.map(({ activations }) => at(activations, j));
      const d = flights.map(({ deltas }) => at(deltas, j + 1));
      const mean = (term: (s: number) => number) => share * sum(range(flights.length).map(term));
      const weights = junction.edges.map(({ left, right }) =>
        mean((s) => at(at(x, s), left) * at(at(d, s), right)),
      );
      const biases = junction.biases.map((_, r) => mean((s) => at(at(d, s), r)));
      this.#applyGradients(junction, { weights, biases }, rate);
    }
  }

  #applyGradients(
    junction: Junction,
    gradients: { weights: readonly number[]; biases: readonly number[] },
    rate: number,
  ): void {
    const { momentum, weightDecay, optimizer } = this.#spec;
    if (optimizer === undefined) {
      const { velocities } = junction;
      junction.velocities = gradients.weights.map((g, e) => momentum * at(velocities, e) + rate * g);
      junction.weights = junction.weights.map(
        (w, e) => w * (1 - rate * weightDecay) - at(junction.velocities, e),
      );
      junction.biases = junction.biases.map((b, r) => b - rate * at(gradients.biases, r));
      return;
    }
    const { kind, beta1, beta2, epsilon } = optimizer;
    const step = (moments: Moments, gradient: readonly number[]) => {
      moments.first = gradient.map((g, i) => beta1 * at(moments.first, i) + (1 - beta1) * g);
      moments.second = gradient.map((g, i) => beta2 * at(moments.second, i) + (1 - beta2) * g * g);
      const t = this.#updates;
      return gradient.map((_, i) => {
        const mean = at(moments.first, i) / (1 - beta1 ** t);
        const square = at(moments.second, i) / (1 - beta2 ** t);
        return (rate * mean) / (Math.sqrt(square) + epsilon);
      });
    };
    const { weights, biases, moments } = junction;
    const regularised = gradients.weights.map((g, e) =>
      kind === 'adam' ? g + weightDecay * at(weights, e) : g,
    );
    const steps = step(moments.weights, regularised);
    const keep = kind === 'adamw' ? 1 - rate * weightDecay : 1;
    junction.weights = weights.map((w, e) => w * keep - at(steps, e));
    const biasSteps = step(moments.biases, gradients.biases);
    junction.biases = biases.map((b, r) => b - at(biasSteps, r));
  }

  #block(flight: Flight | undefined): void {
    for (const step of this.#schedule.block(flight)) this.#run(step);
  }

  #run(step: Step<Flight>): void {
    const effects = step.flatMap(({ junction, forward, backward }) => [
      ...(forward ? [this.#feedForward(junction, forward)] : []),
      ...(backward && junction > 0 ? [this.#backpropagate(junction, backward)] : []),
      ...(backward ? [this.#update(junction, backward)] : []),
    ]);
    for (const effect of effects) effect();
  }

  #sums(j: number, x: readonly number[]): number[] {
    const { edges, weights, biases } = at(this.#junctions, j);
    const sums = [...biases];
    edges.forEach(({ left, right }, e) => {
      sums[right] = (sums[right] as number) + (x[left] as number) * (weights[e] as number);
    });
    return sums;
  }

  #scores(sums: number[]): number[] {
    if (this.#spec.output === 'linear') return sums;
    if (this.#spec.output === 'sigmoid') return sums.map(sigma);
    const exponentials = sums.map((s) => Math.exp(s - Math.max(...sums)));
    return exponentials.map((e) => e / sum(exponentials));
  }

  #feedForward(j: number, flight: Flight): () => void {
    const sums = this.#sums(j, at(flight.activations, j));
    const activation = this.#spec.activations[j];
    if (activation !== undefined) {
      return () => {
        flight.activations[j + 1] = sums.map(ACTIVATE[activation]);
      };
    }
    const scores = this.#scores(sums);
    this.#note(flight, sums, scores);
    const weight =
      flight.label === undefined || this.#classWeights === undefined
        ? 1
        : at(this.#classWeights, flight.label);
    return () => {
      flight.deltas[j + 1] = this.#clip(scores.map((score, i) => weight * (score - at(flight.target, i))));
    };
  }

  #clip(deltas: number[]): number[] {
    const { output } = this.#spec;
    return output === 'linear' && !this.#isBatch ? deltas.map((d) => Math.max(-2, Math.min(2, d))) : deltas;
  }

  #note({ label, target }: Flight, sums: number[], scores: number[]): void {
    this.#tally.outputs++;
    if (label !== undefined) {
      if (argmax(sums) === label) this.#tally.correct++;
      this.#tally.lossSum -= Math.log(at(scores, label));
    } else if (this.#spec.output === 'sigmoid') {
      if (sums.every((s, i) => s > 0 === (at(target, i) === 1))) this.#tally.correct++;
      for (const [i, p] of scores.entries()) this.#tally.lossSum -= Math.log(at(target, i) === 1 ? p : 1 - p);
    } else {
      for (const [i, value] of scores.entries()) this.#tally.lossSum += (value - at(target, i)) ** 2 / 2;
    }
  }

  #backpropagate(j: number, flight: Flight): () => void {
    const slope = SLOPE[at(this.#spec.activations, j - 1)];
    const { edges, weights } = at(this.#junctions, j);
    const right = at(flight.deltas, j + 1);
    const errors = range(at(this.#spec.layers, j)).map(() => 0);
    edges.forEach((edge, e) => {
      errors[edge.left] =
        (errors[edge.left] as number) + (right[edge.right] as number) * (weights[e] as number);
    });
    return () => {
      flight.deltas[j] = this.#clip(
        errors.map((error, l) => error * slope(at(at(flight.activations, j), l))),
      );
    };
  }

  #update(j: number, { number: t, rate, activations, deltas }: Flight): () => void {
    const { momentum, weightDecay } = this.#spec;
    const { edges, weights, velocities, biases } = at(this.#junctions, j);
    const x = at(activations, j);
    const d = at(deltas, j + 1);
    const keep = weightDecay > 0 && (t + 1) % 256 === 0 ? 1 - rate * weightDecay * 256 : 1;
    const nextVelocities = edges.map(
      ({ left, right }, e) =>
        momentum * (velocities[e] as number) + rate * (x[left] as number) * (d[right] as number),
    );
    const next = {
      velocities: nextVelocities,
      weights: weights.map((w, e) => (w - (nextVelocities[e] as number)) * keep),
      biases: biases.map((b, r) => b - rate * at(d, r)),
    };
    return () => {
      Object.assign(at(this.#junctions, j), next);
    };
  }

  predict(inputs: DenseInputs, scaling: EngineScaling | undefined, count: number) {
    const scores: number[] = [];
    const decisions: number[] = [];
    for (let row = 0; row < count; row++) {
      let x = this.#readInput(inputs, scaling, row);
      for (const [j, activation] of this.#spec.activations.entries())
        x = this.#sums(j, x).map(ACTIVATE[activation]);
      const sums = this.#sums(this.#spec.activations.length, x);
      scores.push(...this.#scores(sums));
      decisions.push(argmax(sums));
    }
    return { scores, decisions };
  }

  weights(j: number): readonly number[] {
    return at(this.#junctions, j).weights;
  }

  setWeights(j: number, weights: ArrayLike<number>): void {
    at(this.#junctions, j).weights = Array.from(weights);
  }

  biases(j: number): readonly number[] {
    return at(this.#junctions, j).biases;
  }

  setBiases(j: number, biases: ArrayLike<number>): void {
    at(this.#junctions, j).biases = Array.from(biases);
  }
}
