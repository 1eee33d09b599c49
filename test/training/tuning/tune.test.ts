import { describe, expect, it } from 'vitest';
import { Random } from '../../../lib/base/random.js';
import { Dataset } from '../../../lib/index.js';
import type { Given, Recipe } from '../../../lib/training/tuning/recipe.js';
import { searchRecipe } from '../../../lib/training/tuning/search.js';
import { tuneRecipe } from '../../../lib/training/tuning/tune.js';

/** Ten numbers, of which the first decides, with a lot of noise. */
function noisy(rows: number, isRegression = false): Dataset {
  const random = new Random(5);
  const uniform = () => random.uint32() / 2 ** 32 - 0.5;
  const inputs = Float64Array.from({ length: 10 * rows }, uniform);
  const values = Float64Array.from({ length: rows }, (_, i) => (inputs[10 * i] as number) + 2 * uniform());
  return isRegression
    ? Dataset.from({ inputs, values, columns: 10 })
    : Dataset.from({ inputs, labels: Int32Array.from(values, (x) => (x > 0 ? 1 : 0)), columns: 10 });
}

const FREE: Given = { network: {}, fit: {} };
const data = noisy(200);

/** Searches where the loss is known and the same for each row. */
const searched = (given: Given, most: number, lossOf: (recipe: Recipe) => number) =>
  searchRecipe(data, given, most, async (recipe) => {
    const loss = lossOf(recipe);
    return Number.isFinite(loss) ? new Float64Array(100).fill(loss) : undefined;
  });

describe('the search for a recipe', () => {
  it('finds the decay, steps, rate, epochs and size with the least loss', async () => {
    const wanted = { steps: 8, decay: 60, rate: 0.01, epochs: 40, hidden: [256] };
    const { best } = await searched(FREE, 99, (recipe) =>
      Object.entries(wanted).reduce(
        (loss, [name, value]) => loss + (String(recipe[name as keyof Recipe]) === String(value) ? 0 : 1),
        1 + Math.abs(Math.log(recipe.decay / 60)),
      ),
    );
    expect(best.recipe).toEqual(wanted);
  });

  it('begins with the usual recipe, stays with it if nothing is better, and tries nothing twice', async () => {
    const { tried, best } = await searched(FREE, 99, () => 1);
    expect(best).toEqual(tried[0]);
    const keys = tried.map(({ recipe }) => JSON.stringify(recipe));
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.length).toBeLessThanOrEqual(16);
  });

  it('tries as many recipes as it may', async () => {
    expect((await searched(FREE, 1, () => 1)).tried).toHaveLength(1);
    expect((await searched(FREE, 4, () => 1)).tried).toHaveLength(4);
  });

  it('leaves alone what is given', async () => {
    const given: Given = {
      network: { optimizer: { weightDecay: 0.1 }, density: 1 },
      fit: { learningRate: 0.03, epochs: 7 },
      hidden: [5],
    };
    expect((await searched(given, 99, () => 1)).tried.map(({ recipe }) => recipe)).toEqual([
      { hidden: [5], steps: 0, decay: 0, rate: undefined, epochs: 7 },
    ]);
  });

  it('prefers any recipe to one that diverges', async () => {
    const { best } = await searched(FREE, 99, ({ decay }) => (decay < 20 ? Number.POSITIVE_INFINITY : 1));
    expect(best).toMatchObject({ loss: 1, recipe: { decay: 20 } });
  });
});

describe('the choice between recipes', () => {
  /** A recipe that lowers the loss of half of the rows by `gain` + `noise`, and of the others by `gain` - `noise`. */
  const isPreferred = async (gain: number, noise: number) => {
    const { best } = await searchRecipe(data, { ...FREE, hidden: [5] }, 2, async ({ decay }) =>
      Float64Array.from({ length: 100 }, (_, row) =>
        decay === 2 ? 1 : 1 - gain - (row % 2 ? noise : -noise),
      ),
    );
    return best.recipe.decay !== 2;
  };

  it('is for the usual one unless another gains more than chance explains', async () => {
    expect(await isPreferred(0.01, 0.1)).toBe(true); // half a standard error is 0.005
    expect(await isPreferred(0.004, 0.1)).toBe(false);
    expect(await isPreferred(0.004, 0.01)).toBe(true);
    expect(await isPreferred(-0.01, 0)).toBe(false);
  });
});

describe('tuning', () => {
  it('chooses steps for classes that lie in bands, and measures on held-out rows', async () => {
    const column = Float64Array.from({ length: 400 }, (_, i) => (i * 61) % 400);
    const labels = Array.from(column, (x) => Math.floor(x / 50) % 2);
    const banded = Dataset.from({ inputs: column, labels, columns: 1 });
    const { tried, loss, metrics, temperature, recipe, folds } = await tuneRecipe(banded, FREE, 4);
    expect(folds).toBe(5);
    expect(tried).toHaveLength(4);
    expect(recipe.steps).toBe(8);
    expect(metrics).toMatchObject({ kind: 'classification', examples: 400 });
    expect(metrics.loss).toBeCloseTo(loss, 12);
    expect(loss).toBe(Math.min(...tried.map((each) => each.loss)));
    expect(metrics.loss).toBeLessThan(0.8 * (tried[0]?.loss as number));
    expect(temperature).toBeLessThan(1);
  });

  it('holds out each of few rows more than once, and counts it once in the metrics', async () => {
    const { folds, metrics } = await tuneRecipe(noisy(100), FREE, 1);
    expect(folds).toBe(16);
    expect(metrics).toMatchObject({ examples: 100 });
  });

  it('warns of nothing that concerns a trial alone', async () => {
    const wide = Dataset.from({
      inputs: Float64Array.from({ length: 400 }, (_, i) => (i % 8 === 0 ? 5000 : (i * 7) % 11)),
      labels: Int32Array.from({ length: 200 }, (_, i) => i % 2),
      columns: 2,
    });
    const warnings: string[] = [];
    const note = ({ message }: Error) => warnings.push(message);
    process.on('warning', note);
    await tuneRecipe(wide, { ...FREE, network: { scaling: 'none' } }, 1);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });

  it('gives the same for the same seed', async () => {
    const [one, other] = [await tuneRecipe(data, FREE, 4), await tuneRecipe(data, FREE, 4)];
    expect(one).toEqual(other);
    const seeded = await tuneRecipe(data, { network: { seed: 2 }, fit: {} }, 4);
    expect(seeded.tried).not.toEqual(one.tried);
  });

  it('serves regressions, without a temperature', async () => {
    const trials: number[] = [];
    const onTrial = (tried: number) => trials.push(tried);
    const { metrics, temperature } = await tuneRecipe(noisy(120, true), FREE, 2, { onTrial });
    expect(metrics).toMatchObject({ kind: 'regression', examples: 120 });
    expect(temperature).toBe(undefined);
    expect(trials).toEqual([1, 2]);
  });

  it('ends when its signal is aborted', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const onTrial = () => controller.abort(reason);
    await expect(tuneRecipe(data, FREE, 9, { signal: controller.signal, onTrial })).rejects.toBe(reason);
  });
});
