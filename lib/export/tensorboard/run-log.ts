/** Reads a run log, line by line, into the scalars of its epochs. */

import { SparseTrainError } from '../../base/errors.js';
import { readTextFile } from '../../base/files/read-text.js';
import { parseJson } from '../../base/json.js';
import type { ScalarEvent } from './records.js';

/** One run of a log. */
export interface LoggedRun {
  readonly id: string;
  readonly wallTime: number;
  readonly events: ScalarEvent[];
}

/**
 * The runs of a log with the scalars of their epochs. A line that a crash cut off can only be the last, and
 * is left out.
 *
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS, INVALID_FILE with the line
 */
export async function readRuns(file: string): Promise<LoggedRun[]> {
  const runs = new Map<string, LoggedRun>();
  let number = 0;
  let torn: SparseTrainError | undefined;
  for (const line of (await readTextFile(file)).split(/\r?\n/)) {
    number++;
    if (line.trim() === '') continue;
    if (torn !== undefined) throw torn;
    const parsed = parse(line);
    if (parsed === undefined) torn = invalidLine(file, number);
    else add(runs, parsed, () => invalidLine(file, number));
  }
  if (runs.size === 0) {
    throw new SparseTrainError(
      'INVALID_FILE',
      `${file} is not a run log: it has no line of a run; give the .jsonl file that train wrote`,
    );
  }
  return [...runs.values()];
}

type Line = Readonly<Record<string, unknown>>;

function parse(line: string): Line | undefined {
  try {
    const value: unknown = parseJson(line);
    return typeof value === 'object' && value !== null ? (value as Line) : {};
  } catch {
    return undefined;
  }
}

function add(runs: Map<string, LoggedRun>, line: Line, invalid: () => SparseTrainError): void {
  const { run: id, time, type } = line;
  const wallTime = typeof time === 'string' ? Date.parse(time) / 1000 : Number.NaN;
  if (typeof id !== 'string' || typeof type !== 'string' || !Number.isFinite(wallTime)) throw invalid();
  let run = runs.get(id);
  if (run === undefined) {
    run = { id, wallTime, events: [] };
    runs.set(id, run);
  }
  if (type !== 'epoch') return;
  const { epoch } = line;
  if (!Number.isSafeInteger(epoch) || (epoch as number) < 0) throw invalid();
  run.events.push({ wallTime, step: epoch as number, scalars: scalarsOf(line) });
}

/** The scalars of an epoch by TensorBoard tag; tags with the same prefix form a group of charts. */
function scalarsOf(line: Line): Record<string, number> {
  const { loss, accuracy, learningRate, samplesPerSecond, seconds, examples } = line;
  const single = {
    'training/loss': loss,
    'training/accuracy': accuracy,
    'training/learning rate': learningRate,
    'speed/samples per second': samplesPerSecond,
    'speed/seconds': seconds,
    'speed/examples': examples,
  };
  const all: [string, unknown][] = [
    ...Object.entries(single),
    ...entries(line.validation).map(([name, value]): [string, unknown] => [`validation/${name}`, value]),
    ...entries(line.saturation).flatMap(([name, counts]) =>
      (Array.isArray(counts) ? counts : []).map((count, j): [string, unknown] => [
        `${name}/junction ${j}`,
        count,
      ]),
    ),
  ];
  return Object.fromEntries(
    all.filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number' && Number.isFinite(entry[1]),
    ),
  );
}

function entries(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

function invalidLine(file: string, line: number): SparseTrainError {
  return new SparseTrainError('INVALID_FILE', `${file}, line ${line}, is not a line of a run log`);
}
