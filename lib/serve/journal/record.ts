import { crc32 } from 'node:zlib';
import { parseJson } from '../../base/json.js';
import { printableJson } from '../../base/printable.js';

/**
 * A record of a journal is a line: the CRC-32 of its JSON as eight hexadecimal digits, the length of the JSON in bytes,
 * and the JSON itself. A record that a crash cut off fails one of the two checks.
 */
export function writeRecord(json: string): string {
  return `${hex(crc32(json))} ${Buffer.byteLength(json)} ${json}`;
}

/** The JSON text of a record without its line break; undefined if the record is damaged. */
export function readRecord(line: Buffer): string | undefined {
  const [, checksum, length] = /^([0-9a-f]{8}) (\d{1,10}) /.exec(line.toString('latin1', 0, 24)) ?? [];
  if (checksum === undefined || length === undefined) return undefined;
  const json = line.subarray(checksum.length + length.length + 2);
  return json.length === Number(length) && hex(crc32(json)) === checksum ? json.toString() : undefined;
}

function hex(number: number): string {
  return number.toString(16).padStart(8, '0');
}

/** What a row was learned as: a row and its target, or the ticket of an earlier prediction and its target. */
export type Lesson =
  | { readonly row: unknown; readonly target: unknown }
  | { readonly ticket: string; readonly target: unknown };

/** A lesson in a journal. */
export interface LessonRecord {
  /** When it came, in milliseconds since 1970. */
  readonly at: number;
  readonly row?: unknown;
  readonly ticket?: string;
  readonly target: unknown;
  /** Where it came from: the stream and the id of an entry in Redis. */
  readonly from?: string;
}

/** The first record of a segment. */
export interface SegmentHeader {
  readonly format: typeof JOURNAL_FORMAT;
  readonly version: 1;
  /** The journal's UUID; snapshots of the model have the same. */
  readonly id: string;
  /** The number of the segment's first lesson, counted from 0 over all segments. */
  readonly first: number;
  readonly at: number;
}

export const JOURNAL_FORMAT = 'sparse-train-journal';

/** The JSON of a lesson. */
export function lessonJson(lesson: Lesson, at: number, from: string | undefined): string {
  const { target } = lesson;
  return printableJson(
    'ticket' in lesson ? { at, ticket: lesson.ticket, target, from } : { at, row: lesson.row, target, from },
  );
}

/** Where the lesson in a text of {@link lessonJson} came from; undefined if it does not say so. */
export function originOf(json: string): string | undefined {
  // Most lessons have none, and searching a text is faster than parsing it.
  return json.includes(',"from":"') ? parseLesson(json).from : undefined;
}

export function parseLesson(json: string): LessonRecord {
  return parseJson(json) as LessonRecord;
}

/** Checks the first record of a segment; undefined if it is not one. */
export function parseHeader(json: string): SegmentHeader | undefined {
  try {
    const header = parseJson(json) as Partial<SegmentHeader>;
    const isHeader =
      header.format === JOURNAL_FORMAT &&
      header.version === 1 &&
      typeof header.id === 'string' &&
      Number.isSafeInteger(header.first);
    return isHeader ? (header as SegmentHeader) : undefined;
  } catch {
    return undefined;
  }
}
