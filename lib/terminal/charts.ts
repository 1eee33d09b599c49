/** Charts made of characters. They have no colours; callers add them. */

const EIGHTHS_ACROSS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
const EIGHTHS_UP = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** A bar that fills a `share` (0 to 1) of `width` characters, to an eighth of a character. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(8 * width * Math.min(1, Math.max(0, share)));
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS_ACROSS[eighths % 8];
}

/** One column per value, `height` lines high, from 0 to the largest value. Values above 0 are always visible. */
export function columnChart(values: readonly number[], height: number): string[] {
  const largest = Math.max(...values);
  const eighths = values.map((value) =>
    value > 0 && largest > 0 ? Math.max(1, Math.round((8 * height * value) / largest)) : 0,
  );
  return Array.from({ length: height }, (_, line) => {
    const below = 8 * (height - 1 - line);
    return eighths.map((e) => EIGHTHS_UP[Math.min(8, Math.max(0, e - below))]).join('');
  });
}

/** The bits of a braille character's dots by column and row, and the first braille character (Unicode 1.1). */
const BRAILLE_DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;
const BRAILLE = 0x2800;

/** A curve through the values, one line of text per element, `width` x `height` characters of 2 x 4 dots. */
export function lineChart(
  values: readonly number[],
  width: number,
  height: number,
  range: readonly [low: number, high: number],
): string[] {
  const cells = Array.from({ length: height }, () => new Uint8Array(width));
  const columns = 2 * width;
  const rows = 4 * height;
  const [low, high] = range;
  let previous: number | undefined;
  for (let x = 0; x < columns; x++) {
    const position = values.length === 1 ? 0 : (x / (columns - 1)) * (values.length - 1);
    const before = values[Math.floor(position)] as number;
    const after = values[Math.ceil(position)] as number;
    const value = before + (after - before) * (position - Math.floor(position));
    const share = high > low ? (high - value) / (high - low) : 0.5;
    const y = Math.round(Math.min(1, Math.max(0, share)) * (rows - 1));
    // In steep parts, all dots between two values are drawn.
    const [from, to] =
      previous === undefined ? [y, y] : [Math.min(y, previous + 1), Math.max(y, previous - 1)];
    for (let dot = Math.min(from, y); dot <= Math.max(to, y); dot++) {
      const line = cells[dot >> 2] as Uint8Array;
      line[x >> 1] = (line[x >> 1] as number) | (BRAILLE_DOTS[(x & 1) as 0 | 1][dot & 3] as number);
    }
    previous = y;
  }
  return cells.map((line) =>
    Array.from(line, (dots) => (dots === 0 ? ' ' : String.fromCharCode(BRAILLE + dots))).join(''),
  );
}
