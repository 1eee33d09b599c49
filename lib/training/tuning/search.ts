import type { AnyDataset } from '../../data/dataset.js';
import { canHaveSteps, decays, type Given, type Recipe, rateOf, recipeForTable } from './recipe.js';

/** A recipe and the loss of networks made by it, on rows that they had not learned from. */
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
 * Looks for a good recipe, one choice after another: a first layer of steps together with weight decay, then the learning
 * rate, the epochs and the size. What the caller has given is not varied.
 *
 * @param most - recipes to try, at least 1
 * @returns the recipes in the order in which they were tried, and the chosen one
 */
export async function searchRecipe(
  data: AnyDataset,
  given: Given,
  most: number,
  lossOf: (recipe: Recipe) => Promise<number>,
): Promise<{ tried: Tried[]; best: Tried }> {
  const tried: Tried[] = [];
  let best: Tried = { recipe: recipeForTable(data, given), loss: Number.POSITIVE_INFINITY };
  const attempt = async (part: Partial<Recipe>, worthwhile = WORTHWHILE): Promise<boolean> => {
    const recipe = { ...best.recipe, ...part };
    const key = JSON.stringify(recipe);
    const isKnown = tried.some((each) => JSON.stringify(each.recipe) === key);
    if (isKnown || tried.length >= most) return false;
    const loss = await lossOf(recipe);
    tried.push({ recipe, loss });
    if (!(loss < best.loss * (1 - worthwhile)) && tried.length > 1) return false;
    best = { recipe, loss };
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
