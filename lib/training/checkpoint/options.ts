import { invalidOption } from '../../base/errors.js';
import { boolean, checkedBy, number, path, whole } from '../../base/options/kinds.js';
import { type CheckedOptions, checkOptions, type OptionsOf, option } from '../../base/options/table.js';

/** The interval between checkpoints; one of these is given. */
export const CHECKPOINT_EVERY = {
  /** Above 0 to 1,000,000. */
  seconds: option(number({ above: 0, to: 1_000_000 }), { text: 'seconds from one checkpoint to the next' }),
  /** Complete epochs, 1 to 1,000,000. */
  epochs: option(whole(1, 1_000_000), { text: 'complete epochs from one checkpoint to the next' }),
};

const everyText = '{ seconds: number } or { epochs: number }';

const everyKind = checkedBy<{ seconds: number } | { epochs: number }>(everyText, (name, value) => {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 1)
    throw invalidOption(name, everyText, value);
  const { seconds, epochs } = checkOptions(name, CHECKPOINT_EVERY, value, `${name}.`);
  if (seconds !== undefined) return { seconds };
  if (epochs !== undefined) return { epochs };
  throw invalidOption(name, everyText, value);
});

/** The options of `checkpoint`. */
export const CHECKPOINT = {
  /**
   * The file. Each checkpoint replaces it as a whole, and the previous one stays beside it as `FILE.previous`. Delete both
   * when their training is over.
   */
  file: option(path(), {
    text: 'the file; the one before it stays beside it as FILE.previous',
    required: true,
  }),
  /**
   * Seconds (above 0 to 1,000,000) or complete epochs from one checkpoint to the next. By default a checkpoint is taken
   * only if training is stopped before its end, by `signal` or by an error of a callback.
   */
  every: option(everyKind, {
    text: 'seconds or complete epochs from one checkpoint to the next',
    otherwise: 'only where training is stopped before its end',
  }),
  /**
   * Resume from the checkpoint if there is one: the network becomes what it would be if training had never stopped. It
   * must be new and have the same options, and fit() must get the same data and options; threads and kernel set may
   * differ. A stream must begin with example number {@link CheckpointFacts.examples}.
   */
  resume: option(boolean, { text: 'resume from the checkpoint if there is one', default: false }),
};

/** Where and when fit() saves the state from which it can resume after a crash. */
export interface CheckpointOptions extends OptionsOf<typeof CHECKPOINT> {}

/** {@link CheckpointOptions} checked. */
export interface CheckpointRule {
  readonly file: string;
  readonly seconds: number | undefined;
  readonly epochs: number | undefined;
  readonly resume: boolean;
}

/** Turns checked options into a rule. */
export function checkpointRule({ file, every, resume }: CheckedOptions<typeof CHECKPOINT>): CheckpointRule {
  const seconds = every !== undefined && 'seconds' in every ? every.seconds : undefined;
  const epochs = every !== undefined && 'epochs' in every ? every.epochs : undefined;
  return { file, seconds, epochs, resume };
}
