import type { AnyDataset } from '../../data/dataset.js';
import { canHaveSteps, decays, type Given, type Recipe, rateOf, recipeForTable } from './recipe.js';

/** A recipe and the mean loss of networks made by it, on rows that they had not learned from. */
export interface Tried {
  readonly recipe: Recipe;
  /** Infinite if training diverged. */
  readonly loss: number;
}

/** Quantiles of each column in a first layer of steps. */
const STEPS = 8;
/** Weight decays times rows, in ascending order. */
const DECAYS = [0.5, 2, 6, 20, 60, 200] as const;
/** A more elaborate recipe must lower the loss by this share. */
const WORTHWHILE = 0.003;
/**
 * A recipe must lower the loss by this many standard errors of the difference, or the best of many recipes would often be
 * a lucky one.
 */
const STANDARD_ERRORS = 0.5;

/**
 * Looks for a good recipe, one choice after another: a first layer of steps together with weight decay, then the learning
 * rate, the epochs and the size. What the caller has given is not varied.
 *
 * @param most - recipes to try, at least 1
 * @param lossesOf - the losses of the same rows for every recipe; undefined if training diverged
 * @returns the recipes in the order in which they were tried, and the chosen one
 */
export async function searchRecipe(
  data: AnyDataset,
  given: Given,
  most: number,
  lossesOf: (recipe: Recipe) => Promise<Float64Array | undefined>,
): Promise<{ tried: Tried[]; best: Tried }> {
  const tried: Tried[] = [];
  let best: Tried = { recipe: recipeForTable(data, given), loss: Number.POSITIVE_INFINITY };
  let least: Float64Array | undefined;
  const attempt = async (part: Partial<Recipe>, worthwhile = WORTHWHILE): Promise<boolean> => {
    const recipe = { ...best.recipe, ...part };
    const key = JSON.stringify(recipe);
    const isKnown = tried.some((each) => JSON.stringify(each.recipe) === key);
    if (isKnown || tried.length >= most) return false;
    const losses = await lossesOf(recipe);
    const loss = losses === undefined ? Number.POSITIVE_INFINITY : meanOf(losses);
    tried.push({ recipe, loss });
    if (losses === undefined || !isLower(losses, least, worthwhile)) return false;
    best = { recipe, loss };
    least = losses;
    return true;
  };
  const { epochs, decay: usual } = best.recipe;
  const isFree = decays(given);

  await attempt({}, 0);
  if (isFree) await attempt({ decay: usual === 2 ? 20 : 60 }, 0);
  if (canHaveSteps(data, given)) {
    const both = isFree ? [2, 20] : [usual];
    for (const decay of both) await attempt({ steps: STEPS, decay });
  }
  if (isFree) {
    for (const step of [1, -1])
      for (let i = DECAYS.indexOf(best.recipe.decay as 2) + step; i >= 0 && i < DECAYS.length; i += step)
        if (!(await attempt({ decay: DECAYS[i] as number }, 0))) break;
  }
  if (given.fit.learningRate === undefined) {
    const rate = rateOf(given);
    if (!(await attempt({ rate: rate / 2 }))) await attempt({ rate: Math.min(1, 2 * rate) });
  }
  if (given.fit.epochs === undefined) await attempt({ epochs: 2 * epochs });
  if (given.hidden === undefined && !(await attempt({ hidden: [256] }))) await attempt({ hidden: [128, 32] });
  return { tried, best };
}

function meanOf(numbers: Float64Array): number {
  return numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
}

/** Whether losses are lower than others of the same rows, by a share of them and by more than chance explains. */
function isLower(losses: Float64Array, others: Float64Array | undefined, share: number): boolean {
  if (others === undefined) return true;
  const gains = losses.map((loss, row) => (others[row] as number) - loss);
  const gain = meanOf(gains);
  const variance = meanOf(gains.map((x) => (x - gain) ** 2));
  const error = Math.sqrt(variance / gains.length);
  return gain > Math.max(STANDARD_ERRORS * error, share * meanOf(others));
}
