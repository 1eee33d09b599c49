import { SparseTrainError } from '../../base/errors.js';
import { readTextFile } from '../../base/files/read-text.js';
import { parseJson } from '../../base/json.js';
import {
  anyNumber,
  anyObject,
  anyText,
  listOf,
  nullable,
  objectOf,
  oneOf,
  openObjectOf,
  optional,
  recordOf,
  type Shape,
  type Shaped,
  ShapeProblem,
  variants,
  wholeNumber,
} from '../../base/stored-json.js';

/** A number that was measured; JSON has null for NaN and infinity. */
const measured: Shape<number | undefined> = (value, path) =>
  value === undefined || value === null ? undefined : anyNumber(value, path);

const counts = listOf(anyNumber);

/** Classes of the largest confusion matrix that a page can show. */
const MOST_CLASSES = 1000;

const startLine = objectOf({
  run: anyText,
  time: optional(anyText),
  version: optional(anyText),
  network: openObjectOf({
    layers: listOf(wholeNumber, 2),
    output: optional(anyText),
    schedule: optional(anyText),
    seed: optional(anyNumber),
    arithmetic: optional(openObjectOf({ kind: anyText })),
  }),
  edges: optional(counts),
  fit: openObjectOf({
    epochs: optional(anyNumber),
    seed: optional(anyNumber),
    threads: optional(anyNumber),
    validation: optional(anyNumber),
  }),
  data: openObjectOf({
    rows: optional(anyNumber),
    validationRows: optional(anyNumber),
    features: optional(anyNumber),
    outputs: optional(anyNumber),
  }),
  kernelSet: optional(anyText),
  machine: optional(
    openObjectOf({
      cpu: optional(anyText),
      cores: optional(anyNumber),
      memoryBytes: optional(anyNumber),
      platform: optional(anyText),
      arch: optional(anyText),
      node: optional(anyText),
    }),
  ),
  context: optional(
    openObjectOf({
      command: optional(listOf(anyText)),
      data: optional(objectOf({ name: anyText, origin: anyObject })),
      measured: optional(nullable(oneOf('test', 'validation'))),
    }),
  ),
});

const epochLine = objectOf({
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
    objectOf({
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

/** Enough of metrics to show them; other fields are left out. */
const metrics = variants('kind', {
  classification: objectOf({
    kind: oneOf('classification'),
    examples: anyNumber,
    loss: measured,
    accuracy: anyNumber,
    confusion: listOf(listOf(anyNumber, 0, MOST_CLASSES), 0, MOST_CLASSES),
    perClass: listOf(objectOf(retrieval)),
  }),
  multilabel: objectOf({
    kind: oneOf('multilabel'),
    examples: anyNumber,
    loss: measured,
    accuracy: anyNumber,
    exactMatch: anyNumber,
    perLabel: listOf(objectOf(retrieval)),
  }),
  regression: objectOf({
    kind: oneOf('regression'),
    examples: anyNumber,
    loss: measured,
    rmse: anyNumber,
    mae: anyNumber,
    r2: anyNumber,
    perOutput: listOf(objectOf({ name: anyText, rmse: anyNumber, mae: anyNumber, r2: anyNumber })),
  }),
});

/** Metrics of a version that knows other ones are not shown. */
const knownMetrics: Shape<LoggedMetrics | undefined> = (value, path) => {
  try {
    return metrics(value, path);
  } catch {
    return undefined;
  }
};

const endLine = objectOf({
  run: anyText,
  stopped: anyText,
  error: optional(anyText),
  epochs: optional(anyNumber),
  examples: optional(anyNumber),
  trainSeconds: measured,
  seconds: measured,
  samplesPerSecond: measured,
  validation: optional(knownMetrics),
  best: optional(openObjectOf({ epoch: anyNumber })),
  threads: optional(anyNumber),
  kernelSet: optional(anyText),
  digest: optional(anyText),
});

export type LoggedStart = Shaped<typeof startLine>;
export type LoggedEpoch = Shaped<typeof epochLine>;
export type LoggedEnd = Shaped<typeof endLine>;
/** Checks the metrics of a log. */
export type LoggedMetrics = Shaped<typeof metrics>;

/** A run of a run log; `end` is missing if it still runs or was killed. */
export interface LoggedRun {
  readonly start: LoggedStart;
  readonly epochs: readonly LoggedEpoch[];
  readonly end: LoggedEnd | undefined;
}

/**
 * Reads all runs of a run log, in the order in which they began. Lines that a crash cut off are skipped.
 *
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS; INVALID_FILE if there is no run in it, or a line is not one of
 * a run log
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
    const where = `${file}, line ${i + 1}`;
    if (type === 'start')
      runs.set(String(run), { start: checked(startLine, json, where), epochs: [], end: undefined });
    if (type === 'epoch') known?.epochs.push(checked(epochLine, json, where));
    if (type === 'end' && known !== undefined) known.end = checked(endLine, json, where);
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
    // An empty line, the last line of a running run, or one that a crash cut off.
    return undefined;
  }
}

function checked<T>(shape: Shape<T>, json: object, where: string): T {
  try {
    return shape(json, '');
  } catch (error) {
    if (!(error instanceof ShapeProblem)) throw error;
    throw new SparseTrainError('INVALID_FILE', `${where} is not a line of a run log: ${error.message}`, {
      cause: error,
    });
  }
}
