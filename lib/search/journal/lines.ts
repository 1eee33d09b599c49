import { invalidOption, SparseTrainError, seenFrom } from '../../base/errors.js';
import { readTextBytes } from '../../base/files/read-text.js';
import { parseJson } from '../../base/json.js';
import { checkedBy, oneOf, oneOfNumbers, plainObject, text, whole } from '../../base/options/kinds.js';
import { checkOptionsObject, checkValues, option, type Table } from '../../base/options/table.js';
import type { ParsedDefinition } from '../definition/tables.js';
import { RESULT_FIELDS, type TrialRecord, type TrialResult } from '../records.js';
import type { Parameters } from '../space/parameter.js';

/** The first line: the study's definition. */
export interface StudyLine {
  readonly type: 'study';
  /** Version of the file format. */
  readonly version: 1;
  /** A UUID. */
  readonly id: string;
  readonly time: string;
  readonly name: string;
  readonly definition: ParsedDefinition;
}

/** The data that the trials learn from; written once, before the first trial is trained. */
export interface DataLine {
  readonly type: 'data';
  readonly time: string;
  readonly name: string;
  /** SHA-256 of the data set's contents. */
  readonly checksum: string;
}

/** A process began to run the study. */
export interface SessionLine {
  readonly type: 'session';
  readonly time: string;
  readonly host: string;
  readonly process: number;
  /** Version of the package. */
  readonly release: string;
}

/** A trial has begun. */
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

/** A string, possibly empty. */
const anyText = checkedBy('a text', (name, value) => {
  if (typeof value === 'string') return value;
  throw invalidOption(name, 'a text', value);
});

/** The fields that a reader needs from each type of line; further fields are allowed. */
const LINES = {
  study: {
    version: option(oneOfNumbers([1]), { required: true, text: 'of the format' }),
    id: option(text(), { required: true, text: 'a UUID' }),
    name: option(text(), { required: true, text: 'for people' }),
    definition: option(plainObject, { required: true, text: 'as it was parsed' }),
  },
  session: {},
  data: {
    name: option(anyText, { required: true, text: 'of the data set' }),
    checksum: option(text(), { required: true, text: "SHA-256 of the data set's contents" }),
  },
  begin: {
    trial: option(whole(0), { required: true, text: "the trial's number" }),
    seed: option(whole(0), { required: true, text: 'what it trains with' }),
    parameters: option(plainObject, { required: true, text: 'by name' }),
  },
  end: {
    trial: option(whole(0), { required: true, text: "the trial's number" }),
    ...RESULT_FIELDS,
  },
} as const satisfies Record<JournalLine['type'], Table>;

const typeKind = oneOf(Object.keys(LINES) as JournalLine['type'][]);

/** The contents of a journal. */
export interface JournalContents {
  /** Undefined if the journal is empty. */
  readonly study: StudyLine | undefined;
  readonly data: DataLine | undefined;
  /** Trials by number; unfinished ones have the state 'running'. */
  readonly trials: readonly TrialRecord[];
  /** Bytes up to the end of the last whole line. */
  readonly wholeBytes: number;
  /** Bytes of the incomplete line that follows it. */
  readonly tornBytes: number;
}

/**
 * Reads a journal, even while a coordinator writes it: an incomplete last line is ignored.
 *
 * @returns undefined if there is no such file
 * @throws SparseTrainError FILE_ACCESS, INVALID_FILE with the line's number
 */
export async function readJournal(file: string): Promise<JournalContents | undefined> {
  const bytes = await readTextBytes(file).catch((error: unknown) => {
    if (!(error instanceof SparseTrainError)) throw error;
    if (error.code === 'FILE_NOT_FOUND') return undefined;
    throw seenFrom('the journal ', error);
  });
  if (bytes === undefined) return undefined;
  const wholeBytes = bytes.lastIndexOf(0x0a) + 1;
  // A torn line is cut off later, so the contents of a foreign file must not be mistaken for one.
  if (wholeBytes === 0 && !mayBeTornJournal(bytes))
    throw new SparseTrainError('INVALID_FILE', `${file} is not a journal; choose another name`);
  const lines = new TextDecoder().decode(bytes.subarray(0, wholeBytes)).split('\n').slice(0, -1);
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

/** How the first line of a journal begins. */
const BEGINNING = '{"type":"study"';

/** Whether a file without a whole line may be a new journal that a crash cut off. A power cut can leave zeros. */
function mayBeTornJournal(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, BEGINNING.length)).toString('latin1').replace(/\0+$/, '');
  return BEGINNING.startsWith(start);
}

/**
 * Parses and checks a line of a journal.
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
    content = parseJson(text);
  } catch (error) {
    throw new SparseTrainError(code, `${where} is not JSON; ${repairAdvice(text)}`, { cause: error });
  }
  try {
    return checkLine(content);
  } catch (error) {
    if (!(error instanceof SparseTrainError)) throw error;
    throw new SparseTrainError(
      code,
      `${where} is not a line of a journal: ${error.message}; is this a journal?`,
      {
        cause: error,
      },
    );
  }
}

/** @throws SparseTrainError INVALID_OPTION */
function checkLine(content: unknown): JournalLine {
  checkOptionsObject('a line', content);
  const line = content as Readonly<Record<string, unknown>>;
  const type = typeKind.check('type', line.type);
  checkValues(LINES[type] as Table, line);
  return content as JournalLine;
}

/**
 * How to repair a line that a failed write cut off. Earlier releases appended to such a line, so a whole line may
 * follow the fragment directly.
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
    checkLine(parseJson(text));
    return true;
  } catch {
    return false;
  }
}

/** Adds a line to the contents; returns an error text if it does not fit. */
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

/** A trial together with its result. */
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
