import { createReadStream } from 'node:fs';
import { SparseTrainError } from '../../base/errors.js';
import { parseHeader, readRecord, type SegmentHeader } from './record.js';

/** Bytes that are read at once. */
const CHUNK = 2 ** 20;
/** The longest record: the largest body that a server may accept, and some room. */
const LONGEST_RECORD = 2 ** 28;

/** The end of a segment that has been read. */
export interface SegmentEnd {
  /** Bytes up to the end of the last whole record. */
  readonly wholeBytes: number;
  /** Bytes of an incomplete record that follows it: a write that a crash cut off. */
  readonly tornBytes: number;
}

/**
 * Reads a segment in pieces.
 *
 * @param isLast - whether a crash may have cut off its last record
 * @param onHeader - called with the header, before any lesson
 * @param onLessons - called with the JSON of lessons, in order; the next piece is read when its promise settles
 * @throws SparseTrainError INVALID_FILE naming the byte, FILE_ACCESS
 */
export async function readSegment(
  path: string,
  isLast: boolean,
  onHeader: (header: SegmentHeader) => Promise<void> | void,
  onLessons: (lessons: readonly string[]) => Promise<void>,
): Promise<SegmentEnd> {
  let position = 0;
  let wholeBytes = 0;
  let header: SegmentHeader | undefined;
  let damage: number | undefined;
  let rest: Buffer = Buffer.alloc(0);
  const lines = async (chunk: Buffer): Promise<void> => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const lessons: string[] = [];
    let start = 0;
    for (let end = bytes.indexOf(0x0a); end !== -1; end = bytes.indexOf(0x0a, start)) {
      const json = readRecord(bytes.subarray(start, end));
      if (json === undefined) damage ??= position;
      else if (damage !== undefined) throw damaged(path, damage, 'whole records follow');
      else if (header === undefined) {
        header = parseHeader(json);
        if (header === undefined) throw damaged(path, position, 'it does not begin as a journal');
        await onHeader(header);
      } else lessons.push(json);
      position += end + 1 - start;
      if (damage === undefined) wholeBytes = position;
      start = end + 1;
    }
    rest = bytes.subarray(start);
    if (rest.length > LONGEST_RECORD) throw damaged(path, position, 'a record is too long');
    if (lessons.length > 0) await onLessons(lessons);
  };
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK })) await lines(chunk as Buffer);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof SparseTrainError || code === undefined) throw error;
    throw new SparseTrainError('FILE_ACCESS', `the journal ${path} cannot be read (${code})`, {
      cause: error,
    });
  }
  const tornBytes = position + rest.length - wholeBytes;
  if (tornBytes > 0 && !isLast) throw damaged(path, wholeBytes, 'another segment follows');
  return { wholeBytes, tornBytes };
}

function damaged(path: string, position: number, why: string): SparseTrainError {
  return new SparseTrainError('INVALID_FILE', {
    says: `the journal ${path} is damaged at byte ${position}: ${why}`,
    advice: 'restore it from a copy, or begin from a snapshot in the same folder without the journal',
  });
}
