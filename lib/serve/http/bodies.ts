import { describeValue, nearest, SparseTrainError } from '../../base/errors.js';
import { parseUniqueJson } from '../../base/json.js';
import type { Lesson } from '../journal/record.js';

/** Numbers that JSON.parse() turns into Infinity have an exponent of three digits, or more than 300 digits. */
const MAY_OVERFLOW = /\d[eE]\+?0*\d{3}|\d{300}/;

/**
 * Parses a body or a line of one.
 *
 * @throws SparseTrainError INVALID_DATA
 */
export function parseBody(text: string): unknown {
  let value: unknown;
  try {
    value = parseUniqueJson(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch (error) {
    if (error instanceof SparseTrainError) throw error;
    throw wrong(`this is not JSON: ${(error as Error).message}`, 'send an object such as { "row": { ... } }');
  }
  if (MAY_OVERFLOW.test(text)) refuseInfinity(value, 'the body');
  return value;
}

/** JSON cannot hold Infinity, so the journal could not say what was learned. */
function refuseInfinity(value: unknown, path: string): void {
  if (value === Infinity || value === -Infinity)
    throw wrong(`${path} is a number beyond ±1.8e308`, 'leave it out');
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) refuseInfinity(inner, `field ${describeValue(key)}`);
}

/** What a POST to /predict asks for. */
export interface PredictBody {
  /** One row, or a list of them. */
  readonly rows: readonly unknown[];
  readonly isList: boolean;
  readonly tickets: boolean;
}

/** @throws SparseTrainError INVALID_DATA naming the field */
export function readPredictBody(body: unknown, label: string | undefined): PredictBody {
  const fields = fieldsOf(body, ['row', 'rows', 'tickets'], '{ "row": { ... } } or { "rows": [ ... ] }');
  const { row, rows, tickets = false } = fields;
  if (typeof tickets !== 'boolean')
    throw wrong(`"tickets" must be true or false, but it is ${describeValue(tickets)}`);
  if ((row === undefined) === (rows === undefined)) throw wrong('the body must have either "row" or "rows"');
  if (rows === undefined) return { rows: [withoutLabel(row, label)], isList: false, tickets };
  if (!Array.isArray(rows)) throw wrong(`"rows" must be a list, but it is ${describeValue(rows)}`);
  return { rows: rows.map((one) => withoutLabel(one, label)), isList: true, tickets };
}

/** What a POST to /learn asks for. */
export interface LearnBody {
  readonly lessons: readonly Lesson[];
  readonly isList: boolean;
}

/** @throws SparseTrainError INVALID_DATA naming the field */
export function readLearnBody(body: unknown, label: string | undefined): LearnBody {
  const example =
    '{ "row": { ... }, "target": ... }, { "ticket": ..., "target": ... } or { "rows": [ ... ] }';
  const { rows, ...single } = fieldsOf(body, ['row', 'target', 'ticket', 'rows'], example);
  if (rows === undefined) return { lessons: [lessonOf(single, label)], isList: false };
  const [extra] = Object.keys(single);
  if (extra !== undefined) throw wrong(`"${extra}" does not go together with "rows"`);
  if (!Array.isArray(rows)) throw wrong(`"rows" must be a list, but it is ${describeValue(rows)}`);
  const lessons = rows.map((one, i) => {
    try {
      return lessonOf(fieldsOf(one, ['row', 'target', 'ticket'], '{ "row": { ... }, "target": ... }'), label);
    } catch (error) {
      if (!(error instanceof SparseTrainError)) throw error;
      throw new SparseTrainError(error.code, `row ${i}: ${error.message}`, { cause: error });
    }
  });
  return { lessons, isList: true };
}

function lessonOf(fields: Readonly<Record<string, unknown>>, label: string | undefined): Lesson {
  const { row, ticket } = fields;
  if ((row === undefined) === (ticket === undefined)) throw wrong('there must be either "row" or "ticket"');
  if (ticket !== undefined && typeof ticket !== 'string')
    throw wrong(`"ticket" must be a text, but it is ${describeValue(ticket)}`);
  const target = fields.target ?? (ticket === undefined ? labelOf(row, label) : undefined);
  if (target === undefined || target === null) {
    const inRow = label === undefined ? '' : `, and the row has no "${label}"`;
    throw wrong(`"target" is missing${inRow}`, 'give the truth for the row');
  }
  return ticket === undefined ? { row: withoutLabel(row, label), target } : { ticket, target };
}

function labelOf(row: unknown, label: string | undefined): unknown {
  if (label === undefined || typeof row !== 'object' || row === null || !Object.hasOwn(row, label))
    return undefined;
  return (row as Record<string, unknown>)[label];
}

/** A row without the column that is predicted, which it may have. */
function withoutLabel(row: unknown, label: string | undefined): unknown {
  if (label === undefined || typeof row !== 'object' || row === null || !Object.hasOwn(row, label))
    return row;
  const { [label]: _, ...rest } = row as Record<string, unknown>;
  return rest;
}

/** The fields of an object that has no others. */
function fieldsOf(
  body: unknown,
  known: readonly string[],
  example: string,
): Readonly<Record<string, unknown>> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw wrong(`there must be an object, but it is ${describeValue(body)}`, `send ${example}`);
  for (const name of Object.keys(body)) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    throw wrong(
      `there is no field ${describeValue(name)}`,
      near === undefined ? `the fields are ${known.join(', ')}` : `did you mean "${near}"?`,
    );
  }
  return body as Readonly<Record<string, unknown>>;
}

function wrong(says: string, advice?: string): SparseTrainError {
  return new SparseTrainError('INVALID_DATA', { says, advice });
}
