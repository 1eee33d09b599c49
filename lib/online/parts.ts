import { EngineLearner, type LearnerStage, makeStage } from '../engine/learner.js';
import { ClassHead, type Head, NumberHead, type TargetKind } from './head.js';
import type { CheckedLearnerOptions } from './options.js';
import { RowEncoder } from './row-encoder.js';
import { Slots } from './slots.js';

/** The parts of a learner. */
export interface LearnerParts {
  readonly options: CheckedLearnerOptions;
  readonly slots: Slots;
  readonly encoder: RowEncoder;
  /** One for each target. */
  readonly heads: readonly Head[];
  /** Rows learned. */
  rows: number;
}

/** The most columns; further names are ignored. */
const MOST_COLUMNS = 2 ** 18;

/** Makes the parts of a new learner. */
export function makeParts(options: CheckedLearnerOptions): LearnerParts {
  const shared = makeStage();
  const heads = [options.target]
    .flat()
    .map((kind, i) => makeHead(kind, i === 0 ? shared : makeStage(shared), options));
  const engines = heads.map(({ engine }) => engine);
  return {
    options,
    slots: new Slots(options.maxNames, engines),
    encoder: new RowEncoder(new Map(Object.entries(options.schema ?? {})), MOST_COLUMNS),
    heads,
    rows: 0,
  };
}

function makeHead(kind: TargetKind, stage: LearnerStage, options: CheckedLearnerOptions): Head {
  const { seed, hidden, window, maxClasses } = options;
  return kind === 'class'
    ? new ClassHead(new EngineLearner(seed, true, hidden, stage), window, maxClasses)
    : new NumberHead(new EngineLearner(seed, false, hidden, stage), window);
}
