/**
 * The parts of a checkpoint that are JSON. A checksum protects them, but somebody may have made the file on purpose, so
 * everything that resuming relies on is checked.
 */
import { invalidOption } from '../../base/errors.js';
import { absentOr, fieldsOf, optional } from '../../base/options/fields.js';
import {
  anyText,
  checkedBy,
  type Kind,
  listOf,
  number,
  oneOf,
  recordOf,
  whole,
} from '../../base/options/kinds.js';
import { inputUnitKind } from '../../network/inputs.js';
import type { Adopted, Position, TrainingIdentity, WatchState } from './checkpoint.js';

/** A number of a training, which may have diverged: NaN and infinities included. */
const measure: Kind<number> = checkedBy('a number', (name, value) => {
  if (typeof value === 'number') return value;
  throw invalidOption(name, 'a number', value);
});

const count = whole(0);
const counts = listOf(measure);
const seconds = number({ from: 0 });
const open = { others: 'kept' } as const;
const anyObject = fieldsOf({}, open);
const scores = recordOf(measure);

const summary = fieldsOf(
  { epochs: count, examples: count, seconds, loss: absentOr(measure), validation: optional(scores) },
  open,
);

const saturation = fieldsOf(
  { weightsAtLimit: counts, activationsClipped: counts, deltasClipped: counts },
  open,
);

const epoch = fieldsOf(
  { epoch: count, examples: count, learningRate: measure, seconds, samplesPerSecond: measure, saturation },
  open,
);

/** How far training was. */
export const positionKind = fieldsOf(
  {
    run: anyText,
    epochs: listOf(epoch),
    first: count,
    examples: count,
    trainSeconds: seconds,
    sums: fieldsOf(
      { examples: count, outputs: count, lossSum: measure, correct: count, seconds, moved: absentOr(counts) },
      open,
    ),
    clipped: saturation,
    training: summary,
  },
  open,
) as Kind<unknown> as Kind<Position>;

/** Which training it is. */
export const identityKind: Kind<TrainingIdentity> = fieldsOf({
  network: anyObject,
  fit: anyObject,
  data: anyObject,
});

/** What the network has learned of its data besides weights; the scalings are checked for the network's size later. */
export const adoptedKind = fieldsOf({
  scaling: optional(anyObject),
  unit: optional(inputUnitKind),
  targetScaling: optional(anyObject),
  classes: optional(listOf(anyText)),
}) as Kind<unknown> as Kind<Adopted>;

/** What early stopping remembers, without the parameters, which are tensors. */
export const watchKind = fieldsOf({
  best: optional(fieldsOf({ epoch: count, metric: oneOf(['loss', 'accuracy']), value: measure })),
  latest: count,
  training: optional(summary),
}) as Kind<unknown> as Kind<Omit<WatchState, 'parameters'>>;
