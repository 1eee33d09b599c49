import { invalidOption } from '../base/errors.js';
import { checkedBy, type Kind, listOf, oneOf } from '../base/options/kinds.js';
import { type CheckedOptions, checkOptions, objectOf, option } from '../base/options/table.js';
import type { Parameters } from './space/parameter.js';

/** The state of a trial. */
export type TrialState = 'running' | 'complete' | 'pruned' | 'failed';

/** One trial of a study. */
export interface TrialRecord {
  /** Counted from 0, in the order of asking. */
  readonly number: number;
  readonly state: TrialState;
  readonly parameters: Parameters;
  /** Values of its parameters. */
  readonly seed: number;
  /** All measurements by name, objectives among them; incomplete if the trial did not complete. */
  readonly values: Readonly<Record<string, number>>;
  /** The first objective (or the loss) after every epoch. */
  readonly curve: readonly number[];
  /** SHA-256 of pattern, weights and biases of the trained network. */
  readonly digest?: string | undefined;
  readonly error?: { readonly code: string; readonly message: string } | undefined;
  /** Seconds that it took on the worker. */
  readonly seconds?: number | undefined;
  /** Which worker ran it: host, process, thread. */
  readonly worker?: string | undefined;
}

const measured: Kind<number> = checkedBy('a number or null', (name, value) => {
  if (typeof value === 'number' || value === null) return value as number;
  throw invalidOption(name, 'a number or null', value);
});

/** The numbers of a result by name; null stands for NaN, which JSON does not have. */
const measuredValues: Kind<Readonly<Record<string, number>>> = checkedBy(
  'an object of numbers',
  (name, value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw invalidOption(name, 'an object of numbers', value);
    for (const [key, item] of Object.entries(value)) measured.check(`${name}.${key}`, item);
    return value as Readonly<Record<string, number>>;
  },
);

/** The longest string that a worker may send as part of a result. */
const LONGEST_TEXT = 10_000;

const shortText: Kind<string> = checkedBy(`a text of at most ${LONGEST_TEXT} characters`, (name, value) => {
  if (typeof value === 'string' && value.length <= LONGEST_TEXT) return value;
  throw invalidOption(name, `a text of at most ${LONGEST_TEXT} characters`, value);
});

/** The fields of a trial's result. */
export const RESULT_FIELDS = {
  state: option(oneOf(['complete', 'pruned', 'failed']), { required: true, text: 'how the trial ended' }),
  values: option(measuredValues, { text: 'everything measured, by name' }),
  curve: option(listOf(measured), { text: 'the first objective (or the loss) after every epoch' }),
  digest: option(shortText, { text: 'SHA-256 of pattern, weights and biases of the trained network' }),
  error: option(
    objectOf({
      code: option(shortText, { required: true, text: 'as in docs/errors.md' }),
      message: option(shortText, { required: true, text: 'for people' }),
    }),
    { text: 'why a trial failed' },
  ),
  seconds: option(measured, { text: 'from its beginning to its end on the worker' }),
  worker: option(shortText, { text: 'host, process and thread that trained it' }),
};

/** A trial's result, for tell(). */
export type TrialResult = CheckedOptions<Pick<typeof RESULT_FIELDS, 'state'>> &
  Partial<CheckedOptions<Omit<typeof RESULT_FIELDS, 'state'>>>;

/**
 * Checks the result that a worker sent.
 *
 * @throws SparseTrainError INVALID_OPTION, UNKNOWN_OPTION
 */
export function checkResult(given: unknown): TrialResult {
  return checkOptions('the result', RESULT_FIELDS, given);
}

/** A string short enough for a result. */
export function cutText(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 3)}...` : text;
}
