import { displayWidth, shorten } from '../terminal/width.js';
import { type OutputStream, paintFor } from './terminal.js';

/** The most and the fewest characters of a bar; where not even the fewest fit, there is only text. */
const LONGEST = 24;
const SHORTEST = 6;
/** Columns of a terminal that does not say how wide it is. */
const COLUMNS = 80;

/**
 * A bar and the words behind it, in one line that fits a terminal: the bar gets shorter first, then it is left out, then
 * words are, from the last.
 *
 * @param fraction - 0 to 1
 */
export function progressLine(stream: OutputStream, fraction: number, words: readonly string[]): string {
  // Some terminals wrap a line that fills all columns.
  const columns = (stream.columns || COLUMNS) - 1;
  const text = words.join('  ');
  const width = Math.min(LONGEST, columns - displayWidth(text) - 1);
  if (width < SHORTEST) {
    const fits = displayWidth(text) <= columns || words.length === 1;
    return fits ? shorten(text, columns) : progressLine(stream, fraction, words.slice(0, -1));
  }
  const paint = paintFor(stream);
  const done = Math.round(Math.min(1, fraction) * width);
  return `${paint.cyan('━'.repeat(done))}${paint.dim('─'.repeat(width - done))} ${text}`;
}
