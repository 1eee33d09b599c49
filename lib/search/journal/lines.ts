import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { SparseTrainError } from '../../base/errors.js';
import type { ParsedDefinition } from '../definition/schema.js';
import type { TrialRecord, TrialResult } from '../records.js';
import type { Parameters } from '../space/parameter.js';

/** The first line: what the study is. */
export interface StudyLine {
  readonly type: 'study';
  /** Of the format. */
  readonly version: 1;
  /** A UUID. */
  readonly id: string;
  readonly time: string;
  readonly name: string;
  readonly definition: ParsedDefinition;
}

/** What the trials learn from; once, before the first of them trains. */
export interface DataLine {
  readonly type: 'data';
  readonly time: string;
  readonly name: string;
  /** SHA-256 of the data set's contents. */
  readonly checksum: string;
}

/** A coordinator began. */
export interface SessionLine {
  readonly type: 'session';
  readonly time: string;
  readonly host: string;
  readonly process: number;
  /** Of the package. */
  readonly release: string;
}

/** A trial was asked for. */
export interface BeginLine {
  readonly type: 'begin';
  readonly trial: number;
  readonly time: string;
  readonly parameters: Parameters;
  readonly seed: number;
}

/** A trial has ended. */
export interface EndLine extends TrialResult {
  readonly type: 'end';
  readonly trial: number;
  readonly time: string;
}

export type JournalLine = StudyLine | DataLine | SessionLine | BeginLine | EndLine;

const whole = z.int().min(0);
// JSON has no NaN and no infinities; null stands for them.
const number = z.number().nullable();

/** What ends a trial, beside its number. */
const resultShape = {
  state: z.enum(['complete', 'pruned', 'failed']),
  values: z.record(z.string(), number).optional(),
  curve: z.array(number).optional(),
  digest: z.string().max(200).optional(),
  error: z.object({ code: z.string().max(200), message: z.string().max(10_000) }).optional(),
  seconds: number.optional(),
  worker: z.string().max(1000).optional(),
};

const resultSchema = z.strictObject(resultShape);

/**
 * What a worker says came of a trial, checked; NaN travels as null.
 *
 * @returns the result, or in words what is wrong with it
 */
export function parseTrialResult(given: unknown): { result: TrialResult } | { problem: string } {
  const outcome = resultSchema.safeParse(given);
  if (outcome.success) return { result: outcome.data as TrialResult };
  const [issue] = outcome.error.issues;
  return { problem: `${issue?.path.join('.') || 'the result'}: ${issue?.message}` };
}

const lineSchema = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('study'),
    version: z.literal(1),
    id: z.string(),
    name: z.string(),
    definition: z.looseObject({}),
  }),
  z.looseObject({ type: z.literal('session') }),
  z.looseObject({ type: z.literal('data'), name: z.string(), checksum: z.string() }),
  z.looseObject({
    type: z.literal('begin'),
    trial: whole,
    seed: whole,
    parameters: z.record(z.string(), z.unknown()),
  }),
  z.looseObject({
    type: z.literal('end'),
    trial: whole,
    ...resultShape,
  }),
]);

/** What is in a journal. */
export interface JournalContents {
  /** Undefined: the journal is empty. */
  readonly study: StudyLine | undefined;
  readonly data: DataLine | undefined;
  /** By number; those that have not ended are 'running'. */
  readonly trials: readonly TrialRecord[];
  /** Bytes up to the end of the last whole line. */
  readonly wholeBytes: number;
  /** Bytes of a line that was cut off after it. */
  readonly tornBytes: number;
}

/**
 * Reads a journal, also while a coordinator writes it: a last line that is not whole yet does not count.
 *
 * @returns undefined if there is no such file
 * @throws SparseTrainError FILE_ACCESS, INVALID_FILE with the line's number
 */
