import { SparseTrainError } from '../base/errors.js';
import { checkIsText } from './csv/open-text.js';

/** A line of a text. */
export interface Line {
  /** Counted from 1. */
  readonly number: number;
  /** The line without its line break. */
  readonly text: string;
  /** LF, CRLF or CR; empty at the end of the text. */
  readonly end: string;
}

/** The longest line that is accepted, in characters. */
const LONGEST = 2 ** 26;

/**
 * The lines of a UTF-8 text in groups that arrived together, so that each line can be answered at once. LF,
 * CRLF and CR end a line.
 *
 * @param name - what messages call the text
 * @throws SparseTrainError INVALID_FILE if it is not text, or a line is too long to hold
 */
export async function* readLines(
  stream: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Line[], void, void> {
  const decoder = new TextDecoder();
  let rest = '';
  let number = 0;
  let isFirst = true;
  for await (const bytes of stream) {
    if (isFirst) checkIsText(bytes, name);
    isFirst = false;
    // A CR at the end may be the first half of a CRLF.
    const texts = (rest + decoder.decode(bytes, { stream: true })).split(/(\r\n|\n|\r(?!$))/);
    rest = texts.pop() ?? '';
    const lines: Line[] = [];
    for (let i = 0; i < texts.length; i += 2)
      lines.push({ number: ++number, text: texts[i] as string, end: texts[i + 1] as string });
    if (rest.length > LONGEST) {
      throw new SparseTrainError(
        'INVALID_FILE',
        `${name}: line ${number + 1} is longer than ${LONGEST} characters`,
      );
    }
    if (lines.length > 0) yield lines;
  }
  rest = (rest + decoder.decode()).replace(/\r$/, '');
  if (rest !== '') yield [{ number: ++number, text: rest, end: '' }];
}
