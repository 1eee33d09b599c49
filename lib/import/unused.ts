/** Finds arrays of a file that an import does not use, and refuses networks that they are a part of. */
import { nearest, SparseTrainError, shortened } from '../base/errors.js';
import { literal, optionName, say, type Wording } from '../base/wording.js';
import { splitName } from './array-name.js';
import type { FoundMatrices, FoundMatrix } from './matrices.js';
import type { Contents, StoredArray } from './stored-array.js';

/** Arrays that an import may leave out: their names, the names of the modules that hold them, or all. */
export type LeftOut = 'all' | readonly string[];

/** Whether an array, or the module that holds it, is one of those to leave out. */
export function isLeftOut(name: string, leaveOut: LeftOut): boolean {
  if (leaveOut === 'all') return true;
  return leaveOut.some(
    (left) => name === left || (name.startsWith(left) && /^[./_]/.test(name.slice(left.length))),
  );
}

/**
 * Refuses names to leave out that are not in the file.
 *
 * @throws SparseTrainError INVALID_OPTION
 */
export function checkLeftOut({ arrays }: Contents, leaveOut: LeftOut): void {
  if (leaveOut === 'all') return;
  const names = arrays.map(({ name }) => name);
  for (const left of leaveOut) {
    if (names.some((name) => isLeftOut(name, [left]))) continue;
    const near = nearest(left, names);
    throw new SparseTrainError('INVALID_OPTION', {
      option: 'leaveOut',
      says: say`${optionName('leaveOut')}: the file has nothing called "${shortened(left)}"`,
      advice:
        near === undefined ? `it has ${someNames(names)}` : say`did you mean ${literal(shortened(near))}?`,
    });
  }
}

/** What arrays of these names belong to, if they are parts of a layer that is more than a matrix and biases. */
const KNOWN: readonly (readonly [RegExp, what: string, advice: string])[] = [
  [
    /(^|[./_])(running_mean|running_var|num_batches_tracked|moving_mean|moving_variance)(:0)?$/,
    'batch normalisation',
    'fold it into the matrix before it',
  ],
  [
    /(^|[./_])weight_(orig|mask)$/,
    'weights with a mask apart',
    "make them one matrix with torch.nn.utils.prune.remove(module, 'weight')",
  ],
  [/(^|[./_])weight_[gv]$/, 'normalised weights', 'make them one matrix with remove_weight_norm(module)'],
  [/(^|[./_])weight_(ih|hh)_l\d+/, 'a recurrent layer', ''],
  [/(^|[./_])in_proj_weight$/, 'attention', ''],
];

/**
 * The arrays that are not used. Unless they are to be left out, or the caller chose the matrices and these are others, they
 * are refused: a network without them would compute something else.
 *
 * @param matrices - those that become the network
 * @param found - all matrices of the file
 * @param isChosen - whether the caller named the matrices
 * @throws SparseTrainError INVALID_FILE
 */
export function unusedArrays(
  { arrays }: Contents,
  matrices: readonly FoundMatrix[],
  { found, isChosen, leaveOut }: { found: FoundMatrices; isChosen: boolean; leaveOut: LeftOut },
): string[] {
  const used = new Set(matrices.flatMap((matrix) => matrix.arrays));
  const others = new Set(isChosen ? [...found.values()].flatMap((matrix) => matrix.arrays) : []);
  const unused = arrays.filter(({ name }) => !used.has(name));
  const odd = matrices.filter(({ name }) => !isChosen && kindOf(name) !== undefined);
  const refused = [
    ...unused.filter(({ name }) => !isLeftOut(name, leaveOut) && !others.has(name)),
    ...arrays.filter(({ name }) => odd.some((matrix) => matrix.name === name)),
  ];
  if (refused.length > 0) throw notRepresented(refused, arrays);
  return unused.map(({ name }) => name);
}

function kindOf(name: string): (typeof KNOWN)[number] | undefined {
  return KNOWN.find(([pattern]) => pattern.test(name));
}

function notRepresented(refused: readonly StoredArray[], arrays: readonly StoredArray[]): SparseTrainError {
  const [first] = refused as [StoredArray, ...StoredArray[]];
  const module = arrays.filter(({ name }) => moduleOf(name) === moduleOf(first.name));
  const known = module.map(({ name }) => kindOf(name)).find((kind) => kind !== undefined);
  const [, what, advice] = known ?? [undefined, guessed(first), ''];
  // A module is left out as a whole only if nothing of it is used.
  const isWhole = (module: string) =>
    arrays.every((array) => moduleOf(array.name) !== module || refused.includes(array));
  const leave = new Set(refused.map(({ name }) => (isWhole(moduleOf(name)) ? moduleOf(name) : name)));
  const shown = leave.size > 5 ? 'all' : [...leave].join(', ');
  const hint: Wording = say`leave it out with ${optionName('leaveOut')} (${shown}), which makes another network`;
  const fold = advice === '' ? '' : `${advice}, or `;
  return new SparseTrainError(
    'INVALID_FILE',
    say`it holds ${someNames(refused.map(({ name }) => name))}, which are not used: ${what} cannot be represented by junctions; ${fold}${hint}`,
  );
}

/** The module of an array: its name up to the last point or slash; its whole name if there is none. */
function moduleOf(name: string): string {
  const end = Math.max(name.lastIndexOf('.'), name.lastIndexOf('/'));
  return end === -1 ? name : name.slice(0, end);
}

function guessed({ name, shape }: StoredArray): string {
  const size = shape.join(' x ');
  if (shape.length > 2) return `"${shortened(name)}" (${size}), a convolution or other tensor,`;
  const { last } = splitName(name);
  if (/^(weight|gamma|beta|scale)$/.test(last))
    return `"${shortened(name)}" (${size || 'one number'}), a normalisation or activation with weights,`;
  return `"${shortened(name)}" (${size || 'one number'}), neither matrix nor biases of one,`;
}

/** Some names as one text. */
export function someNames(names: readonly string[], most = 12): string {
  const more = names.length > most ? ` and ${names.length - most} more` : '';
  return (
    names
      .slice(0, most)
      .map((name) => shortened(name))
      .join(', ') + more
  );
}
