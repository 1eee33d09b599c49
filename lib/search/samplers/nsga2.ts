import type { NsgaOption } from '../definition/definition.js';
import { crowdingDistances, lossesOf, nonDominatedRanks } from '../pareto.js';
import { Draws } from '../random.js';
import type { TrialRecord } from '../records.js';
import { type Parameters, type ParameterValue, valueAtShare } from '../space/parameter.js';
import { drawFeasible } from './random.js';
import type { Sampler, SamplerContext } from './sampler.js';

/** After this many children that break constraints, a point is drawn at random instead. */
const CHILDREN = 100;

/** A member of a population, with its rank and crowding distance. */
interface Member {
  readonly trial: TrialRecord;
  readonly rank: number;
  readonly distance: number;
}

/**
 * The non-dominated sorting genetic algorithm II (Deb and others, 2002): each generation is bred from the best of the
 * two before it. While trials of the previous generation still run, only the finished ones are parents.
 */
export class NsgaSampler implements Sampler {
  readonly #context: SamplerContext;
  readonly #settings: Omit<NsgaOption, 'kind'> & { population: number; crossover: number };

  constructor(
    context: SamplerContext,
    settings: Omit<NsgaOption, 'kind'> & { population: number; crossover: number },
  ) {
    this.#context = context;
    this.#settings = settings;
  }

  propose(number: number, trials: readonly TrialRecord[]): Parameters | undefined {
    const draws = new Draws(this.#context.seed, number);
    const { population } = this.#settings;
    const generation = Math.floor(number / population);
    const parents = generation === 0 ? [] : this.#parents(generation, trials);
    if (parents.length < 2) return drawFeasible(this.#context, draws);
    for (let attempt = 0; attempt < CHILDREN; attempt++) {
      const child = this.#child(draws, parents);
      if (this.#context.isFeasible(child)) return child;
    }
    return drawFeasible(this.#context, draws);
  }

  /** The possible parents of generation `generation`. */
  #parents(generation: number, trials: readonly TrialRecord[]): Member[] {
    const { population } = this.#settings;
    let members: Member[] = [];
    for (let g = 0; g < generation; g++) {
      const bred = trials
        .slice(g * population, (g + 1) * population)
        .filter(({ state }) => state === 'complete');
      members = this.#select([...members.map(({ trial }) => trial), ...bred]);
    }
    return members;
  }

  #select(trials: readonly TrialRecord[]): Member[] {
    const points = trials.map((trial) => lossesOf(trial, this.#context.objectives));
    const ranks = nonDominatedRanks(points);
    const members: Member[] = [];
    for (let rank = 0; members.length < this.#settings.population; rank++) {
      const front = trials.map((_, i) => i).filter((i) => ranks[i] === rank);
      if (front.length === 0) break;
      const distances = crowdingDistances(front.map((i) => points[i] as number[]));
      const ranked = front
        .map((i, place) => ({ trial: trials[i] as TrialRecord, rank, distance: distances[place] as number }))
        .sort((a, b) => (a.distance === b.distance ? 0 : b.distance - a.distance));
      members.push(...ranked);
    }
    return members.slice(0, this.#settings.population);
  }

  #child(draws: Draws, parents: readonly Member[]): Parameters {
    const { space } = this.#context;
    const mother = this.#tournament(draws, parents);
    const father = this.#tournament(draws, parents);
    const mixes = draws.uniform() < this.#settings.crossover;
    const chance = this.#settings.mutation ?? 1 / Math.max(1, space.axes.length);
    return space.assemble((axis) => {
      const from = mixes && draws.uniform() < 0.5 ? father : mother;
      const inherited = from[axis.name] ?? mother[axis.name] ?? father[axis.name];
      const mutates = draws.uniform() < chance;
      if (inherited === undefined || mutates) return valueAtShare(axis, draws.uniform());
      return inherited as ParameterValue;
    });
  }

  /** Binary tournament: draws two and returns the one of better rank or, at equal rank, the less crowded one. */
  #tournament(draws: Draws, parents: readonly Member[]): Parameters {
    const a = parents[draws.below(parents.length)] as Member;
    const b = parents[draws.below(parents.length)] as Member;
    const wins = a.rank < b.rank || (a.rank === b.rank && a.distance >= b.distance);
    return (wins ? a : b).trial.parameters;
  }
}
