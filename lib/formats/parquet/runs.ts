/**
 * Checks runs of equal values and of packed bits in pages of Parquet (its format's encodings RLE and
 * RLE_DICTIONARY): hyparquet writes a run to its end, whatever the length of the page.
 */

/** Packed values come in groups, so a run may have more than the page. */
const MOST_PADDING = 512;

/** What is known of a page of data. */
export interface PageFacts {
  /** The page without compression. Of version 2, the part behind the levels. */
  readonly bytes: Uint8Array;
  readonly version: 1 | 2;
  readonly encoding: string;
  readonly isBoolean: boolean;
  /** Whether values may be missing; where they are is said by levels before the values. */
  readonly isOptional: boolean;
  /** The number of values, with those that are missing. */
  readonly count: number;
}

/** @throws Error for a run that is longer than the page; RangeError for one that is cut off */
export function checkRunsOfPage({ bytes, version, encoding, isBoolean, isOptional, count }: PageFacts): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  if (version === 1 && isOptional) {
    checkRuns(bytes.subarray(4), 1, count);
    at = 4 + view.getUint32(0, true);
  }
  if (encoding === 'RLE' && isBoolean) checkRuns(bytes.subarray(at + 4), 1, count);
  else if (/^(?:PLAIN_DICTIONARY|RLE_DICTIONARY|RLE)$/.test(encoding) && at < bytes.length)
    checkRuns(bytes.subarray(at + 1), view.getUint8(at), count);
}

/**
 * Checks runs of `count` values in all.
 *
 * @param width - bits of a value
 */
export function checkRuns(bytes: Uint8Array, width: number, count: number): void {
  let at = 0;
  for (let seen = 0; seen < count && at < bytes.length; ) {
    let header = 0;
    let byte = 0x80;
    for (let shift = 0; byte >= 0x80 && at < bytes.length; shift += 7) {
      byte = bytes[at++] as number;
      header += (byte & 0x7f) * 2 ** shift;
    }
    const isPacked = header % 2 === 1;
    const values = isPacked ? ((header - 1) / 2) * 8 : header / 2;
    if (values > count + MOST_PADDING)
      throw new Error(`a page of ${count} values is said to have a run of ${values}`);
    at += isPacked ? (values * width) / 8 : Math.ceil(width / 8);
    seen += values;
  }
}
