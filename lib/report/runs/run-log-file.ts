import { SparseTrainError } from '../../base/errors.js';
import { readTextFile } from '../../base/files/read-text.js';
import { parseJson } from '../../base/json.js';
import { absentOr, checkStored, fieldsOf, formsOf, optional } from '../../base/options/fields.js';
import {
  anyText,
  type Kind,
  listOf,
  nullable,
  number,
  oneOf,
  recordOf,
  type ValueOf,
  whole,
} from '../../base/options/kinds.js';
import { clippedInputsKind } from '../../data/clipping.js';

const anyNumber = number({});

/** A number that was measured; JSON has null for NaN and infinity. */
const measured = absentOr(anyNumber);

const counts = listOf(anyNumber);

/** An object that keeps unknown fields, because pages show all of them. */
const open = { others: 'kept' } as const;

const anyObject = fieldsOf({}, open);

/** The most classes of a confusion matrix that a page can show. */
const MOST_CLASSES = 1000;

const startLine = fieldsOf({
  run: anyText,
  time: optional(anyText),
  version: optional(anyText),
  network: fieldsOf(
    {
      layers: listOf(whole(0), { least: 2 }),
      output: optional(anyText),
      schedule: optional(anyText),
      seed: optional(anyNumber),
      arithmetic: optional(fieldsOf({ kind: anyText }, open)),
    },
    open,
  ),
  edges: optional(counts),
  fit: fieldsOf(
    {
      epochs: optional(anyNumber),
      seed: optional(anyNumber),
      threads: optional(anyNumber),
      validation: optional(anyNumber),
    },
    open,
  ),
  data: fieldsOf(
    {
      rows: optional(anyNumber),
      validationRows: optional(anyNumber),
      features: optional(anyNumber),
      outputs: optional(anyNumber),
      clippedInputs: optional(clippedInputsKind),
    },
    open,
  ),
  kernelSet: optional(anyText),
  machine: optional(
    fieldsOf(
      {
        cpu: optional(anyText),
        cores: optional(anyNumber),
        memoryBytes: optional(anyNumber),
        platform: optional(anyText),
        arch: optional(anyText),
        node: optional(anyText),
      },
      open,
    ),
  ),
  context: optional(
    fieldsOf(
      {
        command: optional(listOf(anyText)),
        data: optional(fieldsOf({ name: anyText, origin: anyObject })),
        measured: optional(nullable(oneOf(['test', 'validation']))),
      },
      open,
    ),
  ),
});

const epochLine = fieldsOf({
  run: anyText,
  epoch: anyNumber,
  examples: anyNumber,
  learningRate: measured,
  loss: measured,
  accuracy: measured,
  seconds: measured,
  samplesPerSecond: measured,
  validation: optional(recordOf(measured)),
  saturation: optional(
    fieldsOf({
      weightsAtLimit: counts,
      activationsClipped: counts,
      deltasClipped: counts,
      batchSteps: optional(counts),
      stepsRoundedToZero: optional(counts),
    }),
  ),
});

const retrieval = {
  name: anyText,
  support: anyNumber,
  precision: anyNumber,
  recall: anyNumber,
  f1: anyNumber,
};

/** The fields of metrics that pages show; others are left out. */
const metrics = formsOf('kind', {
  classification: {
    examples: anyNumber,
    loss: measured,
    accuracy: anyNumber,
    confusion: listOf(listOf(anyNumber, { most: MOST_CLASSES }), { most: MOST_CLASSES }),
    perClass: listOf(fieldsOf(retrieval)),
  },
  multilabel: {
    examples: anyNumber,
    loss: measured,
    accuracy: anyNumber,
    exactMatch: anyNumber,
    perLabel: listOf(fieldsOf(retrieval)),
  },
  regression: {
    examples: anyNumber,
    loss: measured,
    rmse: anyNumber,
    mae: anyNumber,
    r2: anyNumber,
    perOutput: listOf(fieldsOf({ name: anyText, rmse: anyNumber, mae: anyNumber, r2: anyNumber })),
  },
});

/** Metrics that only another release knows are not shown. */
const knownMetrics: Kind<LoggedMetrics | undefined> = {
  expected: metrics.expected,
  check(name, value) {
    try {
      return metrics.check(name, value);
    } catch (error) {
      if (error instanceof SparseTrainError) return undefined;
      throw error;
    }
  },
};

const endLine = fieldsOf({
  run: anyText,
  stopped: anyText,
  error: optional(anyText),
  epochs: optional(anyNumber),
  examples: optional(anyNumber),
  trainSeconds: measured,
  seconds: measured,
  samplesPerSecond: measured,
  validation: knownMetrics,
  best: optional(fieldsOf({ epoch: anyNumber }, open)),
  threads: optional(anyNumber),
  kernelSet: optional(anyText),
  digest: optional(anyText),
  clippedInputs: optional(clippedInputsKind),
});

export type LoggedStart = ValueOf<typeof startLine>;
export type LoggedEpoch = ValueOf<typeof epochLine>;
export type LoggedEnd = ValueOf<typeof endLine>;
/** Checks the metrics of a log. */
export type LoggedMetrics = ValueOf<typeof metrics>;

/** A run of a run log. `end` is missing if the run still continues or was killed. */
export interface LoggedRun {
  readonly start: LoggedStart;
  readonly epochs: readonly LoggedEpoch[];
  readonly end: LoggedEnd | undefined;
}

/**
 * Reads all runs of a run log, in the order in which they began. Lines that a crash cut off are skipped.
 *
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS; INVALID_FILE if there is no run in it, or one of its lines
 * is not a line of a run log
 */
export async function readRunLog(file: string): Promise<LoggedRun[]> {
  return parseRunLog(await readTextFile(file), file);
}

/** The runs of a run log's text; `file` is for messages. */
export function parseRunLog(text: string, file: string): LoggedRun[] {
  const runs = new Map<string, { start: LoggedStart; epochs: LoggedEpoch[]; end: LoggedEnd | undefined }>();
  for (const [i, line] of text.split('\n').entries()) {
    const json = parsed(line);
    if (json === undefined) continue;
    const { type, run } = json as { type?: unknown; run?: unknown };
    const known = runs.get(String(run));
    const where = `${file}, line ${i + 1} is not a line of a run log: `;
    if (type === 'start')
      runs.set(String(run), { start: checkStored(startLine, json, where), epochs: [], end: undefined });
    if (type === 'epoch') known?.epochs.push(checkStored(epochLine, json, where));
    if (type === 'end' && known !== undefined) known.end = checkStored(endLine, json, where);
  }
  if (runs.size === 0)
    throw new SparseTrainError('INVALID_FILE', `${file} is not a run log: no line of it begins a run`);
  return [...runs.values()];
}

function parsed(line: string): object | undefined {
  try {
    const json: unknown = parseJson(line);
    return typeof json === 'object' && json !== null ? json : undefined;
  } catch {
    // An empty line, an unfinished last line, or a line that a crash cut off.
    return undefined;
  }
}
