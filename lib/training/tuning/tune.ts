import { SparseTrainError } from '../../base/errors.js';
import { withoutWarnings } from '../../base/warning.js';
import type { AnyDataset } from '../../data/dataset.js';
import { resolveArithmetic } from '../../network/arithmetic.js';
import type { Metrics } from '../metrics.js';
import { Network } from '../network.js';
import { foldsFor, type HeldOut, holdOut, lossesOf, metricsOf, temperatureOf } from './held-out.js';
import { automaticDensities, type Given, HIDDEN, prepare, type Recipe } from './recipe.js';
import { searchRecipe, type Tried } from './search.js';

/** A recipe that was chosen on held-out rows. */
export interface Tuning {
  readonly recipe: Recipe;
  /** The temperature that suits the probabilities of classes; undefined where there are none. */
  readonly temperature: number | undefined;
  /** All recipes in the order in which they were tried. */
  readonly tried: readonly Tried[];
  /** How often each recipe was tried, each time without other rows. */
  readonly folds: number;
  /** The mean loss of the chosen recipe on all rows that were held out, however often. */
  readonly loss: number;
  /** Metrics of the chosen recipe on the rows that were held out, each row once. */
  readonly metrics: Metrics;
}

/** Recipes that are tried unless the caller wants another number. */
export const TRIALS = 16;
/** At most this many rows take part, so that a search takes seconds. */
const MOST_ROWS = 4000;
/** Rows that take part times edges of the usual network are at most this many ... */
const MOST_WORK = 2e7;
/** ... but at least this many rows take part, if there are as many. */
const LEAST_ROWS = 500;
/** Narrower weights lose too much when they are divided by a temperature. */
const LEAST_BITS = 12;

/**
 * Chooses a recipe for a table: trains networks without some of the rows, and measures them on these. The choice depends on
 * the rows, the options and the seed, never on time.
 *
 * @param most - recipes to try, at least 1
 * @param options - `signal` ends the search; `onTrial` is called after each recipe
 * @throws SparseTrainError DIVERGED if training diverges by every recipe; as fit() does; the reason of `signal`
 */
export async function tuneRecipe(
  data: AnyDataset,
  given: Given,
  most: number,
  { signal, onTrial }: { signal?: AbortSignal; onTrial?: (tried: number) => void } = {},
): Promise<Tuning> {
  const inner = withoutRun(given);
  const { folds, first } = foldsFor(data, rowsFor(data), given.fit.seed ?? given.network.seed ?? 1);
  const measured = new Map<Recipe, Pick<Tuning, 'temperature' | 'metrics'>>();
  const { tried, best } = await searchRecipe(data, inner, most, async (recipe) => {
    const held = await withoutWarnings(() =>
      holdOut(folds, (train) => trainBy(recipe, train, inner, signal)),
    );
    signal?.throwIfAborted();
    if (held === undefined) {
      onTrial?.(measured.size);
      return undefined;
    }
    const temperature = canBeCalibrated(held, given) ? temperatureOf(held) : undefined;
    const once = { ...held, folds: held.folds.slice(0, first) };
    measured.set(recipe, { temperature, metrics: metricsOf(once, temperature ?? 1) });
    onTrial?.(measured.size);
    return lossesOf(held, temperature ?? 1);
  });
  const found = measured.get(best.recipe);
  if (found === undefined)
    throw new SparseTrainError(
      'DIVERGED',
      `training diverged with all ${tried.length} recipes that were tried`,
    );
  return { ...best, ...found, tried, folds: folds.length };
}

/** Leaves out what concerns a single run: its files, callbacks and measurements. */
function withoutRun({ fit, ...given }: Given): Given {
  const { seed, classWeights, learningRate, epochs, batchSize, shuffle } = fit;
  const kept = Object.entries({ seed, classWeights, learningRate, epochs, batchSize, shuffle });
  return { ...given, fit: Object.fromEntries(kept.filter(([, value]) => value !== undefined)) };
}

function rowsFor(data: AnyDataset): number {
  const layers = [data.features, ...HIDDEN, data.outputs];
  const densities = automaticDensities(layers, data);
  const edges = densities.reduce(
    (sum, density, j) => sum + density * (layers[j] as number) * (layers[j + 1] as number),
    0,
  );
  return Math.max(LEAST_ROWS, Math.min(MOST_ROWS, Math.floor(MOST_WORK / edges)));
}

async function trainBy(
  recipe: Recipe,
  train: AnyDataset,
  given: Given,
  signal: AbortSignal | undefined,
): Promise<Network> {
  const { network: options, fit, begin } = prepare(recipe, train, given);
  const network = new Network(options);
  begin(network);
  await network.fit(train, { ...fit, threads: 1, ...(signal === undefined ? {} : { signal }) });
  return network;
}

function canBeCalibrated({ folds }: HeldOut, { network }: Given): boolean {
  const arithmetic = resolveArithmetic(network.arithmetic ?? { kind: 'wide' });
  const isFine =
    arithmetic.kind === 'float' || (arithmetic.kind === 'wide' && arithmetic.weightBits >= LEAST_BITS);
  return isFine && folds.every(({ held }) => held.targets.kind === 'classes');
}
