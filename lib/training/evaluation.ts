import type { OptionsOf } from '../base/options/table.js';
import { sliceRows } from '../data/csr.js';
import { labelOutputs } from '../formats/csv/labels.js';
import { predictRows } from '../network/batch.js';
import type { NetworkCore } from '../network/core.js';
import type { THREADS } from '../network/threads.js';
import { bothClasses } from './calibration.js';
import { checkExamples, type Examples } from './examples.js';
import {
  ClassificationTally,
  ColumnTally,
  type Metrics,
  type MultilabelMetrics,
  MultilabelTally,
  type RegressionMetrics,
  RegressionTally,
} from './metrics.js';
import type { Interruption } from './run/interruption.js';

/** The scores to hold at a time: 16 MiB. */
const SCORES = 2 ** 22;

/** Options of {@link Network.evaluate}. */
export interface EvaluateOptions extends OptionsOf<typeof THREADS> {}

/**
 * Measures a network on examples, in chunks.
 *
 * @returns undefined if it was interrupted
 * @throws SparseTrainError INVALID_DATA if they do not fit the network
 */
export async function evaluateExamples(
  core: NetworkCore,
  examples: Examples,
  threads: number,
  interruption?: Interruption,
): Promise<Metrics | undefined> {
  const names = checkExamples(core, examples);
  const tally = makeTally(core, examples, names);
  const { rows } = examples.inputs;
  const step = Math.max(1, Math.floor(SCORES / core.outputs));
  for (let start = 0; start < rows; start += step) {
    if (interruption?.stopped) return undefined;
    const end = Math.min(rows, start + step);
    const chunk = sliceRows(examples.inputs, start, end);
    const { scores, decisions } = await predictRows(core, chunk, threads, interruption);
    if (interruption?.stopped) return undefined;
    tally.add(scores, decisions, start, end);
  }
  return tally.metrics();
}

interface Tally {
  add(scores: Float32Array, decisions: Uint32Array, start: number, end: number): void;
  metrics(): Metrics;
}

function makeTally(core: NetworkCore, { targets }: Examples, names: readonly string[]): Tally {
  const { outputs } = core;
  switch (targets.kind) {
    case 'classes': {
      const { labels, classes } = targets;
      const oneOutput = outputs === 1;
      const tally = new ClassificationTally(oneOutput ? classes : names);
      return {
        add: (scores, decisions, start, end) =>
          tally.add(oneOutput ? bothClasses(scores) : scores, decisions, labels.subarray(start, end)),
        metrics: () => tally.metrics(),
      };
    }
    case 'multilabel':
      return outputTally(core, targets.data, new MultilabelTally(names));
    case 'values': {
      const units = core.targetScaling?.sd ?? new Array<number>(outputs).fill(1);
      return outputTally(core, targets.data, new RegressionTally(names, units));
    }
  }
}

/** Counts outputs one by one, and the columns of classes whose values they are. */
function outputTally<T extends Uint8Array | Float64Array>(
  core: NetworkCore,
  data: T,
  tally: { add(scores: Float32Array, targets: T): void; metrics(): MultilabelMetrics | RegressionMetrics },
): Tally {
  const { outputs } = core;
  const columns = columnTally(core);
  return {
    add(scores, _, start, end) {
      const own = data.subarray(start * outputs, end * outputs) as T;
      tally.add(scores, own);
      columns?.add(scores, own);
    },
    metrics: () =>
      columns === undefined ? tally.metrics() : { ...tally.metrics(), columns: columns.metrics() },
  };
}

/** Counts decisions about the columns of classes among several labels; undefined if there are none. */
function columnTally({ schema, outputs }: NetworkCore): ColumnTally | undefined {
  const labels = schema === undefined ? [] : labelOutputs(schema);
  if (labels.length < 2 || labels.at(-1)?.to !== outputs) return undefined;
  const classes = labels.filter(({ column }) => column.kind === 'class');
  if (classes.length === 0) return undefined;
  return new ColumnTally(
    classes.map(({ column, from, to }) => ({ name: column.name, from, to })),
    outputs,
  );
}
