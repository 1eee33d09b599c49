import { SparseTrainError } from '../../base/errors.js';
import { isDense } from '../../data/dataset.js';
import type { Given } from '../../training/tuning/recipe.js';
import { TRIALS, type Tuning, tuneRecipe } from '../../training/tuning/tune.js';
import type { TrainingData } from '../data/training-data.js';
import { interruptible } from '../interruption.js';
import { LiveLines } from '../live-lines.js';
import { progressLine } from '../progress-line.js';
import type { NetworkValues } from '../settings/network.js';
import type { OutputValues } from '../settings/output.js';
import type { TrainingValues } from '../settings/training.js';
import type { Terminal } from '../terminal.js';

/** Larger tables are tuned only if the user wants it. */
export const LARGEST_TUNED = 20_000;

type Values = NetworkValues & TrainingValues & Pick<OutputValues, 'resume'> & { tune?: number | undefined };

/** Whoever gives one of these has chosen a recipe. */
const CHOICES = [
  'layers',
  'density',
  'fanOut',
  'pattern',
  'parallelism',
  'activation',
  'optimizer',
  'momentum',
  'weightDecay',
  'schedule',
  'initialBias',
  'epochs',
  'batchSize',
  'learningRate',
  'decay',
  'patience',
  'dynamicPattern',
  'calibration',
  'classWeights',
  'imageWidth',
] as const satisfies readonly (keyof Values)[];

/** Options that cannot be combined with a search for a recipe. */
const REFUSED = {
  patience: '--patience stops training by rows that are set aside, but --tune chooses the epochs',
  dynamicPattern: '--dynamic-pattern moves edges, but --tune chooses them',
} as const;

/**
 * The number of recipes to try; 0 for none.
 *
 * @throws SparseTrainError INVALID_OPTION if the data or other options exclude a search
 */
export function trialsFor(values: Values, { isTable, train }: TrainingData): number {
  const { tune, arithmetic } = values;
  if (tune === undefined) {
    const isChosen = CHOICES.some((name) => values[name] !== undefined) || arithmetic === 'hardware';
    // Sparse rows have so many edges that trials would take minutes.
    const isSmall = train.rows <= LARGEST_TUNED && isDense(train);
    return isTable && !isChosen && isSmall ? TRIALS : 0;
  }
  if (tune === 0) return 0;
  const refuse = (says: string) => {
    throw new SparseTrainError('INVALID_OPTION', `${says}; leave one of them out`);
  };
  if (!isTable)
    throw new SparseTrainError(
      'INVALID_OPTION',
      '--tune is for tables that fit into memory; use the command search',
    );
  for (const [name, says] of Object.entries(REFUSED))
    if (values[name as keyof typeof REFUSED] !== undefined) refuse(says);
  if (arithmetic === 'hardware')
    refuse('--arithmetic hardware has neither weight decay nor rates for --tune to choose');
  if (train.rows < 2) throw new SparseTrainError('INVALID_DATA', '--tune needs at least 2 rows');
  return tune;
}

/**
 * Looks for a recipe while showing its progress.
 *
 * @param validation - the share of the rows that is set aside and must decide nothing
 * @returns the exit status if a signal interrupted the search
 */
export async function tuneTable(
  { train }: TrainingData,
  given: Given,
  { trials, validation, quiet }: { trials: number; validation: number; quiet: boolean },
  terminal: Terminal,
): Promise<Tuning | number> {
  const { stderr } = terminal.streams;
  const lines = quiet ? undefined : LiveLines.on(stderr);
  const seed = given.fit.seed ?? given.network.seed ?? 1;
  const rows = validation > 0 ? train.split(validation, seed)[0] : train;
  const show = (tried: number) =>
    lines?.show(() => [
      progressLine(stderr, tried / trials, [`${tried} of at most ${trials} recipes tried`]),
    ]);
  const onInterruption = () => lines?.close();
  return interruptible(onInterruption, async (signal, interruption) => {
    try {
      return await tuneRecipe(rows, given, trials, { signal, onTrial: show });
    } catch (error) {
      const status = interruption();
      if (status === undefined || error !== signal.reason) throw error;
      if (!quiet) terminal.note('stopped while looking for a recipe; nothing was trained');
      return status;
    } finally {
      lines?.close();
    }
  });
}