export async function readJournal(file: string): Promise<JournalContents | undefined> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new SparseTrainError('FILE_ACCESS', `the journal ${file} cannot be read (${error.code})`, {
      cause: error,
    });
  });
  if (bytes === undefined) return undefined;
  const wholeBytes = bytes.lastIndexOf(0x0a) + 1;
  const lines = bytes.toString('utf8', 0, wholeBytes).split('\n').slice(0, -1);
  let study: StudyLine | undefined;
  let data: DataLine | undefined;
  const trials: TrialRecord[] = [];
  for (const [i, text] of lines.entries()) {
    const line = parseJournalLine(text, `the journal ${file}, line ${i + 1}`);
    if (line.type === 'session') continue;
    if (line.type === 'data') {
      data = line;
      continue;
    }
    const problem = addLine(line, study, trials);
    if (problem !== undefined)
      throw new SparseTrainError('INVALID_FILE', `the journal ${file}, line ${i + 1}: ${problem}`);
    if (line.type === 'study') study = line;
  }
  return { study, data, trials, wholeBytes, tornBytes: bytes.length - wholeBytes };
}

/**
 * A line of a journal, checked.
 *
 * @param where - what a message calls it
 * @throws SparseTrainError with `code`
 */
export function parseJournalLine(
  text: string,
  where: string,
  code: 'INVALID_FILE' | 'INVALID_DATA' = 'INVALID_FILE',
): JournalLine {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new SparseTrainError(code, `${where} is not JSON; ${repairAdvice(text)}`, { cause: error });
  }
  const outcome = lineSchema.safeParse(content);
  if (outcome.success) return outcome.data as unknown as JournalLine;
  const [issue] = outcome.error.issues;
  throw new SparseTrainError(
    code,
    `${where} is not a line of a journal (${issue?.path.join('.') || 'type'}: ${issue?.message}); is this a journal?`,
  );
}

/**
 * How to repair a line that a failed write cut off. Earlier releases went on behind such a line, so that a whole line
 * may follow its first half directly.
 */
function repairAdvice(text: string): string {
  const next = text.lastIndexOf('{"type":"');
  if (next > 0 && isWholeLine(text.slice(next)))
    return `a failed write cut off a line, and the next one follows it directly: delete the first ${next} characters of this line`;
  return text.startsWith('{"type":"') || /^\0*$/.test(text)
    ? 'a failed write cut it off: delete this line; if it ended a trial, that trial runs again'
    : 'is this a journal?';
}

function isWholeLine(text: string): boolean {
  try {
    return lineSchema.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}

/** Adds a line to what is known; a text if it does not fit. */
function addLine(
  line: StudyLine | BeginLine | EndLine,
  study: StudyLine | undefined,
  trials: TrialRecord[],
): string | undefined {
  if (line.type === 'study') return study === undefined ? undefined : 'a second study begins';
  if (study === undefined) return 'a trial comes before the study';
  if (line.type === 'begin') {
    if (line.trial !== trials.length) return `trial ${line.trial} begins where ${trials.length} was to come`;
    const { parameters, seed } = line;
    trials.push({ number: line.trial, state: 'running', parameters, seed, values: {}, curve: [] });
    return undefined;
  }
  const begun = trials[line.trial];
  if (begun === undefined) return `trial ${line.trial} ends, which has not begun`;
  if (begun.state !== 'running')
    return `trial ${line.trial} ends for the second time; delete this line to keep the first result`;
  trials[line.trial] = ended(begun, line);
  return undefined;
}

/** A trial with its result. */
export function ended(begun: TrialRecord, result: TrialResult): TrialRecord {
  const { state, values = {}, curve = [], digest, error, seconds, worker } = result;
  const numbers = Object.entries(values).map(([name, value]) => [name, value ?? Number.NaN]);
  return {
    ...begun,
    state,
    values: Object.fromEntries(numbers) as Record<string, number>,
    curve: curve.map((value: number | null) => value ?? Number.NaN),
    digest,
    error,
    seconds,
    worker,
  };
}
